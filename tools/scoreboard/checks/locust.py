"""Locust against a gunicorn of the copy: its own exit code, and the checks of locust-plugins."""

import json
import re
from dataclasses import replace
from typing import Final

from reglab.errors import LoadTestError
from reglab.load.server.service_process import running_service
from tools.scoreboard.checks.observation import Observation, Run, Situation, last_line, run, told
from tools.scoreboard.errors import ScoreboardError

_USERS: Final = 5
_RUN_SECONDS: Final = 15
_BASELINES: Final = 3
# The plugins' page gives no figures: these leave the unchanged service what two of its own runs may differ by.
_RPS_SHARE_MIN: Final = 0.9
_AVERAGE_GROWTH_MAX: Final = 1.5
_FAIL_RATIO_MAX: Final = 0.01
_FAILED: Final = re.compile(r"(CHECK FAILED: .*|Test failed due to .*)")


def prepare(situation: Situation) -> None:
    """Run the unchanged service a few times and set the limits from the worst. Raises ScoreboardError."""
    situation.state.mkdir(parents=True, exist_ok=True)
    rates, averages = [], []
    for _ in range(_BASELINES):
        done = _load(situation)
        total = re.search(r"^TOTAL (\S+) (\S+)$", done.output, re.MULTILINE)
        if done.code != 0 or total is None:
            raise ScoreboardError(f"locust: no baseline: {last_line(situation, done.output)}")
        rates.append(float(total[1]))
        averages.append(float(total[2]))
    limits = {"rps": round(min(rates) * _RPS_SHARE_MIN, 1), "average_ms": round(max(averages) * _AVERAGE_GROWTH_MAX, 1)}
    (situation.state / "limits.json").write_text(json.dumps(limits), encoding="utf-8")


def observe(situation: Situation) -> Observation:
    """Load the copy and hold it to the limits."""
    limits = json.loads((situation.state / "limits.json").read_text(encoding="utf-8"))
    try:
        done = _load(
            situation,
            *("--check-rps", str(limits["rps"]), "--check-fail-ratio", str(_FAIL_RATIO_MAX)),
            *("--check-avg-response-time", str(limits["average_ms"])),
        )
    except (ScoreboardError, LoadTestError) as error:
        return Observation(outcome="error", signal=told(situation, str(error)))
    if done.code == 0:
        return Observation(outcome="quiet", seconds=done.seconds)
    said = _FAILED.search(done.output)
    if said is None:
        return Observation(outcome="error", signal=last_line(situation, done.output), seconds=done.seconds)
    return Observation(outcome="failed", reason="own", signal=told(situation, said[1]), seconds=done.seconds)


def _load(situation: Situation, *checks: str) -> Run:
    """Serve the copy, and send it the load of the locustfile."""
    python = str(situation.python)
    prepared = run(
        situation, [python, "-m", "tools.scoreboard.shared.prepare_server"], DJANGO_SETTINGS_MODULE="service.settings"
    )
    if prepared.code != 0:
        raise ScoreboardError(last_line(situation, prepared.output))
    environment = {**situation.variables(), "DJANGO_SETTINGS_MODULE": "service.settings"}
    with running_service(
        environment=environment,
        root=situation.copy,
        folder=situation.state,
        wsgi="service.wsgi:application",
        ready_path="/healthz/ready",
    ) as service:
        command = [
            *(python, "-m", "locust", "-f", str(situation.peer.folder / "locustfile.py"), "--headless"),
            *("--host", service.origin, "--users", str(_USERS), "--spawn-rate", str(_USERS)),
            *("--run-time", f"{_RUN_SECONDS}s", "--stop-timeout", "10", "--only-summary", *checks),
        ]
        loaded = run(situation, command)
    return replace(loaded, seconds=loaded.seconds + prepared.seconds)
