"""The model that a view is about: its queryset's, its form's, its serializer's, or the one that its path names."""

import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import operations_of, reached_functions

_WORD: Final = re.compile(r"^[a-z][a-z0-9_-]{1,20}$")
_KEY_ENDING: Final = re.compile(r"_(id|pk|slug|uuid|name|code|number|username)$")
_CAMEL: Final = re.compile(r"[A-Z][a-z0-9]+")


def class_of(view: Any) -> Any:
    """Return the class of a class-based view or view set, or None."""
    return getattr(view, "cls", None) or getattr(view, "view_class", None)


def model_of(endpoint: Endpoint) -> type[Model] | None:
    """Return the model that an endpoint is about, or None where nothing names one."""
    return next(models_of(endpoint), None)


def models_of(endpoint: Endpoint) -> Iterator[type[Model]]:
    """Yield the models that an endpoint may be about, the likeliest first."""
    yield from dict.fromkeys(_candidates(endpoint))


def _candidates(endpoint: Endpoint) -> Iterator[type[Model]]:
    cls = class_of(endpoint.view)
    admin = _model_admin(endpoint.view)
    if admin is not None:
        yield admin.model
    for holder in (
        getattr(cls, "queryset", None),
        cls,
        getattr(getattr(cls, "serializer_class", None), "Meta", None),
        getattr(getattr(cls, "form_class", None), "Meta", None),
        getattr(getattr(cls, "form_class", None), "_meta", None),
    ):
        model: Any = getattr(holder, "model", None)
        if _is_model(model):
            yield model
    words = [word for word in endpoint.path.split("/") if word and not word.startswith("{")]
    app_label = _app_label(endpoint.view)
    for word in reversed(words):
        if (found := model_called(word, app_label=app_label)) is not None:
            yield found
    yield from _named_in_code(endpoint.view)


def _named_in_code(view: Any) -> Iterator[type[Model]]:
    """Yield the models that a view's code names."""
    cls = class_of(view)
    functions = list(reached_functions(view))
    for name in ("get_queryset", "get", "get_object", "list", "retrieve", "dispatch", "post"):
        functions.extend(reached_functions(getattr(cls, name)) if hasattr(cls, name) else ())
    for operation in operations_of(view):
        functions.extend(reached_functions(getattr(operation, "view_func", None)))
    for function in functions:
        for name in function.__code__.co_names:
            found: Any = function.__globals__.get(name)
            if _is_model(found):
                yield found


def classes_named_in_code(endpoint: Endpoint, is_wanted: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield what the code that answers an endpoint's method names and `is_wanted` takes.

    It is named alone, by its module, or as a part of the view's class: `OrderForm(request.POST)`,
    `serializers.Order(data=request.data)`, `self.Input(data=request.data)`.
    """
    cls = class_of(endpoint.view)
    actions = getattr(endpoint.view, "actions", None) or {}
    handler = getattr(cls, actions.get(endpoint.method.lower(), endpoint.method.lower()), None)
    for function in reached_functions(handler or endpoint.view):
        names = function.__code__.co_names
        known = {name: function.__globals__[name] for name in names if name in function.__globals__}
        holders = [cls, *(one for one in known.values() if isinstance(one, ModuleType))]
        for name in names:
            found = (known.get(name), *(getattr(holder, name, None) for holder in holders))
            yield from (one for one in found if is_wanted(one))


def models_named_in_path(endpoint: Endpoint) -> Iterator[type[Model]]:
    """Yield the models that the words of a path speak of, those derived from one before it, then the project's."""
    words = [word for word in endpoint.path.split("/") if word and not word.startswith("{")]
    named = list(filter(None, (model_called(word) for word in reversed(words))))
    derived = (one for model in named for one in apps.get_models() if issubclass(one, model) and one is not model)
    own = (one for one in apps.get_models() if not one.__module__.startswith("django."))
    yield from dict.fromkeys((*derived, *named, *own))


def words_of_code(endpoint: Endpoint, limit: int) -> list[str]:
    """Return short words that the code of an endpoint has: those first that it looks its parameters up in."""
    cls = class_of(endpoint.view)
    handlers = (getattr(cls, name, None) for name in (endpoint.method.lower(), "dispatch", "get_queryset"))
    views = [endpoint.view] if cls is None else [one for one in handlers if one is not None]
    constants = [one for view in views for code in reached_functions(view) for one in code.__code__.co_consts]
    groups = [sorted(one, key=str) for one in constants if isinstance(one, tuple | frozenset)]
    found = [one for group in (*groups, constants) for one in group if isinstance(one, str) and _WORD.match(one)]
    return list(dict.fromkeys(found))[:limit]


def _model_admin(view: Any) -> Any:
    """Return the ModelAdmin behind a view of Django's admin, or None."""
    for function in (view, getattr(view, "__wrapped__", None)):
        admin = getattr(function, "model_admin", None) or getattr(function, "__self__", None)
        if hasattr(admin, "list_display") and _is_model(getattr(admin, "model", None)):
            return admin
    return None


model_admin_of = _model_admin


def _app_label(view: Any) -> str:
    module = getattr(class_of(view) or view, "__module__", "") or ""
    config = apps.get_containing_app_config(module)
    return config.label if config else ""


def model_called(word: str, *, app_label: str = "") -> type[Model] | None:
    """Return the model of that name, in singular or plural ("authors", "author_id"); `app_label`'s own first."""
    wanted = _plain(_KEY_ENDING.sub("", word.lower()))
    found = []
    for model in apps.get_models():
        meta = model._meta  # noqa: SLF001  # Django's public name for it
        names = {str(meta.model_name), _plain(str(meta.verbose_name)), _plain(str(meta.verbose_name_plural))}
        if wanted in names or wanted in {_plural(name) for name in names}:
            found.append(model)
    if not found:
        # "documents" below an application are its HutDocument, where it has no other of that word.
        others = (one for one in apps.get_models() if not one.__module__.startswith("django."))
        short = [one for one in others if wanted in {last := _last_word(one), _plural(last)}]
        own = [one for one in short if one._meta.app_label == app_label] or short  # noqa: SLF001
        return own[0] if len(own) == 1 else None
    found.sort(key=lambda model: (model._meta.app_label != app_label, model.__module__.startswith("django.")))  # noqa: SLF001
    return found[0]


def _last_word(model: type[Model]) -> str:
    """Return the last word of a class's name, "document" of HutDocument; nothing where it is the only one."""
    words = _CAMEL.findall(model.__name__)
    return words[-1].lower() if len(words) > 1 else ""


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _plural(name: str) -> str:
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}es" if name.endswith(("s", "x", "ch")) else f"{name}s"


def _is_model(found: Any) -> bool:
    # `Model` itself has no `_meta`; decorators that check rows name it.
    meta = getattr(found, "_meta", None) if isinstance(found, type) and issubclass(found, Model) else None
    return meta is not None and not meta.abstract
