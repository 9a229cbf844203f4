"""The auditor audited: planted regressions fail with the right cause first, neutral changes pass."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reports.outcomes import Outcome
from tests.bench.planting import audited, told
from tests.bench.plants import NEUTRAL, REGRESSIONS, Plant

pytestmark = [pytest.mark.postgres]
CONCERNED = "*-order"


def _parameters() -> list[object]:
    return [
        pytest.param(plant, id=plant.name, marks=() if plant.is_quick else pytest.mark.slow) for plant in REGRESSIONS
    ]


@pytest.mark.parametrize("plant", _parameters())
def test_a_planted_regression_fails_with_its_cause_first(plant: Plant, tmp_path: Path) -> None:
    """The first finding names the rule, the endpoint, and the table, statement or line that did it."""
    verdict = audited(tmp_path / "copy", only=plant.only, change=plant.change)
    assert verdict.outcome is Outcome.FAIL
    first = verdict.findings[0]
    said = told(first)
    assert (first.rule, first.endpoint) == (plant.rule, plant.endpoint), said
    for word in plant.said:
        assert word in said


def test_the_unchanged_service_passes(tmp_path: Path) -> None:
    """A copy without any change, in a folder of another name, passes."""
    assert audited(tmp_path / "another name", only=CONCERNED).outcome is Outcome.PASS


@pytest.mark.slow
@pytest.mark.parametrize("name", NEUTRAL)
def test_a_neutral_change_passes(name: str, tmp_path: Path) -> None:
    """What changes no work changes no verdict."""
    verdict = audited(tmp_path / "copy", only=CONCERNED, change=NEUTRAL[name])
    assert verdict.outcome is Outcome.PASS, told(verdict.findings[0])


@pytest.mark.slow
def test_another_hash_seed_passes(tmp_path: Path) -> None:
    """The order of sets and dictionaries' hashes does not reach any counter."""
    assert audited(tmp_path / "copy", only="*orders*", hash_seed="4242").outcome is Outcome.PASS


@pytest.mark.slow
def test_two_audits_at_once_pass(tmp_path: Path) -> None:
    """Audits on one server, at the same time, do not meet."""
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda number: audited(tmp_path / str(number), only=CONCERNED), range(2)))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.PASS, Outcome.PASS]
