"""Values for the parameters of a URL: rows of the dataset that the URL's own pattern takes, or a value of its kind."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any, Final
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, DateField, ForeignKey, Model, SlugField

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.examples import example_of
from reglab.project.data.baking.people import user_model
from reglab.project.drafting.lookups import looked_up_by
from reglab.project.drafting.view_models import class_of, model_called, models_named_in_path, models_of, words_of_code
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.routes import Parameter
from reglab.project.requests.binding import rows_of

_COMBINATIONS_MAX: Final = 8
_CANDIDATES_MAX: Final = 6
_PLACES_MAX: Final = 6**4
_KEYS: Final = frozenset({"pk", "id", "object_id", "uuid", "guid", "var"})
_KEY_ENDINGS: Final = ("_id", "_pk", "_uuid")
_ROWS_TRIED: Final = 3
_MODELS_MAX: Final = 4
_WORDS_OF_CODE_MAX: Final = 4
_APP: Final = re.compile(r"(^|_)app(_?(label|name))?$")
_MODEL: Final = re.compile(r"(^|_)model(_?name)?$")
_DATE_PARTS: Final = frozenset({"year", "month", "day"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One value for a parameter: a binding of the suite by its name, or, where `binding` is None, a literal text."""

    key: str
    binding: Mapping[str, Any] | None
    text: str

    @property
    def in_path(self) -> str:
        """How the suite spells it."""
        return "{" + self.key + "}" if self.binding is not None else quote(self.text, safe="/")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPath:
    """A path with every parameter bound: as the suite writes it, as it is sent, and the bindings that it needs."""

    written: str
    sent: str
    bindings: Mapping[str, Mapping[str, Any]]


def bound_paths(endpoint: Endpoint) -> Iterator[BoundPath]:
    """Yield paths for an endpoint, the likeliest first; none where some parameter has no value."""
    candidates = [
        list(islice(_distinct(_candidates(parameter, endpoint, place)), _CANDIDATES_MAX))
        for place, parameter in enumerate(endpoint.parameters)
    ]
    for chosen in islice(chain(_of_named_models(endpoint, candidates), _likeliest(candidates)), _COMBINATIONS_MAX):
        written, sent = endpoint.path, endpoint.path
        for parameter, bound in zip(endpoint.parameters, chosen, strict=True):
            hole = "{" + parameter.name + "}"
            # Marked, so that a name that was put in is not taken for the next parameter.
            written = written.replace(hole, bound.in_path.replace("{", "\0").replace("}", "\1"), 1)
            sent = sent.replace(hole, quote(bound.text, safe="/"), 1)
        yield BoundPath(
            written=written.replace("\0", "{").replace("\1", "}"),
            sent=sent,
            bindings={bound.key: bound.binding for bound in chosen if bound.binding is not None},
        )


def _likeliest(candidates: list[list[Bound]]) -> Iterator[tuple[Bound, ...]]:
    """Yield a value for each parameter, those first whose places among their candidates are the foremost together."""
    places = islice(product(*(range(len(found)) for found in candidates)), _PLACES_MAX)
    for chosen in sorted(places, key=lambda each: (sum(each), each)):
        yield tuple(found[place] for found, place in zip(candidates, chosen, strict=True))


def _of_named_models(endpoint: Endpoint, candidates: list[list[Bound]]) -> Iterator[tuple[Bound, ...]]:
    """Yield values for a URL that names a model by its app and its name: the two together, and a key of that model."""
    names = [parameter.name for parameter in endpoint.parameters]
    app = next((place for place, name in enumerate(names) if _APP.search(name)), None)
    named = next((place for place, name in enumerate(names) if _MODEL.search(name)), None)
    if app is None or named is None:
        return
    for model in islice(models_named_in_path(endpoint), _MODELS_MAX):
        meta = model._meta  # noqa: SLF001  # Django's public name for it
        key = binding_of(model)
        chosen = {app: [_literal(meta.app_label)], named: [_literal(str(meta.model_name))]}
        chosen |= {place: [key] for place, name in enumerate(names) if name in _KEYS and key is not None}
        yield from islice(product(*(chosen.get(place, found) for place, found in enumerate(candidates))), 1)


def _literal(text: str) -> Bound:
    return Bound(key=text, binding=None, text=text)


def binding_of(model: type[Model], field: str = "pk", *, index: int = 0) -> Bound | None:
    """Return a row's value of a field, or None where the model has no such row or the field no value."""
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    value: Any = next(iter(rows_of(model, filters={}, index=index)), None)
    for part in field.split("__"):
        value = getattr(value, part, None)
    if value is None or value == "" or callable(value) or isinstance(value, Model):
        return None
    label = meta.label
    name = str(meta.model_name) if _is_only_of_its_name(model) else f"{meta.app_label}_{meta.model_name}"
    key = name if field == "pk" else f"{name}_{field}"
    key += f"_{index + 1}" if index else ""
    binding: dict[str, Any] = {"model": label} | ({"field": field} if field != "pk" else {})
    binding |= {"index": index} if index else {}
    return Bound(key=key.lower(), binding=binding, text=str(value))


def _is_only_of_its_name(model: type[Model]) -> bool:
    """Return whether no other app has a model of this name: bindings of both would meet."""
    name = model._meta.model_name  # noqa: SLF001  # Django's public name for it
    return sum(1 for one in apps.get_models() if one._meta.model_name == name) == 1  # noqa: SLF001


def _distinct(found: Iterator[Bound]) -> Iterator[Bound]:
    seen: set[tuple[str, bool]] = set()
    for one in found:
        if (one.key, one.binding is None) not in seen:
            seen.add((one.key, one.binding is None))
            yield one


def _candidates(parameter: Parameter, endpoint: Endpoint, place: int) -> Iterator[Bound]:
    fields = list(dict.fromkeys(_fields(parameter, endpoint, place)))
    # The first row may be one that nobody is meant to see: the root of a tree, the caller himself.
    for model, field, index in ((*one, index) for index in range(_ROWS_TRIED) for one in fields):
        bound = binding_of(model, field, index=index)
        if bound is not None and parameter.takes(bound.text):
            yield bound
    for text in (*_literals(parameter), *words_of_code(endpoint, _WORDS_OF_CODE_MAX), *_examples(parameter)):
        if parameter.takes(text):
            yield _literal(text)


def _fields(parameter: Parameter, endpoint: Endpoint, place: int) -> Iterator[tuple[type[Model], str]]:
    """Yield the models and fields that a parameter of this name may speak of."""
    name = parameter.name
    models = list(models_of(endpoint))
    is_last = place == len(endpoint.parameters) - 1
    for model in models if is_last else ():
        yield from _lookup_of_view(name, endpoint, model)
    called = model_called(name) if name not in _KEYS else None
    if not is_last and called is not None and models:
        # The parent of the row that the last parameter binds, so that both belong together.
        for key in _keys_to(models[0], called):
            yield from ((models[0], f"{key}__{field}") for field in _names_of_a_row(called, parameter))
    about = [called, *models[:3]] if called else models[:3]
    yield from ((model, field) for field in looked_up_by(endpoint, name) for model in about if _has_path(model, field))
    yield from _of_called(called, parameter) if called is not None else ()
    for model in models[:3]:
        # A name that speaks of one model says that the key is not another's.
        yield from _of_model(name, model, is_last=(is_last or len(models) == 1) and called in {None, model})
    # The word before a parameter names its model: "authors/{pk}/books/{pk}/".
    before = endpoint.path.split("{" + name + "}")[0].rstrip("/").rpartition("/")[2]
    if (neighbour := model_called(before)) is not None:
        yield from _of_model(name, neighbour, is_last=True)
    for model in apps.get_models():
        if name not in _KEYS and _has_field(model, name) and model.__module__.partition(".")[0] != "django":
            yield model, name


def _of_called(called: type[Model], parameter: Parameter) -> Iterator[tuple[type[Model], str]]:
    if called is user_model() and parameter.name.endswith("name"):
        yield called, str(getattr(called, "USERNAME_FIELD", "username"))
    yield from ((called, field) for field in _names_of_a_row(called, parameter))


def _lookup_of_view(name: str, endpoint: Endpoint, model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    cls = class_of(endpoint.view)
    field = getattr(cls, "lookup_field", None)
    if field and name in {getattr(cls, "lookup_url_kwarg", None), field} and _has_path(model, field):
        yield model, field
    if name == getattr(cls, "slug_url_kwarg", None) and _has_field(model, getattr(cls, "slug_field", "slug")):
        yield model, cls.slug_field
    if name == getattr(cls, "pk_url_kwarg", None):
        yield model, "pk"


def _of_model(name: str, model: type[Model], *, is_last: bool) -> Iterator[tuple[type[Model], str]]:
    if name in _DATE_PARTS:
        dates = [one.name for one in model._meta.concrete_fields if isinstance(one, DateField)]  # noqa: SLF001
        yield from ((model, f"{date}__{name}") for date in dates)
    if _has_field(model, name) and name not in {"pk", "id"}:
        field = model._meta.get_field(name)  # noqa: SLF001  # Django's public name for it
        yield model, f"{name}__pk" if isinstance(field, ForeignKey) else name
    if name in _KEYS or (is_last and name.endswith(_KEY_ENDINGS)):
        yield model, "pk"
        yield from ((model, field) for field in ("uuid", "guid") if _has_field(model, field))
    if "slug" in name and _has_field(model, "slug"):
        yield model, "slug"
    if name == "username":
        yield model, str(getattr(model, "USERNAME_FIELD", "username"))


def _keys_to(model: type[Model], other: type[Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(field, ForeignKey) and issubclass(other, field.remote_field.model):
            yield field.name


def _names_of_a_row(model: type[Model], parameter: Parameter) -> Iterator[str]:
    """Yield the fields that a URL may name a row by: first by a slug where it takes letters and asks for no key."""
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    texts = [one.name for one in fields if isinstance(one, SlugField)]
    texts += [name for name in ("slug", "uuid", "name", "code") if _has_field(model, name)]
    texts += [one.name for one in fields if isinstance(one, CharField) and one.unique]
    asks_for_key = parameter.name in _KEYS or parameter.name.endswith(_KEY_ENDINGS)
    is_of_letters = parameter.takes("a-b") and not asks_for_key
    yield from dict.fromkeys((*texts, "pk") if is_of_letters else ("pk", *texts))


def _has_field(model: type[Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).concrete)  # noqa: SLF001  # Django's public name for it
    except (FieldDoesNotExist, AttributeError):
        return False


def _has_path(model: type[Model], field: str) -> bool:
    return field == "pk" or _has_field(model, field.split("__", maxsplit=1)[0])


def _literals(parameter: Parameter) -> Iterator[str]:
    """Yield values of the parameter's kind, told by its name."""
    name = parameter.name.lower()
    clock = DEFAULT_CLOCK
    by_name = {
        "year": [str(clock.year)],
        "month": [str(clock.month), f"{clock.month:02d}", "jun"],
        "day": [str(clock.day), f"{clock.day:02d}"],
        "week": ["24"],
        "date": [clock.date().isoformat()],
        "version": ["v1", "1.0", "1", "v2"],
        "format": ["json", "html"],
        "lang": [settings.LANGUAGE_CODE, "en"],
        "language": [settings.LANGUAGE_CODE, "en"],
        "page": ["1"],
    }
    for word, texts in by_name.items():
        if word == name or name.endswith(f"_{word}"):
            yield from texts


def _examples(parameter: Parameter) -> Iterator[str]:
    """Yield whatever the parameter's pattern takes; nothing at all last."""
    if parameter.pattern == "[0-9]+":
        yield "1"
        return
    # Of a converter of the project's own only it knows how a day, or a moment, is spelled.
    yield from filter(None, map(parameter.written, (DEFAULT_CLOCK.date(), DEFAULT_CLOCK)))
    yield DEFAULT_CLOCK.date().isoformat()
    yield from filter(None, (example_of(parameter.pattern), example_of(parameter.pattern, is_full=True)))
    yield ""
