"""Removes later what a run has left behind: `reglab load clean RUN`."""

import os
from collections.abc import Callable
from pathlib import Path

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.load_module import LoadProject
from reglab.load.run_facts import held_alone, read_run_facts
from reglab.load.target.allowlist import allowed_target
from reglab.load.target.http_client import DEADLINE_S, Api
from reglab.load.target.identity import prove
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.teardown import Settlement, Teardown


def clean_run(run: Path, *, project: LoadProject, target: str | None, say: Callable[[str], None]) -> Settlement:
    """Have the target prove itself, then remove every row that carries the run's id. Judges nothing.

    `target` is the origin to go to, by default the run's own. Raises LoadTestError.
    """
    folder = run / "load" if (run / "load").is_dir() else run
    if not folder.is_dir():
        raise LoadTestError(f"{run}: there is no such run folder; `reglab report list` names those there are")
    facts = read_run_facts(folder)
    allowed = allowed_target(target or facts.origin, targets=project.targets)
    # A tripwire of its own: the run's was cut for what answered then.
    tripwire = Tripwire()
    say(f"asking {allowed.origin} who it is")
    proof = prove(allowed, tripwire=tripwire)
    api = Api(
        origin=allowed.origin,
        token=os.environ.get("LOADTEST_TOKEN", ""),
        proof=proof,
        tripwire=tripwire,
        deadline_s=DEADLINE_S,
    )
    if proof.place != facts.place:
        raise UnsafeTargetError(
            f"{allowed.origin} has another database behind it than the run had: its rows are not there, and nothing "
            "was deleted"
        )
    say(f"removing the rows of {facts.run}")

    def prove_anew() -> None:
        prove(allowed, tripwire=tripwire, expected=proof)

    try:
        with held_alone(folder):
            return Teardown(
                load=project.load,
                folder=folder,
                api=api,
                run=facts.run,
                prove=prove_anew,
                clean_with=f"reglab load clean {run}",
            ).settle(judges=False)
    finally:
        api.close()
