"""Every endpoint × method of a project's URLconf, Django REST Framework's or plain Django's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admindocs.views import simplify_regex
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver

from reglab.project.endpoints.view_methods import accepted_methods

View = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One URL pattern with a method that its view answers; `path` shows parameters in braces."""

    method: str
    path: str
    route: str
    view: View

    @property
    def name(self) -> str:
        """The endpoint as records call it: "POST /api/orders/{pk}/cancel/"."""
        return f"{self.method} {self.path}"


class Endpoints:
    """The endpoints of the project whose settings are loaded."""

    @cached_property
    def all(self) -> tuple[Endpoint, ...]:
        """Every endpoint, sorted by path and method; DRF's doubles for format suffixes are left out."""
        found = {
            (endpoint.path, endpoint.method): endpoint
            for pattern, route in _patterns(get_resolver(), "")
            for endpoint in _endpoints_of(pattern, route)
            if not endpoint.path.rstrip("/").endswith(("{format}", ".{format}"))
        }
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def paths(self) -> MappingProxyType[str, str]:
        """The path of each route, as Django's resolver spells routes."""
        return MappingProxyType({endpoint.route: endpoint.path for endpoint in self.all})

    def path_of(self, url: str) -> str | None:
        """Return the endpoint's path that answers `url`, or None where the URLconf has none."""
        try:
            match = get_resolver().resolve(urlsplit(url).path)
        except Resolver404:
            return None
        return self.paths.get(match.route) or _shown(match.route)


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[URLPattern, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route)
        else:
            yield pattern, route


def _endpoints_of(pattern: URLPattern, route: str) -> Iterator[Endpoint]:
    for method in accepted_methods(pattern.callback):
        yield Endpoint(method=method, path=_shown(route), route=route, view=pattern.callback)


def _shown(route: str) -> str:
    """Spell a route or regular expression as a path with parameters in braces, "<int:pk>" and "(?P<pk>…)" alike."""
    simple = simplify_regex(route).replace("\\.", ".").replace("\\-", "-")
    return "".join("{" + part.rpartition(":")[2] if opened else part for opened, part in _split_parameters(simple))


def _split_parameters(path: str) -> Iterator[tuple[bool, str]]:
    is_open = False
    text = ""
    for character in path:
        if character in "<>":
            yield is_open, text + ("}" if character == ">" else "")
            is_open, text = character == "<", ""
        else:
            text += character
    yield is_open, text
