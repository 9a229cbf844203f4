"""The other judges."""

import pytest

from tools.calibration.other_judges import mann_whitney_is_slower, mean_is_slower


@pytest.mark.parametrize(("candidate", "is_slower"), [(1.10, False), (1.11, True), (0.5, False)])
def test_two_means_are_compared_with_the_threshold(candidate: float, is_slower: bool) -> None:
    """mean:10% fails above 10 %, not at it."""
    assert mean_is_slower(baseline_seconds_mean=1.0, candidate_seconds_mean=candidate) is is_slower


def test_pooled_requests_of_a_slower_side_are_an_alarm() -> None:
    """All of 20 requests above all of 20 others is significant, and the same requests are not."""
    requests = [1 + number / 100 for number in range(20)]
    assert mann_whitney_is_slower(baseline=requests, candidate=[each + 1 for each in requests])
    assert not mann_whitney_is_slower(baseline=requests, candidate=requests)
