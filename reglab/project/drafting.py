"""A first suite file for a project that has none: its GETs bound to first rows, the rest as waivers to fill in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import tomlkit
from django.apps import apps
from django.db.models import Model

from reglab.errors import AuditError
from reglab.project.endpoints.discovery import Endpoint, Endpoints

DATASET: Final = "reglab.project.data.sample_data:build"
ROWS: Final = (4, 16)
LEFT_OUT: Final = ("/admin/*", "/static/*", "/media/*", "/__debug__/*", "/silk/*")
TO_FILL_IN: Final = "TO FILL IN: drafted; write a scenario with its write-set, or say why nobody needs one."
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_KEYS: Final = frozenset({"pk", "id"})


def write_draft(path: Path) -> int:
    """Write the draft and return the number of its scenarios. Raises AuditError where a file is there already."""
    if path.exists():
        raise AuditError(f"{path}: there is a suite already; a draft never replaces one (name another with --suite)")
    endpoints = [
        one for one in Endpoints().all if not one.path.startswith(tuple(glob.rstrip("*") for glob in LEFT_OUT))
    ]
    text, count = _draft(endpoints)
    path.write_text(text, encoding="utf-8")
    return count


def _draft(endpoints: list[Endpoint]) -> tuple[str, int]:
    document = tomlkit.document()
    document.add(tomlkit.comment("Drafted by discovery. Each GET runs on baked rows at two sizes; read the waivers."))
    document["schema_version"] = 1
    document["dataset"] = DATASET
    document["axes"] = {"rows": {"sizes": list(ROWS)}}
    bindings: dict[str, Any] = {}
    scenarios, waivers = tomlkit.aot(), tomlkit.aot()
    for endpoint in endpoints:
        request = _request(endpoint, bindings) if endpoint.method == "GET" else None
        if request:
            scenarios.append(tomlkit.item({"name": _name(endpoint), "request": request}))
        else:
            waivers.append(
                tomlkit.item({"endpoint": endpoint.path, "methods": [endpoint.method], "reason": TO_FILL_IN})
            )
    for glob in LEFT_OUT:
        if any(one.path.startswith(glob.rstrip("*")) for one in Endpoints().all):
            waivers.append(
                tomlkit.item({"endpoint": glob, "reason": "Django's or a tool's own pages, for staff alone."})
            )
    document["bindings"] = bindings
    document["scenario"] = scenarios
    document["waiver"] = waivers
    return tomlkit.dumps(document), len(scenarios)


def _request(endpoint: Endpoint, bindings: dict[str, Any]) -> str | None:
    """Bind each parameter of a path to the first row of the model that the view or the parameter speaks of."""
    path = endpoint.path
    for name in _PARAMETER.findall(endpoint.path):
        found = _binding(name, endpoint)
        if found is None:
            return None
        key, binding = found
        bindings[key] = binding
        path = path.replace("{" + name + "}", "{" + key + "}", 1)
    return f"GET {path}"


def _binding(name: str, endpoint: Endpoint) -> tuple[str, dict[str, Any]] | None:
    model = _model_of(endpoint) if name in _KEYS else _model_called(name) or _model_of(endpoint)
    if model is None:
        return None
    field = "pk" if name in _KEYS or not hasattr(model, name) else name
    meta = model._meta  # noqa: SLF001  # Django's public name for it
    key = meta.model_name if field == "pk" else f"{meta.model_name}_{field}"
    return str(key), {"model": meta.label, **({"field": field} if field != "pk" else {})}


def _model_of(endpoint: Endpoint) -> type[Model] | None:
    """Return the model of a view: its queryset's, its `model`, or the one that its path names."""
    cls = getattr(endpoint.view, "cls", None) or getattr(endpoint.view, "view_class", None)
    queryset = getattr(cls, "queryset", None)
    model = getattr(queryset, "model", None) or getattr(cls, "model", None)
    if model is not None:
        return model  # type: ignore[no-any-return]
    words = [word for word in endpoint.path.split("/") if word and not word.startswith("{")]
    return next((found for word in reversed(words) if (found := _model_called(word))), None)


def _model_called(word: str) -> type[Model] | None:
    """Return the model of that name, in singular or plural ("authors", "author_id")."""
    wanted = re.sub(r"_(id|pk)$", "", word.lower()).replace("-", "").replace("_", "")
    for model in apps.get_models():
        meta = model._meta  # noqa: SLF001  # Django's public name for it
        plural = str(meta.verbose_name_plural).replace(" ", "").lower()
        if wanted in {meta.model_name, f"{meta.model_name}s", plural}:
            return model
    return None


def _name(endpoint: Endpoint) -> str:
    words = [word.strip("{}") for word in re.split(r"[^\w{}]+", endpoint.path) if word.strip("{}")]
    return "-".join(["get", *words]).lower().replace("_", "-") if words else "get-root"


def drafted_names(path: Path) -> Iterator[str]:
    """Return the scenarios' names of a draft, for messages."""
    yield from (str(one["name"]) for one in tomlkit.parse(path.read_text(encoding="utf-8")).get("scenario", []))
