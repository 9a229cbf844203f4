"""Drafts a load module from the audit's suite: reads from its GETs, writes from its writing scenarios.

What can be drafted is what the suite and the models say: a row needs a text field that can carry the run's id, and a
path of its own to be read back by. What cannot is named in the draft with its reason.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from reglab.config.suite import Scenario, Suite
from reglab.config.suite_parts import Step

ROWS: Final = 10
_BINDING: Final = re.compile(r"{(\w+)}")
HEAD: Final = '''"""Load of this project, drafted by `reglab load init` from the suite: review the effects."""

from random import Random

from reglab.load.operations import Effect, Kind, Load, Operation, Preparer, Request
from reglab.load.pool import Pool
'''


@dataclass(slots=True, kw_only=True)
class DraftKind:
    """A kind of row that a load can make: its table, its path, the fields that carry the run's id."""

    name: str
    model: type[models.Model]
    path: str
    creation: Scenario
    marked: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Draft:
    """The parts of a module, and what was left out with its reason."""

    suite: Suite
    kinds: list[DraftKind] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def module(self) -> str:
        """Return the module's text."""
        left = "".join(f"# Not drafted: {name}: {reason}\n" for name, reason in self.left_out.items())
        data = {f"{kind.name}s": ROWS for kind in self.kinds}
        kinds = "".join(f"{_upper(kind.name)}, " for kind in self.kinds)
        load = f"LOAD = Load(kinds=({kinds}), operations=OPERATIONS, data={data!r}, prepare=prepare)"
        operations = "OPERATIONS = {\n" + "".join(self.operations) + "}"
        kind_texts = [_kind_text(kind) for kind in self.kinds]
        parts = [HEAD, *kind_texts, *self.functions, self._prepare(), operations, load]
        return "\n\n".join(part.strip("\n") for part in parts) + "\n" + (f"\n{left}" if left else "")

    def _prepare(self) -> str:
        lines = [
            f'    pool.shared["{kind.name}s"] = [\n        preparer.make({_snake(kind.creation.name)}(pool, draw)) '
            f'for _ in range(preparer.data["{kind.name}s"])\n    ]'
            for kind in self.kinds
        ]
        body = "\n".join(["    pool, draw = preparer.pool, preparer.draw", *lines]) if lines else "    del preparer"
        return f"def prepare(preparer: Preparer) -> None:\n{body}"


def drafted(suite: Suite) -> Draft:
    """Draft a module from a suite."""
    draft = Draft(suite=suite)
    for scenario in suite.scenario:
        if (kind := _kind_of_creation(suite, scenario)) and all(one.model is not kind.model for one in draft.kinds):
            draft.kinds.append(kind)
    for scenario in suite.scenario:
        reason = _refusal(draft, scenario)
        if reason:
            draft.left_out[scenario.name] = reason
            continue
        text, operation = _operation(draft, scenario)
        draft.functions.append(text)
        draft.operations.append(operation)
        draft.names.append(scenario.name)
    return draft


def _kind_of_creation(suite: Suite, scenario: Scenario) -> DraftKind | None:
    """Return the kind that a scenario makes, where one of it can be read back and carry the run's id."""
    if len(scenario.all_steps) != 1 or scenario.all_steps[0].method != "POST" or not isinstance(scenario.body, dict):
        return None
    if scenario.status >= 300 or any(isinstance(one, str) and _BINDING.search(one) for one in scenario.body.values()):
        return None  # what it names would have to be made first
    made = {table for table, writes in scenario.writes.items() if writes.insert}
    for name, binding in suite.bindings.items():
        model = apps.get_model(binding.model)
        path = next((one for one in _detail_paths(suite) if _BINDING.findall(one) == [name]), "")
        marked = tuple(key for key, value in scenario.body.items() if _is_free_text(model, key, value))
        if model._meta.db_table in made and path and marked:  # noqa: SLF001  # Django's documented way
            columns = _columns(model)
            plain = {key: value for key, value in scenario.body.items() if key in columns and _is_plain(value)}
            plain |= _changed_elsewhere(suite, model)
            return DraftKind(
                name=model._meta.model_name or name,  # noqa: SLF001
                model=model,
                path=_BINDING.sub("{id}", path),
                creation=scenario,
                marked=marked,
                fields=tuple(plain),
            )
    return None


def _changed_elsewhere(suite: Suite, model: type[models.Model]) -> dict[str, Any]:
    """Return the fields of a model that some scenario changes, and that an answer may be expected to show."""
    table = model._meta.db_table  # noqa: SLF001  # Django's documented way
    columns = _columns(model)
    return {
        key: value
        for scenario in suite.scenario
        if scenario.writes.get(table) and isinstance(scenario.body, dict) and scenario.writes[table].update
        for key, value in scenario.body.items()
        if key in columns and _is_plain(value)
    }


def _columns(model: type[models.Model]) -> frozenset[str]:
    """Return the names of a model's own fields: what else a body holds, no row can show."""
    return frozenset(one.name for one in model._meta.get_fields() if isinstance(one, models.Field))  # noqa: SLF001


def _detail_paths(suite: Suite) -> Iterator[str]:
    for scenario in suite.scenario:
        step = scenario.all_steps[0]
        if step.method == "GET" and step.status == 200 and step.path.rstrip("/").endswith("}"):
            yield step.path


def _refusal(draft: Draft, scenario: Scenario) -> str:
    """Say why a scenario cannot be drafted, nothing where it can."""
    step = scenario.all_steps[0]
    names = [name for name in _BINDING.findall(step.path) if name not in draft.suite.axes]
    missing = [name for name in names if _kind_of_binding(draft, name) is None]
    if len(scenario.all_steps) != 1 or step.status >= 300:
        return "several steps, or an answer that is no success"
    if missing:
        return f"no drafted write makes the row {{{missing[0]}}}: declare a kind for it"
    if step.method == "GET" or any(kind.creation is scenario for kind in draft.kinds):
        return ""
    return _refusal_of_change(_kind_of_binding(draft, names[0]) if names else None, step)


def _refusal_of_change(kind: DraftKind | None, step: Step) -> str:
    if kind is None:
        return "what it makes has no text of its own to carry the run's id, no path of its own, or names other rows"
    is_known = step.method == "DELETE" or _changed(kind, step.body)
    return "" if is_known else "its body sets no field that is read back: write its effect by hand"


def _operation(draft: Draft, scenario: Scenario) -> tuple[str, str]:
    """Return the function that builds a scenario's request, and its line among the operations."""
    step, name = scenario.all_steps[0], _snake(scenario.name)
    head, writes, otherwise = f"def {name}(pool: Pool, draw: Random) -> Request:", "", ""
    kind = next((one for one in draft.kinds if one.creation is scenario), None)
    path = _filled_axes(draft.suite, step.path)
    bound = _BINDING.findall(path)
    if step.method == "GET":
        row = _kind_of_binding(draft, bound[0]) if bound else None
        chosen = f'    row = pool.choose("{row.name}s", draw)\n' if row else ""
        text = f'{head}\n{chosen}    return Request(method="GET", path={_path_text(path)})'
    elif kind is not None:
        text = f"{head}\n{_creation(kind, path, step)}"
        writes = ", writes=True"
    else:
        row = _kind_of_binding(draft, bound[0])
        assert row is not None  # noqa: S101  # refused before
        text = f"{head.replace('Request:', 'Request | None:')}\n{_change(row, path, step)}"
        writes, otherwise = ", writes=True", f', otherwise="{row.creation.name}"'
    endpoint = f"{step.method} {path.partition('?')[0]}"
    line = f'    "{scenario.name}": Operation(endpoint="{endpoint}", request={name}{writes}{otherwise}),\n'
    return text, line


def _creation(kind: DraftKind, path: str, step: Step) -> str:
    values = ", ".join(f'"{key}": {_value(kind, key, value)}' for key, value in step.body.items())
    way = "form" if "form" in step.content_type else "json"
    fields = "{" + ", ".join(f'"{key}": values["{key}"]' for key in kind.fields if key in step.body) + "}"
    return (
        f"    key = pool.next_key()\n    values = {{{values}}}\n"
        f'    effect = Effect(kind="{kind.name}", change="create", key=key, fields={fields}, keep="{kind.name}s")\n'
        f'    return Request(method="POST", path="{path}", {way}=values, effects=(effect,))'
    )


def _change(kind: DraftKind, path: str, step: Step) -> str:
    take = f'    row = pool.take("{kind.name}s", draw)\n    if row is None:\n        return None\n'
    target = f'f"{_BINDING.sub("{row.id}", path)}"'
    if step.method == "DELETE":
        effect = f'    effect = Effect(kind="{kind.name}", change="delete", key=row.key, row=row.id)\n'
        return f'{take}{effect}    return Request(method="DELETE", path={target}, effects=(effect,))'
    fields = _changed(kind, step.body)
    return (
        f"{take}    values = {step.body!r}\n"
        f'    effect = Effect(kind="{kind.name}", change="change", key=row.key, row=row.id, fields={fields!r}, '
        f'keep="{kind.name}s")\n'
        f'    return Request(method="{step.method}", path={target}, json=values, effects=(effect,))'
    )


def _value(kind: DraftKind, key: str, value: Any) -> str:
    if key not in kind.marked:
        return repr(value)
    is_address = isinstance(kind.model._meta.get_field(key), models.EmailField)  # noqa: SLF001
    return 'f"{key}@load.invalid"' if is_address else "key"


def _changed(kind: DraftKind, body: Any) -> dict[str, Any]:
    """Return what a body sets of the fields that are read back; the marked ones must keep the run's id."""
    if not isinstance(body, Mapping) or any(key in kind.marked for key in body):
        return {}
    return {key: value for key, value in body.items() if key in kind.fields and _is_plain(value)}


def _kind_of_binding(draft: Draft, name: str) -> DraftKind | None:
    binding = draft.suite.bindings.get(name)
    model = apps.get_model(binding.model) if binding else None
    return next((kind for kind in draft.kinds if kind.model is model), None)


def _is_free_text(model: type[models.Model], name: str, value: Any) -> bool:
    """Whether a field of the model takes any text: one of some choices, or a short one, cannot carry the run's id."""
    try:
        found = model._meta.get_field(name)  # noqa: SLF001  # Django's documented way
    except FieldDoesNotExist:
        return False
    if not isinstance(found, models.CharField | models.TextField) or not isinstance(value, str):
        return False
    return not found.choices and (found.max_length or 1000) >= 60


def _is_plain(value: Any) -> bool:
    is_bound = isinstance(value, str) and _BINDING.search(value)
    return isinstance(value, str | int | float | bool | None) and not is_bound


def _filled_axes(suite: Suite, path: str) -> str:
    return re.sub(
        r"{(\w+)}", lambda found: str(suite.axes[found[1]].sizes[0]) if found[1] in suite.axes else found[0], path
    )


def _path_text(path: str) -> str:
    return f'f"{_BINDING.sub("{row}", path)}"' if _BINDING.search(path) else f'"{path}"'


def _kind_text(kind: DraftKind) -> str:
    fields = "".join(f'"{name}", ' for name in kind.fields)
    return (
        f'{_upper(kind.name)} = Kind(\n    name="{kind.name}",\n    path="{kind.path}",\n'
        f'    marker="{kind.marked[0]}",\n    fields=({fields}),\n)'
    )


def _upper(name: str) -> str:
    return name.upper()


def _snake(name: str) -> str:
    return name.replace("-", "_")
