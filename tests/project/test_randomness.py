"""Chance that is seeded: equal at every execution, of its own for the dataset, and put back in the end."""

# ruff: noqa: S311 -- nothing that is drawn here is a secret

import os
import random
import secrets
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from reglab.project.data.randomness import DATASET, EXECUTION, seeded

ROOT = Path(__file__).resolve().parents[2]


def drawn() -> list[object]:
    """Draw once from everything that a Django project draws from."""
    return [
        os.urandom(16),
        secrets.token_hex(8),
        secrets.choice(range(1000)),
        random.random(),
        random.Random().random(),
        random.SystemRandom().random(),
        uuid.uuid4(),
        next(tempfile._get_candidate_names()),  # type: ignore[attr-defined]
    ]


def test_chance_is_equal_at_every_execution() -> None:
    """Each execution draws the same values; within one, no value is drawn twice."""
    found = []
    for _ in range(2):
        with seeded(EXECUTION):
            found.append([drawn(), drawn()])
    assert found[0] == found[1]
    assert all(one != other for one, other in zip(*found[0], strict=True))


def test_the_dataset_has_chance_of_its_own() -> None:
    """A request never draws the token that the data hold already."""
    with seeded(DATASET):
        of_data = drawn()
    with seeded(EXECUTION):
        of_request = drawn()
    assert all(one != other for one, other in zip(of_data, of_request, strict=True))


def test_chance_is_put_back() -> None:
    """After the block the process draws on as if nothing had been."""
    random.seed(7)
    expected = [random.random(), random.random()]
    random.seed(7)
    first = random.random()
    with seeded(EXECUTION):
        random.random()
    assert [first, random.random()] == expected
    assert os.urandom(16) != os.urandom(16)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_chance_is_equal_in_every_process(hash_seed: str) -> None:
    """A fresh process with another hash seed draws the same."""
    script = (
        "from reglab.project.data.randomness import *; import secrets, random\n"
        "with seeded(EXECUTION): print(secrets.token_hex(8), random.random())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    with seeded(EXECUTION):
        assert done.stdout.strip() == f"{secrets.token_hex(8)} {random.random()}"
