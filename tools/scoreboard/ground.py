"""Common ground of all cells: the requests that are asked, the dataset, and the service that is changed."""

import hashlib

from tools.scoreboard.changes import unchanged
from tools.scoreboard.places import ASKED, PROJECT
from tools.scoreboard.shared.scenarios import SUITE, all_scenarios


def asked_scenarios() -> tuple[str, ...]:
    """Return the names that the peers are asked: a new scenario of the suite has no record to be compared with yet."""
    return tuple(ASKED.read_text(encoding="utf-8").split())


def scenarios_left_out() -> tuple[str, ...]:
    """Return the suite's scenarios that the peers are not asked, in its order."""
    asked = asked_scenarios()
    return tuple(scenario.name for scenario in all_scenarios() if scenario.name not in asked)


def ask_all_scenarios() -> None:
    """Ask every scenario of the suite from now on; the peers' records must be made anew with it."""
    ASKED.write_text("".join(f"{scenario.name}\n" for scenario in all_scenarios()), encoding="utf-8")


def ground_digest() -> str:
    """Return a digest of suite, dataset and service: a run during which it changes has measured two things."""
    digest = hashlib.sha256(unchanged().digest.encode())
    for path in (*sorted(SUITE.glob("*.toml")), PROJECT / "bench" / "dataset.py", ASKED):
        digest.update(path.read_bytes())
    return digest.hexdigest()
