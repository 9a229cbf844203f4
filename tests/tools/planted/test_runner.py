"""The runner: what it keeps, what it judges, and what it never takes for caught."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from reglab.errors import PolicyError
from tools.planted.catalogue import NeutralChange, Regression, everything_planted, neutral_changes, regressions
from tools.planted.copies import PROJECT
from tools.planted.document import written
from tools.planted.instruments import SUITE, reversed_suite
from tools.planted.judgement import Judgement, judged
from tools.planted.processes import InstrumentError, Processes
from tools.planted.results import Entry, Results, key_of
from tools.planted.runner import Runner
from tools.planted.sightings import Sighting

PASSED = Sighting(outcome="pass")


def a_regression(name: str = "lost-prefetch") -> Regression:
    return next(entry for entry in regressions() if entry.name == name)


def a_neutral_change(name: str = "comments") -> NeutralChange:
    return next(entry for entry in neutral_changes() if entry.name == name)


def seen_as_expected(entry: Entry) -> Sighting:
    """Return what a gate without fault sees."""
    if isinstance(entry, NeutralChange):
        return PASSED
    finding = entry.finding
    return Sighting(
        outcome="fail",
        rule=finding.rule,
        endpoint=finding.endpoint,
        metric=finding.metric,
        told=" ".join(finding.says),
    )


class Looks:
    """Stands in for the instruments, whose own tests are elsewhere: answers at once, and counts."""

    def __init__(self, see: Callable[[Entry], Sighting] = seen_as_expected) -> None:
        self.names: list[str] = []
        self._see = see

    def __call__(self, entry: Entry, *_: object) -> Sighting:
        self.names.append(entry.name)
        return self._see(entry)


def a_runner(folder: Path, look: Looks, *, revision: str = "one") -> Runner:
    processes = Processes(database_url="none is started: nothing real runs")
    results = Results(folder / "results.jsonl")
    return Runner(results=results, revision=revision, look=look, processes=processes)


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test of the schedule start a PostgreSQL that it does not need."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def test_what_is_done_is_not_run_again(tmp_path: Path) -> None:
    """A second run of an unchanged tree reads the first one's results, and judges the same."""
    entries: list[Entry] = [a_regression(), a_neutral_change()]
    first = a_runner(tmp_path, Looks()).run(entries)
    again = Looks()
    second = a_runner(tmp_path, again).run(entries)
    assert again.names == []
    assert [each.judgement for each in second] == [each.judgement for each in first]
    assert [each.judgement for each in second] == [Judgement.CAUGHT, Judgement.PASSED]


def test_another_tree_is_run_again(tmp_path: Path) -> None:
    """A result holds for the tree that it was got from."""
    a_runner(tmp_path, Looks()).run([a_regression()])
    again = Looks()
    a_runner(tmp_path, again, revision="two").run([a_regression()])
    assert again.names == ["lost-prefetch"]


def test_what_is_forgotten_is_run_again_and_nothing_else_is(tmp_path: Path) -> None:
    """`--again` concerns the entries that were chosen; the later of two results counts, now and for the next run."""
    entries: list[Entry] = [a_regression(), a_regression("lost-select-related")]
    a_runner(tmp_path, Looks(lambda _: PASSED)).run(entries)
    again = Looks()
    runner = a_runner(tmp_path, again)
    runner.forget(entries[:1])
    runner.run(entries)
    assert again.names == ["lost-prefetch"]
    done = a_runner(tmp_path, Looks()).run(entries)
    assert [each.judgement for each in done] == [Judgement.CAUGHT, Judgement.MISSED]


def test_another_expectation_is_judged_without_a_run() -> None:
    """The key depends on what is run, and not on what is expected of it."""
    entry = a_regression()
    other = entry.model_copy(update={"finding": entry.finding.model_copy(update={"rule": "another"})})
    assert key_of(other, "one") == key_of(entry, "one")
    elsewhere = entry.model_copy(update={"only": "summary"})
    assert key_of(elsewhere, "one") != key_of(entry, "one")


def test_what_could_not_run_is_tried_again(tmp_path: Path) -> None:
    """A crashed instrument is neither caught nor passed, and the next run tries once more."""
    broken = Looks(lambda _: Sighting(complaint="it crashed"))
    done = a_runner(tmp_path, broken).run([a_regression(), a_neutral_change()])
    assert [each.judgement for each in done] == [Judgement.NOT_RUN, Judgement.NOT_RUN]
    again = Looks()
    a_runner(tmp_path, again).run([a_regression()])
    assert again.names == ["lost-prefetch"]


def test_a_cut_line_counts_as_not_run(tmp_path: Path) -> None:
    """What a killed runner half wrote is ignored, and what stands before it is kept."""
    entries: list[Entry] = [a_regression(), a_regression("lost-select-related")]
    runner = a_runner(tmp_path, Looks())
    runner.jobs = 1
    runner.run(entries)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    again = Looks()
    a_runner(tmp_path, again).run(entries)
    assert again.names == ["lost-select-related"]


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    """Ctrl-C ends the run at once; what was seen until then is there for the next one."""
    entries: list[Entry] = [a_regression(), a_regression("lost-select-related")]

    def interrupted(entry: Entry) -> Sighting:
        if entry is entries[1]:
            raise KeyboardInterrupt
        return seen_as_expected(entry)

    runner = a_runner(tmp_path, Looks(interrupted))
    runner.jobs = 1
    with pytest.raises(KeyboardInterrupt):
        runner.run(entries)
    assert runner.processes.is_ended
    kept = [json.loads(line)["name"] for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept == ["lost-prefetch"]


def test_after_an_interrupt_no_process_starts(tmp_path: Path) -> None:
    """An instrument that comes too late is told so, and leaves no result."""
    processes = Processes()
    processes.end()
    with pytest.raises(InstrumentError, match="interrupted"):
        processes.run(["-c", ""], folder=tmp_path, environment={}, codes=(0,))


def test_a_crashed_instrument_says_its_last_words(tmp_path: Path) -> None:
    """An exit code that is no verdict is an error with the last lines that were printed."""
    with pytest.raises(InstrumentError, match="ended with 7: first / second"):
        Processes().run(
            ["-c", "print('first\\nsecond'); raise SystemExit(7)"], folder=tmp_path, environment={}, codes=(0, 1)
        )


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"rule": "rows-accepted"}, "rule is 'rows-accepted', expected 'growth-law'"),
        ({"endpoint": "GET /"}, "endpoint is 'GET /', expected 'GET /api/orders/'"),
        ({"metric": "queries"}, "metric is 'queries', expected 'growth_exponent'"),
        ({"told": "queries by orders, somewhere"}, "it does not say 'orders_orderitem'"),
    ],
)
def test_a_wrong_reason_counts_as_missed(wrong: dict[str, str], complaint: str) -> None:
    """A failure whose first finding names another rule, endpoint, counter or cause is not a catch."""
    right = seen_as_expected(a_regression()).to_json()
    judgement, said = judged(a_regression(), Sighting.from_json(right | wrong))
    assert judgement is Judgement.WRONG_CAUSE
    assert complaint in said


@pytest.mark.parametrize("outcome", ["pass", "inconclusive"])
def test_a_regression_that_does_not_fail_is_missed(outcome: str) -> None:
    """Only a failure is a catch: inconclusive asks somebody else."""
    assert judged(a_regression(), Sighting(outcome=outcome))[0] is Judgement.MISSED


@pytest.mark.parametrize("outcome", ["fail", "inconclusive"])
def test_a_neutral_change_that_does_not_pass_is_a_false_alarm(outcome: str) -> None:
    """Whoever changes nothing is neither stopped nor kept waiting."""
    assert judged(a_neutral_change(), Sighting(outcome=outcome))[0] is Judgement.FALSE_ALARM


def test_a_known_miss_counts_against_the_gate_and_so_does_one_that_is_none() -> None:
    """`missed` explains and excuses nothing; where the gate has learnt to see, the entry has to say so."""
    entry = a_regression().model_copy(update={"missed": "nobody looks there"})
    judgement, said = judged(entry, PASSED)
    assert (judgement, "nobody looks there" in said) == (Judgement.MISSED, True)
    judgement, said = judged(entry, seen_as_expected(entry))
    assert (judgement, "take `missed` out" in said) == (Judgement.WRONG_CAUSE, True)


def test_a_broken_policy_ends_the_run(tmp_path: Path) -> None:
    """What would spoil every judgement is said once, and no result is kept."""

    def broken(_: Entry) -> Sighting:
        raise PolicyError("policy.toml:3: no such rule")

    with pytest.raises(PolicyError):
        a_runner(tmp_path, Looks(broken)).run([a_regression()])
    assert not (tmp_path / "results.jsonl").exists()


def test_the_page_lists_everything_and_what_is_missed_first(tmp_path: Path) -> None:
    """Every entry has a row with its patch; what was missed stands before the tables, with the reason."""

    def seen(entry: Entry) -> Sighting:
        return PASSED if entry.name == "lost-prefetch" else seen_as_expected(entry)

    done = a_runner(tmp_path, Looks(seen)).run([*regressions(), *neutral_changes()])
    page = written(done, [each for each in done if each.entry.name in {"lost-prefetch", "lost-select-related"}])
    for entry in everything_planted():
        assert f"| [{entry.name}](../tools/planted/" in page or f"| {entry.name} |" in page
    assert page.index("[lost-prefetch]") < page.index("## How to add one") < page.index("## Queries that grow")
    assert f"| regressions | {len(regressions())} | 2 | 1 | 1 | 1 | 1 |" in page
    assert "$" not in page


def test_the_last_result_of_an_entry_is_there_without_a_run(tmp_path: Path) -> None:
    """Whatever code it was seen with; what was never run says so."""
    a_runner(tmp_path, Looks(seen_as_expected)).run([a_regression()])
    later = a_runner(tmp_path, Looks(seen_as_expected))
    later.revision = "another"
    assert later.judge_latest(a_regression()).judgement is Judgement.CAUGHT
    assert later.judge_latest(a_regression("lost-select-related")).judgement is Judgement.NOT_RUN


def test_the_reversed_suite_holds_the_same_scenarios(tmp_path: Path) -> None:
    """Another order is all that differs."""

    def names(path: Path) -> list[str]:
        from reglab.config.suite import read_suite

        return [scenario.name for scenario in read_suite(path).suite.scenario]

    assert names(reversed_suite(tmp_path)) == names(SUITE)[::-1]


def planted(*arguments: str) -> subprocess.CompletedProcess[str]:
    command: Sequence[str] = [sys.executable, "-m", "tools.planted", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "no-such-thing"), "planted: nothing in the catalogue is called so"),
        (("--document", "--quick"), "planted: --document shows everything"),
        (("--document",), "planted: --document shows what each instrument saw"),
        (("--category", "speed"), "invalid choice: 'speed'"),
    ],
)
def test_a_mistake_on_the_command_line_exits_2(arguments: tuple[str, ...], complaint: str) -> None:
    """What cannot be run is said in one line, without a traceback."""
    done = planted(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert complaint in done.stderr
