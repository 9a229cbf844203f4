"""Kinds of trials: what each compares, and how the planted slowdown comes about."""

import tomllib

from reglab.config.suite import read_suite
from tools.calibration.__main__ import _next_batch
from tools.calibration.injected_delays import HEADER, suite_with_delays
from tools.calibration.kinds import KINDS
from tools.calibration.places import ORDERS

COMPARED = ("list-orders", "summary")


def test_nothing_planted_compares_what_a_comparison_does() -> None:
    """Trials of equal code have the suite's own scenarios."""
    assert KINDS["same-quiet"].scenarios(COMPARED) == ["list-orders", "summary"]


def test_a_planted_delay_is_a_scenario_of_its_own() -> None:
    """The slowed scenario stands in the place of the one that it slows down; the others stay."""
    assert KINDS["5-percent-quiet"].scenarios(COMPARED) == ["list-orders", "summary-slower-by-5"]


def test_the_suite_gets_one_scenario_a_delay() -> None:
    """Each sends the request of the scenario that it slows down, and asks for its delay in a header."""
    text = suite_with_delays(read_suite(ORDERS), [KINDS["same-quiet"], KINDS["10-percent-noisy"]])
    added = tomllib.loads(text)["scenario"][-1]
    assert added["name"] == "summary-slower-by-10"
    assert added["headers"] == {HEADER: "0.1"}
    assert added["request"].startswith("GET /api/orders/summary/")
    assert len(tomllib.loads(text)["scenario"]) == len(read_suite(ORDERS).suite.scenario) + 1


def test_kinds_that_share_a_machine_are_run_together() -> None:
    """Quiet trials are never made from noisy pairs, nor the other way round."""
    assert _next_batch(list(KINDS.values()), [], count=None) in (
        [KINDS["same-quiet"], KINDS["5-percent-quiet"], KINDS["10-percent-quiet"]],
        [KINDS["same-noisy"], KINDS["10-percent-noisy"]],
    )


def test_nothing_is_run_when_nothing_is_missing() -> None:
    """A calibration that is complete does not start a server."""
    assert _next_batch(list(KINDS.values()), [], count=0) == []
