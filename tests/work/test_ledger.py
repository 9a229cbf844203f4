"""The ledger: what it accepts, how it is written, what it refuses."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reglab.config.suite import Scenario
from reglab.counters.calls import PYTHON_CALLS
from reglab.counters.engine.point_bench import Taking
from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.listed_rows import UNSTABLE_PAGES
from reglab.counters.queries import QUERIES
from reglab.counters.rows import ROWS_WRITTEN
from reglab.errors import AuditError
from reglab.metrics import Metric
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.records import Evidence, Measurement
from reglab.work.audit import Audit, Result
from reglab.work.counter_table import table_of
from reglab.work.ledger.acceptance import Change, accept
from reglab.work.ledger.acceptance_summary import summary_of
from reglab.work.ledger.known_problems import is_unserved_predicate
from reglab.work.ledger.ledger import Ledger, read_ledger
from reglab.work.ledger.scenario_file import SCHEMA_VERSION
from reglab.work.recording.counters import counter_lines, unstable_lines
from reglab.work.stability import Stability

# A section of the ledger is named after the database.
pytestmark = pytest.mark.django_db

POLICY = read_policy()
STABILITY = Stability(POLICY.rule)
REFERENCE = ".".join(map(str, __import__("sys").version_info[:2]))


def counted(metric: Metric, value: int, *, part: str = "", source: str = "") -> Measurement:
    evidence = (Evidence(kind="statement", text="SELECT a", source=source),) if source else ()
    return Measurement(metric=metric, values=(value,), part=part, evidence=evidence)


def audit(takings: Mapping[str, Mapping[str, Sequence[Sequence[Measurement]]]], *, known: Sequence[str] = ()) -> Audit:
    """An audit's results by scenario and variant, a list of counts a taking; `known` are further scenarios."""
    results = tuple(
        Result(
            scenario=Scenario(name=name, request="GET /"),
            endpoint="GET /",
            takings={
                variant: [Taking(counts=tuple(counts)) for counts in each] for variant, each in by_variant.items()
            },
        )
        for name, by_variant in takings.items()
    )
    suite: Any = type(
        "File",
        (),
        {
            "suite": type(
                "Suite",
                (),
                {
                    "scenario": [one.scenario for one in results]
                    + [Scenario(name=name, request="GET /") for name in known]
                },
            )()
        },
    )()
    return Audit(suite=suite, coverage=None, points=(), results=results, is_partial=bool(known))  # type: ignore[arg-type]


def of(*values: int, metric: Metric = QUERIES, variant: str = "x=1", name: str = "a") -> Audit:
    """One counter of one scenario, a value a taking."""
    return audit({name: {variant: [[counted(metric, value)] for value in values]}})


def ledger_at(path: Path) -> Ledger:
    return read_ledger(path, reference_python=REFERENCE)


def taken(measured: Audit, path: Path, why: str = "first") -> tuple[Change, ...]:
    return accept(measured, ledger_at(path), why=why, stability=STABILITY)


def outcomes(measured: Audit, path: Path) -> list[Outcome]:
    """Judge an audit against the ledger as a fresh process would."""
    ledger = ledger_at(path)
    lines = [
        replace(line, instrument="work")
        for result in measured.results
        for line in counter_lines(result, table_of(result), ledger)
    ]
    return [
        finding.outcome
        for rule in POLICY.rule
        if rule.instrument == "work"
        for finding in rule.findings([line for line in lines if rule.selects(line)])
    ]


def test_one_counter_is_one_line(tmp_path: Path) -> None:
    """A difference in review is one line, with the value and the reason of this acceptance."""
    taken(of(2, 2), tmp_path)
    before = (tmp_path / "a.json").read_text().splitlines()
    taken(of(3, 3), tmp_path, "second")
    after = (tmp_path / "a.json").read_text().splitlines()
    assert [line for line in after if line not in before] == [' "queries": {"value": 3, "why": "second"}']


def test_a_new_scenario_touches_no_other_file(tmp_path: Path) -> None:
    """One new GET adds its own file; what was accepted before is not even written again."""
    taken(of(2, 2), tmp_path)
    before = (tmp_path / "a.json").stat().st_mtime_ns
    both = {name: {"x=1": [[counted(QUERIES, 2)]] * 2} for name in ("a", "b")}
    (change,) = taken(audit(both), tmp_path, "a new endpoint")
    assert (change.scenario, change.is_new_scenario) == ("b", True)
    assert (tmp_path / "a.json").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json"]


def test_of_many_that_are_gone_a_few_are_named(tmp_path: Path) -> None:
    """Who leaves the admin out of the suite reads a dozen lines and how many more, as for what is new."""
    taken(audit({f"s{number}": {"x=1": [[counted(QUERIES, 2)]] * 2} for number in range(20)}), tmp_path)
    changes = taken(of(2, 2, name="s0"), tmp_path, "fewer")
    lines = list(summary_of(changes, tmp_path, why="fewer"))
    told = lines[:-1]
    assert told[-1] == "and 7 more that are gone"
    assert len(told) == 13


def test_drift_within_the_tolerance_is_never_rebased(tmp_path: Path) -> None:
    """2 % of 20,000 calls are 400: two hundred more at each of three acceptances is caught at the third."""
    taken(of(20_000, 20_000, metric=PYTHON_CALLS), tmp_path)
    for calls in (20_200, 20_400):
        assert taken(of(calls, calls, metric=PYTHON_CALLS), tmp_path, "drift") == ()
    assert outcomes(of(20_400, 20_400, metric=PYTHON_CALLS), tmp_path) == [Outcome.PASS]
    assert outcomes(of(20_600, 20_600, metric=PYTHON_CALLS), tmp_path) == [Outcome.FAIL]
    (change,) = taken(of(20_600, 20_600, metric=PYTHON_CALLS), tmp_path, "meant")
    assert change.text == "python_calls 20,000 → 20,600"


def test_a_change_is_told_with_its_line(tmp_path: Path) -> None:
    """A reviewer reads scenario, counter, before, after and place."""
    taken(of(3, 3), tmp_path)
    four = [[counted(QUERIES, 4, source="orders.py:41 in listed")]] * 2
    changes = taken(audit({"a": {"x=1": four}}), tmp_path, "one more")
    assert next(iter(summary_of(changes, tmp_path, why="one more"))) == "a: queries 3 → 4 at orders.py:41"


def test_statements_are_kept_as_each_django_spells_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal counters on another Django: its statements are kept beside the others', once."""
    measured = audit({"a": {"x=1": [[counted(QUERIES, 1, source="views.py:3")]] * 2}})
    taken(measured, tmp_path)
    monkeypatch.setattr(django, "VERSION", (99, 1, 0, "final", 0))
    assert [change.text for change in taken(measured, tmp_path)] == ["statements and calls as django-99.1 has them"]
    assert len(json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["statements"]) == 2
    assert taken(measured, tmp_path) == ()


def test_a_counter_that_disagrees_with_itself_is_kept_as_unstable(tmp_path: Path) -> None:
    """Beyond the tolerance of its rule a counter is kept by name, and never gates, whatever it counts."""
    (change,) = taken(of(3, 4), tmp_path)
    assert change.is_new_scenario
    assert outcomes(of(9, 9), tmp_path) == []
    assert '"queries": "3 and 4 at x=1"' in (tmp_path / "a.json").read_text()


def test_a_counter_that_disagrees_with_itself_is_named_with_its_line(tmp_path: Path) -> None:
    """The note has the counter, what it was at which size, and the line; one that agrees is not in it."""
    (result,) = audit({"a": {"x=1": [[counted(QUERIES, n, source="views.py:3")] for n in (3, 4)]}}).results
    empty = read_ledger(tmp_path, reference_python=REFERENCE)
    line, *rest = unstable_lines(result, table_of(result), empty, STABILITY)
    assert isinstance(line, Measurement)
    assert not rest
    assert line.values == (1,)
    assert line.evidence == (Evidence(kind="hint", text="queries: 3 and 4 at x=1", source="views.py:3"),)
    (steady,) = of(3, 3).results
    (line,) = unstable_lines(steady, table_of(steady), empty, STABILITY)
    assert isinstance(line, Measurement)
    assert (line.values, line.evidence) == ((0,), ())


def test_one_size_that_wobbles_takes_no_other_counter_along(tmp_path: Path) -> None:
    """What wobbles within the tolerance at one size is accepted at all of them, and passes at once."""
    wobbling = {
        "x=1": [[counted(PYTHON_CALLS, 5_000)], [counted(PYTHON_CALLS, 5_003)]],
        "x=9": [[counted(PYTHON_CALLS, 9_000)]] * 2,
    }
    taken(audit({"a": wobbling}), tmp_path)
    assert outcomes(audit({"a": wobbling}), tmp_path) == [Outcome.PASS, Outcome.PASS]


WOBBLES = st.lists(st.integers(min_value=0, max_value=20_000), min_size=2, max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([QUERIES, PYTHON_CALLS]),
    st.dictionaries(st.sampled_from(["x=1", "x=4", "x=9"]), WOBBLES, min_size=1),
    st.integers(),
    st.booleans(),
)
def test_what_is_accepted_passes_at_once(
    tmp_path_factory: pytest.TempPathFactory, metric: Metric, wobbles: dict[str, list[int]], seed: int, tight: bool
) -> None:
    """However a counter wobbles, a fresh process that counts any of the accepted repetitions again fails nothing."""
    path = tmp_path_factory.mktemp("ledger")
    if tight:
        wobbles = {variant: [10_000 + value % 150 for value in values] for variant, values in wobbles.items()}
    takings = max(map(len, wobbles.values()))
    chance = random.Random(seed)  # noqa: S311  # no secret

    def drawn() -> Audit:
        by_variant = {
            variant: [[counted(metric, chance.choice(values))] for _ in range(takings)]
            for variant, values in wobbles.items()
        }
        return audit({"a": by_variant})

    taken(
        audit({"a": {variant: [[counted(metric, value)] for value in values] for variant, values in wobbles.items()}}),
        path,
    )
    for _ in range(3):
        assert Outcome.FAIL not in outcomes(drawn(), path)


def test_a_part_that_a_known_scenario_lacks_is_zero(tmp_path: Path) -> None:
    """A table that was never written counts as 0: the first row written there fails."""
    unwritten = [[counted(QUERIES, 2), counted(ROWS_WRITTEN, 0)]] * 2
    taken(audit({"a": {"x=1": unwritten}}), tmp_path)
    row = [[counted(QUERIES, 2), counted(ROWS_WRITTEN, 1, part="t insert")]] * 2
    assert outcomes(audit({"a": {"x=1": row}}), tmp_path) == [Outcome.PASS, Outcome.FAIL]


def test_a_part_of_a_section_that_only_others_have_is_zero(tmp_path: Path) -> None:
    """A scan that a first audit kept out of the ledger is judged, although its scenario has nothing else there."""
    served, scan = counted(UNINDEXED_SCANS, 0), counted(UNINDEXED_SCANS, 1, part="t: blurb")
    both = {"a": {"x=1": [[counted(QUERIES, 1), scan]] * 2}, "b": {"x=1": [[counted(QUERIES, 1), served]] * 2}}
    accept(audit(both), ledger_at(tmp_path), why="first", stability=STABILITY, spare=is_unserved_predicate)
    assert outcomes(audit(both), tmp_path).count(Outcome.FAIL) == 1


def test_a_counter_that_is_younger_than_the_ledger_judges_nothing(tmp_path: Path) -> None:
    """A newer version counts more than the one that accepted: that is no finding until it was accepted once."""
    taken(of(2, 2), tmp_path)
    page = counted(UNSTABLE_PAGES, 1, part="t: time")
    both = audit({"a": {"x=1": [[counted(QUERIES, 2), page]] * 2}})
    assert outcomes(both, tmp_path) == [Outcome.PASS]
    none = {"a": {"x=1": [[counted(QUERIES, 2), counted(UNSTABLE_PAGES, 0)]] * 2}}
    accept(audit(none), ledger_at(tmp_path), why="The new counter", stability=STABILITY)
    assert outcomes(both, tmp_path) == [Outcome.PASS, Outcome.FAIL]


def test_a_scenario_that_the_ledger_lacks_judges_nothing(tmp_path: Path) -> None:
    """A new scenario is a note of the record, and none of its counters a finding."""
    taken(of(2, 2), tmp_path)
    assert outcomes(of(7, 7, name="b"), tmp_path) == []


def test_unmeasured_scenarios_keep_what_they_have(tmp_path: Path) -> None:
    """`--only` accepts what it measured, and drops what the suite no longer has."""
    taken(audit({name: {"x=1": [[counted(QUERIES, 1)]] * 2} for name in ("a", "b", "c")}), tmp_path)
    measured = audit({"a": {"x=1": [[counted(QUERIES, 2)]] * 2}}, known=["b"])
    taken(measured, tmp_path, "second")
    assert ledger_at(tmp_path).names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"a\.json:1: the ledger is no JSON"),
        ('{"schema_version": 9}', "schema 9"),
        (
            f'{{"schema_version": {SCHEMA_VERSION}, "counters": {{"x": {{"a": {{"value": "2", "why": ""}}}}}}}}',
            "counters / x / a",
        ),
        ('{"schema_version": 2, "schema_version": 2}', "stands there twice"),
        ('{\n<<<<<<< ours\n"schema_version": 2\n', r"a\.json:2: two branches accepted different values; keep either"),
    ],
)
def test_a_damaged_ledger_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A ledger that cannot be believed stops the audit with its place and the way on."""
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(AuditError, match=said):
        ledger_at(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A ledger of an earlier version is named, not read as an empty one."""
    (tmp_path / "ledger.json").write_text("{}")
    with pytest.raises(AuditError, match="the ledger is a folder"):
        ledger_at(tmp_path / "ledger.json")
