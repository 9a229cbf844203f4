"""A suite, read and checked: the scenarios of one project, its dataset, its waivers."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from reglab.config.nearest_word import nearest
from reglab.config.race_schema import Race, RaceException, WithoutRace
from reglab.config.reader import TomlFile, read_toml
from reglab.config.suite_files import merged_suite, place_in_files
from reglab.config.suite_parts import JOBS, METHODS, Binding, Login, Reason, Step, Strict
from reglab.errors import AuditError, RegLabError
from reglab.metrics import METRICS

# Not a round number: every digit of its text is there.
DEFAULT_CLOCK: Final = datetime(2026, 6, 15, 12, 34, 56, 123456, tzinfo=UTC)
# Rows: a number, an axis in braces, or the least and the most of them, as in "1..{items}".
_ROW_COUNT: Final = re.compile(r"(\{\w+\}|\d+)(\.\.(\{\w+\}|\d+))?")


def _is_row_count(count: int | str) -> int | str:
    if isinstance(count, str) and not _ROW_COUNT.fullmatch(count):
        raise ValueError('is a number of rows, an axis as in "{items}", or the least and the most of them as in "1..4"')
    least, _, most = str(count).partition("..")
    if least.isdecimal() and most.isdecimal() and int(least) > int(most):
        raise ValueError(f"the least is more than the most; write {most}..{least}")
    return count


RowCount = Annotated[int | str, AfterValidator(_is_row_count)]


class Axis(Strict):
    """One direction in which the dataset, or the request, can grow. The first size is the base of all other axes.

    `unrelated` rows are those that no scenario asks for; an axis `in_request` changes requests alone, through
    `{name}`, and is left out of the dataset hook's arguments. `at` sets other axes for the steps along this one.
    """

    sizes: Annotated[tuple[int, ...], Field(min_length=1, strict=False)]
    unrelated: bool = False
    in_request: bool = False
    at: dict[str, int] = {}


class TableWrites(Strict):
    """How many rows of one table a scenario may write, by verb, and which columns an update may change.

    A count is a number, the name of an axis in braces, `"{items_per_order}"`, or the least and the most, `"1..4"`.
    """

    insert: RowCount = 0
    update: RowCount = 0
    delete: RowCount = 0
    columns: Annotated[tuple[str, ...] | None, Field(strict=False)] = None


class CounterException(Strict):
    """A counter that a scenario does without, and why."""

    counter: str
    reason: Reason

    @field_validator("counter")
    @classmethod
    def _is_declared(cls, value: str) -> str:
        if value not in METRICS:
            raise ValueError(f"no counter is called {value!r}{nearest(value, METRICS)}")
        return value


class GrowthException(CounterException):
    """A counter that may grow along an axis: a chunked bulk insert, a count over all rows."""

    axis: str


class Scenario(Strict):
    """One named request, or a short sequence of them, with the write-set that all of it together may have.

    A `proposed` write-set was seen and not yet reviewed: what it does not allow is a note. `as_superuser` sends the
    requests with the session of a superuser whom the audit adds to the data: the admin, and other pages for staff.
    `login` sends them as another row of users than the suite's own: what the code does for them alone is measured too.
    `constants` are others while they are answered, as in { "shop.limits.MAX_COUNT" = 5 }: what begins beyond 10,000
    rows is measured on six.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    request: str | None = None
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    status: int = 200
    steps: Annotated[tuple[Step, ...], Field(strict=False)] = ()
    bindings: dict[str, Binding] = {}
    writes: dict[str, TableWrites] = {}
    proposed: bool = False
    as_superuser: bool = False
    login: Login | None = None
    constants: dict[Annotated[str, Field(pattern=r"^\w+(\.\w+)+$")], Any] = {}
    growth: Annotated[tuple[GrowthException, ...], Field(strict=False)] = ()
    without: Annotated[tuple[CounterException, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _has_a_request_or_steps(self) -> Self:
        if (self.request is None) == (not self.steps):
            raise ValueError("a scenario has either a request or steps")
        if self.steps and (given := self.model_fields_set & {"body", "content_type", "headers", "status"}):
            raise ValueError(f"a scenario of steps has no {', '.join(sorted(given))} of its own: each step has its own")
        if self.login is not None and self.as_superuser:
            raise ValueError("a scenario has one user: either login or as_superuser")
        if self.login is not None and self.login.force:
            raise ValueError("whether users are let in by force is said once, in the suite's login")
        if self.request is not None:
            Step(request=self.request)
        return self

    @cached_property
    def all_steps(self) -> tuple[Step, ...]:
        """The scenario's requests, in order, however they were written down."""
        if self.request is None:
            return self.steps
        return (
            Step(
                request=self.request,
                body=self.body,
                content_type=self.content_type,
                headers=self.headers,
                status=self.status,
            ),
        )

    @property
    def is_job(self) -> bool:
        """Whether it executes what no client can ask for: a management command, a function."""
        return any(step.method in JOBS for step in self.all_steps)

    def may_grow(self, counter: str, axis: str) -> bool:
        """Tell whether the suite declares that this counter grows along this axis."""
        return any(exception.counter == counter and exception.axis == axis for exception in self.growth)


class Waiver(Strict):
    """Endpoints that are left out of the audit on purpose: a glob over paths, the methods, and the reason."""

    endpoint: str
    methods: Annotated[tuple[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], ...], Field(strict=False)] = METHODS
    reason: Reason


class Comparison(Strict):
    """How two revisions of the subject are compared in time.

    `subject` are the paths that make it up, relative to the project's folder: what is exported from the baseline;
    where it names none, [tool.reglab] does.
    `scenarios` are names or globs; `sizes` those of the dataset, and of the axes that they leave out the largest.
    """

    subject: Annotated[tuple[str, ...], Field(strict=False)] = ()
    scenarios: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = ("*",)
    sizes: dict[str, int] = {}


class Suite(Strict):
    """All that the audit of one project needs to know about it.

    Rows come from `fixtures` (as loaddata names them), then from `dataset`, a function that is called with the sizes,
    then from `factories` (factory_boy's, or functions), each asked for as many rows as the first axis has. No scenario
    is measured with the counters of `without`. `credentials` is a function of a user that gives the headers which
    prove them, `former_credentials` one that gives such headers that no longer do, by what they are.
    """

    schema_version: Literal[1]
    dataset: str = ""
    fixtures: Annotated[tuple[str, ...], Field(strict=False)] = ()
    factories: Annotated[tuple[str, ...], Field(strict=False)] = ()
    ledger: str = ""
    clock: datetime = DEFAULT_CLOCK
    axes: dict[str, Axis] = {}
    bindings: dict[str, Binding] = {}
    headers: dict[str, str] = {}
    https: bool = False
    login: Login | None = None
    credentials: str = ""
    former_credentials: str = ""
    project_folder: str = ""
    compare: Comparison = Comparison()
    without: Annotated[tuple[CounterException, ...], Field(strict=False)] = ()
    scenario: Annotated[tuple[Scenario, ...], Field(strict=False)] = ()
    waiver: Annotated[tuple[Waiver, ...], Field(strict=False)] = ()
    race: Annotated[tuple[Race, ...], Field(strict=False)] = ()
    without_race: Annotated[tuple[WithoutRace, ...], Field(strict=False)] = ()
    race_exception: Annotated[tuple[RaceException, ...], Field(strict=False)] = ()


class SuiteFile:
    """A suite and the files that it stands in, so that whatever is wrong with it can be shown by line."""

    def __init__(self, *, path: Path, files: Sequence[TomlFile[Suite]]) -> None:
        self.path = path
        self.files = tuple(files)
        self.suite = _with_shared_exceptions(merged_suite(self.files))
        # Names of the sizes that somebody asked for beside the suite's own: no ledger has them.
        self.other_sizes: frozenset[str] = frozenset()
        _check_names(self)

    def at(self, sizes: Mapping[str, int]) -> "SuiteFile":
        """Return the suite with one further size in place of its own on each of these axes. Raises AuditError."""
        axes = dict(self.suite.axes)
        for name, size in sizes.items():
            if name not in axes:
                raise AuditError(f"{self.path}: no axis is called {name!r}{nearest(name, axes)}")
            if size == axes[name].sizes[0]:
                raise AuditError(f"{self.path}: {size} is the base of the axis {name!r}; growth shows at another size")
            axes[name] = axes[name].model_copy(update={"sizes": (axes[name].sizes[0], size)})
        changed = SuiteFile(path=self.path, files=self.files)
        changed.suite = self.suite.model_copy(update={"axes": axes})
        changed.other_sizes = frozenset(
            f"{name}={size}" for name, size in sizes.items() if size not in self.suite.axes[name].sizes
        )
        return changed

    @property
    def text(self) -> str:
        """The text of the suite, file after file."""
        return "\n".join(file.text for file in self.files)

    @property
    def ledger_path(self) -> Path:
        """The folder of the accepted counters: beside the suite and named after it, unless it says otherwise."""
        return self.path.parent / (self.suite.ledger or f"{self.path.stem}-ledger")

    def complaint(self, message: str, *place: str | int) -> RegLabError:
        """Return an error that points at a line of one of these files."""
        file, inner = place_in_files(self.files, place)
        return file.complaint(message, *inner)


def read_suite(path: Path) -> SuiteFile:
    """Read a suite: a file, or every TOML file of a folder, as one.

    Raises AuditError as `file:line: what is wrong; the nearest valid key`.
    """
    paths = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not paths:
        raise AuditError(f"{path}: the folder holds no suite (*.toml); `reglab init` writes a first one")
    try:
        return SuiteFile(path=path, files=[read_toml(each, Suite, error=AuditError) for each in paths])
    except FileNotFoundError:
        raise AuditError(f"{path}: there is no such suite; `reglab init` writes a first one") from None


def _with_shared_exceptions(suite: Suite) -> Suite:
    if not suite.without:
        return suite
    scenarios = [one.model_copy(update={"without": (*one.without, *suite.without)}) for one in suite.scenario]
    return suite.model_copy(update={"scenario": tuple(scenarios)})


def _check_names(file: SuiteFile) -> None:
    """Refuse what no single table can show: a name twice, an axis that is none."""
    seen: set[str] = set()
    for index, scenario in enumerate(file.suite.scenario):
        if scenario.name in seen:
            raise file.complaint(f"a second scenario is called {scenario.name!r}", "scenario", index, "name")
        seen.add(scenario.name)
        for number, exception in enumerate(scenario.growth):
            if exception.axis not in file.suite.axes:
                raise file.complaint(
                    f"no axis is called {exception.axis!r}{nearest(exception.axis, file.suite.axes)}",
                    *("scenario", index, "growth", number, "axis"),
                )
