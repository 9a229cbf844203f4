"""The service's own count against the generator's."""

from pathlib import Path

import pytest

from reglab.load.server.access_log import ServedRequests, count_difference, log_end, served_requests


def test_only_the_runs_own_requests_count(tmp_path: Path) -> None:
    """Probes, other runs and cut lines are left out; server errors are counted among the rest."""
    log = tmp_path / "access.log"
    log.write_text("run1 200 1000\nrun1 503 20\n- 200 5\nrun2 200 9\nrun1 2", encoding="utf-8")
    assert served_requests(log, run="run1") == ServedRequests(requests=2, server_errors=1)


@pytest.mark.parametrize(
    ("served", "answered", "unknown", "difference"),
    [(100, 100, 0, 0), (101, 100, 1, 0), (99, 100, 1, 0), (102, 100, 1, 1), (95, 100, 0, 5)],
)
def test_each_unknown_request_explains_one(served: int, answered: int, unknown: int, difference: int) -> None:
    """What got no answer may have been served or not; beyond that, one side has miscounted."""
    counted = ServedRequests(requests=served, server_errors=0)
    assert count_difference(counted, answered=answered, unknown=unknown) == difference


def test_a_second_pass_of_a_run_counts_its_own_requests(tmp_path: Path) -> None:
    """A search for capacity sends pass after pass under one run: what came before is not counted again."""
    log = tmp_path / "access.log"
    assert log_end(log) == log_end(None) == 0
    log.write_text("run1 200 5\nrun1 200 5\n", encoding="utf-8")
    begin = log_end(log)
    with log.open("a", encoding="utf-8") as more:
        more.write("run1 500 5\n")
    assert served_requests(log, run="run1", since=begin) == ServedRequests(requests=1, server_errors=1)
