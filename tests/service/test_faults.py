"""The fault campaign's own parts: its records survive an interruption, its page shows them, its inputs repeat."""

from pathlib import Path

import pytest

from tools.faults import __main__ as command
from tools.faults import outcome as outcomes
from tools.faults import page
from tools.faults.campaign import PARTS, ROUNDS
from tools.faults.inputs import generated_requests
from tools.faults.outcome import Outcome

GOOD = Outcome(fault="held lock", round=0, times=1, acknowledged_writes=3, answers_503=7, live_s_max=0.25)


def test_a_round_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    """A line that an interruption cut short is done again, and the others count."""
    record = tmp_path / "results.jsonl"
    outcomes.append(record, GOOD)
    with record.open("a", encoding="utf-8") as stream:
        stream.write('{"fault": "held lo')
    assert outcomes.read(record) == [GOOD]
    assert outcomes.times(outcomes.read(record), "held lock") == 1


@pytest.mark.parametrize(
    "broken",
    [{"errors_500": 1}, {"lost": 1}, {"live_s_max": 1.01}, {"other_faults": ["torn: 7"]}],
    ids=["a 500", "a lost write", "a slow probe", "a torn order"],
)
def test_each_broken_promise_is_one(broken: dict[str, object]) -> None:
    """A round that kept every promise is good, and any single breach is not."""
    assert GOOD.is_good
    assert not Outcome(**{"fault": "x", "round": 0, "times": 1, **broken}).is_good  # type: ignore[arg-type]


def test_a_part_asks_for_nothing_that_is_not_there() -> None:
    """Every fault of every part has a function, and the whole campaign has all of them."""
    assert all(part.keys() <= ROUNDS.keys() for part in PARTS.values())
    assert PARTS["all"].keys() == ROUNDS.keys()


def test_generated_requests_repeat() -> None:
    """The same seed gives the same requests, another seed others, and each looks like a request."""
    first = list(generated_requests(seed=1, count=50))
    assert first == list(generated_requests(seed=1, count=50))
    assert first != list(generated_requests(seed=2, count=50))
    assert all(b" HTTP/1.1\r\n" in request and b"\r\n\r\n" in request for request in first)


def test_the_page_shows_what_was_recorded() -> None:
    """The figures of docs/reliability.md are those of the committed rounds."""
    text = command.PAGE.read_text(encoding="utf-8")
    shown = text.partition(page.BEGIN)[2].partition(page.END)[0].strip()
    assert shown == page.figures(outcomes.read(command.RECORD))


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    """Figures are never written to a place that was not made for them."""
    path = tmp_path / "page.md"
    path.write_text("# Nothing here\n", encoding="utf-8")
    with pytest.raises(ValueError, match="needs the lines"):
        page.write(path, [GOOD])
