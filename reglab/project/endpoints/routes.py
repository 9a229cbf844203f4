"""Routes of a URLconf: the path that a reader sees, the parameters with their patterns, and which paths they match."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

# Stands for a value that is not known yet; no URL has this character.
HOLE: Final = "\ue000"
_ANY_SEGMENT: Final = "[^/]+"
_ROUTE_PARAMETER: Final = re.compile(r"<(?:[^>:]+:)?([^>]+)>")
_BRACES: Final = re.compile(r"\{(\w+)\}")
_OPTIONAL_SLASH: Final = ("/?$", r"/?\Z", "/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value that a URL takes: `pattern` is the regular expression of its text."""

    name: str
    pattern: str
    converter: Any = None

    def takes(self, text: str) -> bool:
        """Return whether the URL's own pattern takes this text, and its converter as well."""
        try:
            if re.fullmatch(self.pattern, text) is None:
                return False
        except re.error:
            return True
        try:
            _ = self.converter.to_python(text) if self.converter is not None else text
        except Exception:  # noqa: BLE001  # a ValueError is Django's word for "another URL", anything else a fault
            return False
        return True

    def written(self, value: Any) -> str | None:
        """Return how the URL spells a value, or None where its converter writes no such one."""
        try:
            text = str(self.converter.to_url(value)) if self.converter is not None else ""
        except Exception:  # noqa: BLE001  # made for values of another kind
            return None
        return text if text and self.takes(text) else None


@dataclass(frozen=True, kw_only=True)
class Route:
    """One URL pattern with everything above it: `text` as Django's resolver spells it, `path` as a reader does."""

    text: str
    path: str
    parameters: tuple[Parameter, ...]
    view: Callable[..., Any]

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        patterns = iter(self.parameters)
        parts = re.split(r"(\{\w+\})", self.path)
        text = "".join(
            _with_holes(next(patterns, None)) if _BRACES.fullmatch(part) else re.escape(part) for part in parts
        )
        return re.compile(text + ("?" if self.text.endswith(_OPTIONAL_SLASH) and text.endswith("/") else ""))

    def matches(self, path: str) -> bool:
        """Return whether the route takes a path, in which HOLE stands for any value."""
        return self._matcher.fullmatch(path) is not None


def routes_of(resolver: URLResolver) -> Iterator[Route]:
    """Yield the routes below a resolver in the order in which Django tries them."""
    yield from _routes(resolver, text="", path="", parameters=())


def in_present_language(path: str) -> str:
    """Return the path that a URL in another of the project's languages has in the present one; else an empty text."""
    first, _, rest = path.lstrip("/").partition("/")
    present = LocalePrefixPattern().language_prefix
    is_other = settings.USE_I18N and first in dict(settings.LANGUAGES) and f"{first}/" != present
    return f"/{present}{rest}" if is_other else ""


def _routes(resolver: URLResolver, *, text: str, path: str, parameters: tuple[Parameter, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        here = pattern.pattern
        # As Django joins them: a route's own "^" stands at the start alone.
        text_here = text + str(here).removeprefix("^") if text else str(here)
        path_here, parameters_here = path + _shown(here), (*parameters, *_parameters(here))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, text=text_here, path=path_here, parameters=parameters_here)
        elif isinstance(pattern, URLPattern):
            shown = "/" + path_here.removeprefix("/")
            yield Route(view=pattern.callback, text=text_here, path=shown, parameters=parameters_here)


def _shown(pattern: Any) -> str:
    """Spell one pattern with its parameters in braces, "<int:pk>" and "(?P<pk>…)" alike."""
    text = str(pattern)
    if isinstance(pattern, RoutePattern):
        return _ROUTE_PARAMETER.sub(r"{\1}", text)
    if isinstance(pattern, LocalePrefixPattern):
        return text
    simple = simplify_regex(_with_braces(text))
    if not text.lstrip("^").startswith("/"):
        simple = simple.removeprefix("/")
    return re.sub(r"\\([.\-+@_/])", r"\1", simple)


def _parameters(pattern: Any) -> Iterator[Parameter]:
    if isinstance(pattern, RoutePattern):
        for name in _ROUTE_PARAMETER.findall(str(pattern)):
            converter = pattern.converters.get(name)
            yield Parameter(name=name, pattern=getattr(converter, "regex", _ANY_SEGMENT), converter=converter)
    elif not isinstance(pattern, LocalePrefixPattern):
        yield from (parameter for parameter, _, _ in _groups(str(pattern)))


def _with_braces(regex: str) -> str:
    """Put names in braces where a regular expression has groups that capture."""
    text, position = "", 0
    for parameter, start, end in _groups(regex):
        text += regex[position:start] + "{" + parameter.name + "}"
        position = end
    return text + regex[position:]


def _groups(regex: str) -> Iterator[tuple[Parameter, int, int]]:
    """Yield the outermost groups of a regular expression that capture something, with where they begin and end."""
    position = 0
    while position < len(regex):
        character = regex[position]
        if character == "\\":
            position += 2
        elif character == "[":
            position = _end_of_class(regex, position)
        elif character == "(" and not regex.startswith(("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?#"), position):
            end = _end_of_group(regex, position)
            named = re.match(r"\(\?P<(\w+)>", regex[position:])
            start = position + (named.end() if named else 1)
            name = named[1] if named else "var"
            yield Parameter(name=name, pattern=regex[start : end - 1]), position, end
            position = end
        else:
            position += 1


def _end_of_group(regex: str, start: int) -> int:
    """Return the place behind the parenthesis that closes the one at `start`."""
    depth, position = 0, start
    while position < len(regex):
        character = regex[position]
        if character == "\\":
            position += 1
        elif character == "[":
            position = _end_of_class(regex, position) - 1
        depth += (character == "(") - (character == ")")
        position += 1
        if not depth:
            break
    return position


def _end_of_class(regex: str, start: int) -> int:
    """Return the place behind the bracket that closes the character class at `start`."""
    position = start + 1
    # A bracket that comes first is a character of the class.
    position += regex.startswith("^", position)
    position += regex.startswith("]", position)
    while position < len(regex) and regex[position] != "]":
        position += 2 if regex[position] == "\\" else 1
    return position + 1


def _with_holes(parameter: Parameter | None) -> str:
    pattern = parameter.pattern if parameter else _ANY_SEGMENT
    try:
        re.compile(pattern)
    except re.error:
        pattern = _ANY_SEGMENT
    # Names inside would meet those of a pattern that stands twice.
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    between = ".*" if re.fullmatch(pattern, "a/b") else "[^/]*"
    return f"(?:{HOLE}|{pattern}|{between}{HOLE}{between})"
