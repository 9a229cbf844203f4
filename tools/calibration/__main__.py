"""`python -m tools.calibration`: how often is a verdict on time wrong, on this machine.

Trials that are in the results already are not run again; several shards may run beside each other on several machines.
Trials of several kinds are made from the same pairs where they can be, and all of one run on the same databases.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from reglab.termination import terminated_is_interrupted
from tools.calibration.kinds import KINDS, Kind

if TYPE_CHECKING:
    from tools.calibration.results import Trial


def main(arguments: list[str]) -> int:
    """Run the trials that are missing, then write the figures; give 2 where a trial cannot be run."""
    options = _parser().parse_args(arguments)
    terminated_is_interrupted()
    _set_up_django()
    from reglab.errors import AuditError, ServerError
    from tools.calibration.figures import write_figures
    from tools.calibration.results import RESULTS, read_trials

    results = options.results or RESULTS
    code = 0
    try:
        # First, so that a file that cannot be read or written is told before hours of trials.
        write_figures(read_trials(results), document=options.document)
        try:
            _complete(_chosen(options.kind), count=options.count, results=results)
        except KeyboardInterrupt:
            print("calibration: interrupted; what was finished is kept", file=sys.stderr)
            code = 130
        write_figures(read_trials(results), document=options.document)
    except (AuditError, ServerError, OSError) as error:
        print(f"calibration: {error}", file=sys.stderr)
        return 2
    return code


def _complete(kinds: list[Kind], *, count: int | None, results: Path) -> None:
    """Run trials until the results hold as many of each kind as are wanted, other shards' included."""
    from tools.calibration.results import append, read_trials
    from tools.calibration.trials import trial_bench

    if not _next_batch(kinds, read_trials(results), count=count):
        return
    with trial_bench(seed=SystemRandom().randrange(2**32)) as bench:
        while batch := _next_batch(kinds, read_trials(results), count=count):
            for trial in bench.batch(batch):
                append(trial, results)
                said = f"{trial.outcome}, {trial.pairs} pairs, {trial.seconds:.0f} s the batch"
                print(f"{trial.kind}: {said}", flush=True)


def _next_batch(kinds: Sequence[Kind], trials: "Sequence[Trial]", *, count: int | None) -> list[Kind]:
    """Return the kinds of which trials are missing, quiet or noisy ones: those of which the larger part is missing."""
    done = Counter(trial.kind for trial in trials)
    missing = {kind: 1 - done[kind.name] / (kind.wanted if count is None else count or 1) for kind in kinds}
    open_kinds = [kind for kind in kinds if missing[kind] > 0 and count != 0]
    if not open_kinds:
        return []
    first = max(open_kinds, key=missing.__getitem__)
    return [kind for kind in open_kinds if kind.is_noisy == first.is_noisy]


def _chosen(names: list[str]) -> list[Kind]:
    return [KINDS[name] for name in names or KINDS]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.calibration", description=__doc__)
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), default=[], help="only this kind of trials")
    parser.add_argument("--count", type=int, help="how many trials of a kind there are to be in the end")
    parser.add_argument("--results", type=Path, help="another file of raw results, as for a shard on another machine")
    parser.add_argument("--document", type=Path, default=Path("docs/method.md"), help="where the figures are written")
    return parser


def _set_up_django() -> None:
    import django

    from reglab.postgres.database_url import NO_SERVER_URL, VARIABLE

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
    os.environ.setdefault("SERVICE_ENVIRONMENT", "development")
    os.environ.setdefault(VARIABLE, NO_SERVER_URL)
    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
