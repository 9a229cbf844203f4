"""A fleet agrees or does not start, and a worker that leaves is noticed however it went."""

from pathlib import Path
from time import time
from typing import Any

import pytest

from reglab.config.targets import Target
from reglab.load.generator.agreement import agreement, disagreement
from reglab.load.generator.coordinator import Coordinator
from reglab.load.profiles import find_profile
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire

MINE = agreement(module="loadtests.operations", key="a key of sixteen characters", run="load0123456789")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "0.0.1"}, "version of regression-lab"),
        ({"engine": "0"}, "code of reglab/load"),
        ({"module": "0"}, "load module"),
        ({"key": "0"}, "LOADTEST_KEY"),
        ({"clock": time() - 60}, "its clock is"),
    ],
)
def test_a_worker_that_differs_says_in_what(change: dict[str, Any], words: str) -> None:
    """Another release, engine, module, key or time: each is one sentence, and the worker sends nothing."""
    assert words in disagreement(master=MINE | change, mine=MINE | {"clock": time()})


def test_a_worker_that_is_alike_has_nothing_to_say() -> None:
    """The same checkout, the same key, the same time."""
    assert disagreement(master=MINE | {"clock": time()}, mine=MINE | {"clock": time()}) == ""


def test_the_key_is_not_in_the_agreement() -> None:
    """What travels between the machines of a fleet gives the key to nobody."""
    assert "a key of sixteen characters" not in str(MINE)


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    """Return the coordinator of two workers."""
    return Coordinator(
        profile=find_profile("smoke"),
        target=Target(origin="http://127.0.0.1:1", environment="test", rate_rps_max=1, seconds_max=1, writes_max=1),
        proof=Proof(key="k", environment="test", place="here", revision="first"),
        agreement=MINE,
        run="load0123456789",
        rows={},
        folder=tmp_path,
        worker_ids=("a", "b"),
        tripwire=Tripwire.of_run(tmp_path),
    )


def report_of(index: int, **values: Any) -> dict[str, Any]:
    """Return a worker's report."""
    plain = {"index": index, "started_at": 1.0, "finished": False, "error": "", "error_kind": "inconclusive"}
    figures = {"cpu_percent": 1.0, "cpu_seconds": 1.0, "tallies": {}, "seconds": {}, "windows": {}, "recent_ms": []}
    return {**plain, **figures, "revisions": ["first"], "ledger": [], "is_remote": False, "lateness": "", **values}


def test_a_worker_that_leaves_in_any_way_ends_the_run(coordinator: Coordinator) -> None:
    """Killed, ended in order, evicted: it is no longer there, its share is not sent, the run cannot be believed."""
    coordinator.take_report("a", report_of(0))
    coordinator.check_workers(["a", "b"])
    assert not coordinator.is_over()
    coordinator.check_workers(["a"])
    assert coordinator.is_over()
    assert coordinator.lost == {"b"}
    assert list(coordinator.state.reasons) == ["inconclusive"]


def test_a_worker_that_has_finished_may_leave(coordinator: Coordinator) -> None:
    """Its share is sent and reported: nothing is missing."""
    coordinator.take_report("b", report_of(1, finished=True))
    coordinator.check_workers(["a"])
    assert not coordinator.lost


def test_a_worker_without_a_share_is_left_out(coordinator: Coordinator) -> None:
    """One that came after the shares were dealt, or from a run before, adds nothing to the figures."""
    coordinator.take_report("late", report_of(7, finished=True))
    assert coordinator.state.workers == {}


def test_one_unproven_answer_stops_the_fleet_at_once(coordinator: Coordinator) -> None:
    """A worker's message cuts the master's tripwire before the worker's report comes."""
    coordinator.stop_by_worker({"index": 1, "kind": "unsafe", "reason": "an answer had no proof"})
    assert coordinator.tripwire.is_cut()
    assert coordinator.is_over()
    assert coordinator.state.reasons == {"unsafe": ["worker 1: an answer had no proof"]}


def test_a_new_revision_in_an_answer_is_a_deployment(coordinator: Coordinator) -> None:
    """Answers of two revisions: the figures belong to neither."""
    coordinator.take_report("a", report_of(0, revisions=["first", "second"]))
    assert coordinator.is_over()
    assert "deployed anew" in coordinator.state.reasons["inconclusive"][0]


def test_ledgers_of_workers_that_left_or_were_stopped_are_in_doubt(coordinator: Coordinator) -> None:
    """A worker that vanished, or one on another machine that was stopped amid its share, may have written more."""
    coordinator.take_report("a", report_of(0, is_remote=True, finished=True))
    assert coordinator.doubt == ""
    coordinator.take_report("b", report_of(1, is_remote=True))
    assert coordinator.doubt == "1 workers were stopped before their last report"
    coordinator.check_workers(["a"])
    assert coordinator.doubt == "1 of 2 workers vanished"


def test_lines_of_a_ledger_are_kept_as_they_come(coordinator: Coordinator) -> None:
    """Intents come by themselves and fates with the report; a worker without a share adds nothing."""
    coordinator.take_ledger("a", ["intent\n"])
    coordinator.take_ledger("stranger", ["intent\n"])
    coordinator.take_report("a", report_of(0, is_remote=True, ledger=["fate\n"]))
    assert (coordinator.folder / "ledger-a.jsonl").read_text(encoding="utf-8") == "intent\nfate\n"
    assert not (coordinator.folder / "ledger-stranger.jsonl").exists()
