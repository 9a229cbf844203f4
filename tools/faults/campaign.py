"""Runs the rounds that a part asks for and that are not recorded yet, on one service and one PostgreSQL."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from tools.faults import disk, rounds
from tools.faults import outcome as outcomes
from tools.faults.outcome import Outcome
from tools.faults.rounds import Ground, Round
from tools.faults.service import migrate, running_service

DATABASE = "orders"
ROUNDS: Mapping[str, Round] = {
    "killed workers": rounds.killed_workers,
    "killed PostgreSQL": rounds.killed_postgres,
    "restarted PostgreSQL": rounds.restarted_postgres,
    "rolling restart": rounds.rolling_restart,
    "held lock": rounds.held_lock,
    "frozen PostgreSQL": rounds.frozen_postgres,
    "no connection left": rounds.no_connections,
    "full disk": rounds.full_disk,
    "flood": rounds.flood,
    "bad input": rounds.bad_input,
}
# How often each fault is done: the whole campaign, what a night has time for, and what a change has time for.
PARTS: Mapping[str, Mapping[str, int]] = {
    "all": {
        "killed workers": 1_000,
        "killed PostgreSQL": 200,
        "restarted PostgreSQL": 20,
        "rolling restart": 20,
        "held lock": 10,
        "frozen PostgreSQL": 10,
        "no connection left": 10,
        "full disk": 10,
        "flood": 15_000,
        "bad input": 20_000,
    },
    "nightly": {
        "killed workers": 60,
        "killed PostgreSQL": 20,
        "restarted PostgreSQL": 3,
        "rolling restart": 3,
        "held lock": 2,
        "frozen PostgreSQL": 2,
        "no connection left": 2,
        "full disk": 1,
        "flood": 1_500,
        "bad input": 2_000,
    },
    "quick": {
        "killed workers": 10,
        "killed PostgreSQL": 2,
        "rolling restart": 1,
        "held lock": 1,
        "frozen PostgreSQL": 1,
        "flood": 1_500,
        "bad input": 500,
    },
}


def run(*, part: str, record: Path, minutes: float | None = None) -> list[Outcome]:
    """Do what is missing of a part, round by round in turn, until it is complete or the time is up."""
    wanted = _possible(part)
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="faults-")))
        server = stack.enter_context(Server.throwaway(settings=PRODUCTION_LIKE, tcp=True))
        url = server.create_database(DATABASE)
        migrate(url)
        service = stack.enter_context(running_service(url, folder=folder))
        ground = Ground(server=server, url=url, service=service, folder=folder)
        while missing := [name for name in wanted if _times(outcomes.read(record), name) < wanted[name]]:
            for name in missing:
                if deadline is not None and time.monotonic() > deadline:
                    return outcomes.read(record)
                number = sum(outcome.fault.startswith(name) for outcome in outcomes.read(record))
                found = ROUNDS[name](ground, number)
                outcomes.append(record, found)
                print(_line(found), flush=True)
    return outcomes.read(record)


def is_complete(found: list[Outcome], *, part: str) -> bool:
    """Tell whether every fault of the part was done as often as it asks."""
    return all(_times(found, name) >= times for name, times in _possible(part).items())


def _possible(part: str) -> dict[str, int]:
    """Return the part's faults with how often each is done, without what this machine does not allow, and say so."""
    wanted = dict(PARTS[part])
    if "full disk" in wanted and not disk.is_possible():
        del wanted["full disk"]
        print("Left out: full disk (only root may mount a disk to fill).", flush=True)
    return wanted


def _times(found: list[Outcome], name: str) -> int:
    return sum(outcome.times for outcome in found if outcome.fault.startswith(name))


def _line(found: Outcome) -> str:
    verdict = "ok" if found.is_good else f"BROKEN {'; '.join(found.other_faults)}"
    return (
        f"{found.fault} #{found.round}: {found.times} times, {found.acknowledged_writes} writes acknowledged, "
        f"{found.lost} lost, {found.errors_500} x 500, {found.answers_503} x 503, live at most {found.live_s_max} s, "
        f"ready again after {found.recovery_s_max if found.recovery_s_max is not None else '-'} s: {verdict}"
    )
