"""Measures each reading scenario on rows of one kind alone: more and more of them."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.signals import got_request_exception
from django.db import DatabaseError, models
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.project.audit_ground import AuditGround, is_left_out, models_of_tables
from reglab.project.data.baking.people import user_model
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.superuser import keys_of_callers
from reglab.project.orm.kinds import Kind, kinds_of
from reglab.project.requests.asked_for import AskedFor
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.project.source_lines import ProjectFrames
from reglab.project.tracebacks import raised_in
from reglab.variants.requests import Requests, by_staff, filtered, later_pages, unsent_filters

# So many statements more from no row of the kind to all of them, and more at each of two steps at least.
GROWTH_MIN: Final = 3
_STEPS: Final = (0.34, 0.67, 1.0)
_ROWS_MIN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution: its status, its statements, and the project's lines of the exception, where there was one."""

    status: int
    groups: tuple[StatementGroup, ...]
    body: bytes = b""
    error: str = ""
    places: tuple[str, ...] = ()

    @property
    def statements(self) -> int:
        """The number of statements."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one kind of rows came to. `growth` is 0 where the statements do not grow with its rows.

    `repeating` are statements that can give one row several times, where that is what is wrong.
    """

    told: str
    rows: int
    growth: int = 0
    grown: tuple[StatementGroup, ...] = ()
    repeating: tuple[StatementGroup, ...] = ()
    error: str = ""
    places: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """The variants of one scenario that went wrong, and how many were tried."""

    scenario: Scenario
    endpoint: str
    tried: int = 0
    wrong: list[Variant] = field(default_factory=list)


def results(ground: AuditGround) -> Iterator[ScenarioResult]:
    """Yield the result of each reading scenario."""
    runner = _Runner(ground)
    for scenario in ground.scenarios:
        if not is_writing(scenario) and not is_left_out(scenario, "variant_growth"):
            ground.begin(f"variants: {scenario.name}")
            yield runner.result(scenario)


class _Runner:
    """Executes scenarios on rows that are changed into a kind, and undone."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._has_superuser = any(scenario.as_superuser for scenario in ground.file.suite.scenario)
        self._kinds: dict[type[models.Model], tuple[Kind, ...]] = {}
        self._keys: dict[type[models.Model], list[Any]] = {}

    def result(self, scenario: Scenario) -> ScenarioResult:
        requests = self._ground.requests(scenario)
        result = ScenarioResult(scenario=scenario, endpoint=self._ground.endpoint(scenario))
        asked = AskedFor()
        with asked.noted():
            self._executed(requests)  # once for what is made at the first request
        plain = self._executed(requests)
        if plain is None:
            return result
        for kind in self._kinds_read(plain):
            self._try_kind(result, requests, kind, plain)
            if kind.field and (narrowed := filtered(requests, kind.field, kind.value, asked.parameters)):
                self._try_filter(result, narrowed, kind, plain)
        self._try_requests(result, requests, plain, asked)
        self._try_unsent_filters(result, requests, plain, asked)
        return result

    def _try_kind(self, result: ScenarioResult, requests: Requests, kind: Kind, plain: Execution) -> None:
        """Measure the requests on rows of one kind."""
        keys = self._keys_of(kind.model)
        if len(keys) < _ROWS_MIN or any(kind.told in one.told for one in result.wrong):
            return
        whole = self._executed(requests, kind, keys)
        if whole is None:
            return
        result.tried += 1
        if whole.status >= 500 > plain.status:
            result.wrong.append(Variant(told=kind.told, rows=len(keys), error=whole.error, places=whole.places))
        elif whole.statements - plain.statements >= GROWTH_MIN and self._grows(requests, kind, keys, plain, whole):
            result.wrong.append(_grown(kind.told, len(keys), plain, whole))

    def _try_filter(self, result: ScenarioResult, requests: Requests, kind: Kind, plain: Execution) -> None:
        """Measure a filter where it lets all rows pass: a statement that repeats there, and not without it, grows."""
        keys = self._keys_of(kind.model)
        if len(keys) < _ROWS_MIN or any(kind.told in one.told for one in result.wrong):
            return
        whole = self._executed(requests, kind, keys)
        if whole is not None and whole.status == plain.status and _repetitions(plain, whole) >= GROWTH_MIN:
            told = f"{kind.told}, asked for with ?{urlsplit(requests[-1].path).query}"
            result.wrong.append(_grown(told, len(keys), plain, whole))

    def _try_requests(self, result: ScenarioResult, requests: Requests, plain: Execution, asked: AskedFor) -> None:
        """Measure other requests to the same endpoint: a statement that repeats there, and not here, grows."""
        kinds = [*later_pages(requests, plain.body, asked.parameters)]
        if self._has_superuser and not result.scenario.as_superuser:
            kinds.append(by_staff(requests))
        for kind in kinds:
            compared, other = self._executed(kind.compared), self._executed(kind.requests)
            if compared is None or other is None:
                continue
            result.tried += 1
            if other.status >= 500 > compared.status:
                result.wrong.append(Variant(told=kind.told, rows=0, error=other.error, places=other.places))
            elif other.status == compared.status and _repetitions(compared, other) >= GROWTH_MIN:
                result.wrong.append(_grown(kind.told, 0, compared, other))

    def _try_unsent_filters(
        self, result: ScenarioResult, requests: Requests, plain: Execution, asked: AskedFor
    ) -> None:
        """Send each parameter that the code asks for: by it a row can come several times, or a statement repeat."""
        known = {group.repeating_join for group in plain.groups}
        for kind in unsent_filters(requests, asked.parameters, self._models_read(plain)):
            other = self._executed(kind.requests)
            if other is None or other.status != plain.status:
                continue
            result.tried += 1
            repeating = tuple(group for group in other.groups if group.repeating_join not in known)
            if any(kind.told in one.told for one in result.wrong):
                continue
            if repeating:
                result.wrong.append(Variant(told=kind.told, rows=0, repeating=repeating))
            elif _repetitions(plain, other) >= GROWTH_MIN:
                result.wrong.append(_grown(kind.told, 0, plain, other))

    def _grows(self, requests: Requests, kind: Kind, keys: Sequence[Any], plain: Execution, whole: Execution) -> bool:
        """Tell growth from a constant: at least two of the steps from no row to all add statements."""
        counts = [plain.statements]
        for part in _STEPS[:-1]:
            execution = self._executed(requests, kind, keys[: max(1, int(len(keys) * part))])
            counts.append(execution.statements if execution else counts[-1])
        counts.append(whole.statements)
        return sum(after > before for before, after in pairwise(counts)) >= 2

    def _executed(self, requests: Requests, kind: Kind | None = None, keys: Sequence[Any] = ()) -> Execution | None:
        """Execute once; None where the database refuses rows of this kind."""
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        counter = QueryCounter(self._ground.connections, frames=self._ground.frames)
        trouble = _Trouble(self._ground.frames)
        with quiet(), rolled_back():
            try:
                if kind is not None:
                    kind.make(keys)
            except (DatabaseError, ValueError, TypeError):
                return None
            with counter, trouble:
                self._visitor.send(requests, responses=responses)
                answers = answers_to(requests, responses)
        return Execution(
            status=answers[-1].status,
            groups=counter.groups(),
            body=answers[-1].body,
            error=trouble.told,
            places=trouble.places,
        )

    def _kinds_read(self, plain: Execution) -> Iterator[Kind]:
        for model in self._models_read(plain):
            if model not in self._kinds:
                self._kinds[model] = kinds_of(model)
            yield from self._kinds[model]

    def _models_read(self, plain: Execution) -> tuple[type[models.Model], ...]:
        tables = dict.fromkeys(table for group in plain.groups for table in group.shape.tables)
        return models_of_tables(tables, self._ground.frames)

    def _keys_of(self, model: type[models.Model]) -> list[Any]:
        if model not in self._keys:
            rows: models.QuerySet[Any] = models.QuerySet(model).order_by("pk")
            if model is user_model():
                # Who asks stays who it is: an account that is switched off is another caller, no kind of row.
                cookies = self._ground.dataset.cookies(**self._ground.point.dataset_sizes)
                rows = rows.exclude(pk__in=keys_of_callers(cookies))
            self._keys[model] = list(rows.values_list("pk", flat=True))
        return self._keys[model]


class _Trouble:
    """Notes the first exception of a view inside the block."""

    def __init__(self, frames: ProjectFrames) -> None:
        self.told = ""
        self.places: tuple[str, ...] = ()
        self._frames = frames

    def __enter__(self) -> None:
        got_request_exception.connect(self._note)

    def __exit__(self, *_: object) -> None:
        got_request_exception.disconnect(self._note)

    def _note(self, **_: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not self.told:
            self.told = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:150]}"
            self.places = raised_in(error.__traceback__, self._frames)


def _repetitions(compared: Execution, other: Execution) -> int:
    """Return how much more often one statement is sent, of the one of which that is most."""
    before = {group.shape.fingerprint: group.count for group in compared.groups}
    return max((group.count - before.get(group.shape.fingerprint, 0) for group in other.groups), default=0)


def _grown(told: str, rows: int, plain: Execution, whole: Execution) -> Variant:
    before = {group.shape.fingerprint: group.count for group in plain.groups}
    more = sorted(
        (group for group in whole.groups if group.count > before.get(group.shape.fingerprint, 0)),
        key=lambda group: before.get(group.shape.fingerprint, 0) - group.count,
    )
    return Variant(told=told, rows=rows, growth=whole.statements - plain.statements, grown=tuple(more))
