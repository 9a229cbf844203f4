"""The tables of the scoreboard: what was not run is said, and no sum counts it."""

from dataclasses import replace

from tests.tools.scoreboard.test_results import RESULT
from tools.scoreboard.changes import Change
from tools.scoreboard.page import page
from tools.scoreboard.peers import Peer
from tools.scoreboard.results import Key, Result
from tools.scoreboard.scores import Count, score
from tools.scoreboard.tables import cell, markdown, matrix, short_table

CHANGES = (
    Change(name="lost-select-related", kind="regression", title="Forget the customer", category="queries"),
    Change(name="status-index-dropped", kind="regression", title="Drop an index", category="plans"),
    Change(name="answers-500", kind="regression", title="Raise", category="correctness"),
    Change(name="comments", kind="neutral", title="Explain", category="code"),
    Change(name="renamed", kind="neutral", title="Rename", category="code"),
)
PEER = Peer(
    name="zeal",
    short="zeal",
    check="pytest",
    timing="exact",
    scenarios="all",
    own_signal="N",
    documentation="its readme",
    configuration="The middleware.",
    better="It needs no expectations.",
)


def results(*found: Result) -> dict[Key, Result]:
    return {result.key: result for result in found}


MEASURED = results(
    RESULT,
    replace(RESULT, change="status-index-dropped", outcome="quiet", reason="", signal="", seconds=2.0),
    replace(RESULT, change="answers-500", reason="test", signal="answered 500", seconds=6.0),
    replace(RESULT, change="comments", kind="neutral", outcome="quiet", reason="", signal="", seconds=3.0),
)


def test_a_score_counts_what_was_run_and_says_what_was_not() -> None:
    """Two of three regressions failed; of two neutral changes one was run. The median of 2, 3, 4.5 and 6 s is 3.75."""
    found = score("zeal", changes=CHANGES, results=MEASURED)
    assert (str(found.caught), str(found.alarms)) == ("2 of 3", "0 of 1 run (2 in all)")
    assert found.by_category["plans"] == Count(failed=0, run=1, all=1)
    assert (found.caught_by_test, found.errors, found.seconds_median) == (1, 0, 3.75)


def test_a_set_up_that_crashed_is_neither_caught_nor_missed() -> None:
    """An error is counted apart: as caught it would flatter the peer, as missed it would blame it."""
    crashed = results(*MEASURED.values(), replace(RESULT, outcome="error", reason="", signal="ImportError"))
    found = score("zeal", changes=CHANGES, results=crashed)
    assert (found.caught, found.errors) == (Count(failed=1, run=2, all=3), 1)


def test_a_peer_without_results_scores_nothing() -> None:
    """Nothing measured is `not run` in every column: never 0."""
    found = score("asv", changes=CHANGES, results=MEASURED)
    assert "| asv | – | not run | not run | – |" in short_table([found])


def test_each_outcome_has_a_word_of_its_own() -> None:
    """A cell tells the peer's own failure, the plain assertion's, quiet, a crash, and what was not run apart."""
    quiet = replace(RESULT, outcome="quiet", reason="")
    crashed = replace(RESULT, outcome="error", reason="")
    words = [cell(one) for one in (RESULT, replace(RESULT, reason="test"), quiet, crashed, None)]
    assert words == ["**yes**", "status", "no", "error", "not run"]


def test_the_matrix_has_a_row_for_every_change_of_its_kind() -> None:
    """No change is left out because nobody ran it."""
    rows = matrix("neutral", changes=CHANGES, columns={"zeal": "zeal"}, results=MEASURED).splitlines()
    assert rows[2:] == ["| code: comments | no |", "| code: renamed | not run |"]


def test_a_bar_in_a_text_does_not_end_its_cell() -> None:
    """Asv's tables are full of bars."""
    assert markdown(("a",), [("1 | 2",)]).splitlines()[-1] == "| 1 \\| 2 |"


def test_the_page_names_what_others_caught_and_we_missed() -> None:
    """A regression that we miss and a peer catches stands on the page, with the peer's name."""
    missed = replace(RESULT, peer="regression-lab", outcome="quiet", reason="", signal="the verdict is pass")
    text = page(peers=[PEER], changes=CHANGES, results={**MEASURED, missed.key: missed})
    assert "- `lost-select-related`: zeal. We: the verdict is pass" in text
    assert "- zeal: 1 of its 2 by the assertion of the status alone." in text
    assert "It needs no expectations." in text
