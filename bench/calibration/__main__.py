"""`python -m bench.calibration`: how often is a verdict on time wrong, on this machine.

Trials that are in the results already are not run again; several shards may run beside each other on several machines.
"""

import argparse
import os
import sys
from pathlib import Path
from random import SystemRandom

from bench.calibration.kinds import KINDS, Kind


def main(arguments: list[str]) -> int:
    """Run the trials that are missing, then write the figures; give 2 where a trial cannot be run."""
    options = _parser().parse_args(arguments)
    _set_up_django()
    from bench.calibration.figures import write_figures
    from bench.calibration.results import RESULTS, read_trials
    from bench.errors import AuditError
    from database.errors import ServerError

    results = options.results or RESULTS
    try:
        _complete(_chosen(options.kind), count=options.count, results=results)
        write_figures(read_trials(results), document=options.document)
    except (AuditError, ServerError) as error:
        print(f"calibration: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("calibration: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    return 0


def _complete(kinds: list[Kind], *, count: int | None, results: Path) -> None:
    """Run trials, a kind after the other, until the results hold as many as are wanted, other shards' included."""
    from bench.calibration.results import append, read_trials
    from bench.calibration.trials import run_trial

    is_incomplete = True
    while is_incomplete:
        is_incomplete = False
        for kind in kinds:
            wanted = kind.wanted if count is None else count
            done = sum(trial.kind == kind.name for trial in read_trials(results))
            if done < wanted:
                is_incomplete = True
                trial = run_trial(kind, seed=SystemRandom().randrange(2**32))
                append(trial, results)
                said = f"{trial.outcome}, {trial.pairs} pairs, {trial.seconds:.0f} s"
                print(f"{kind.name} {done + 1}/{wanted}: {said}", flush=True)


def _chosen(names: list[str]) -> list[Kind]:
    return [KINDS[name] for name in names or KINDS]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), default=[], help="only this kind of trials")
    parser.add_argument("--count", type=int, help="how many trials of a kind there are to be in the end")
    parser.add_argument("--results", type=Path, help="another file of raw results, as for a shard on another machine")
    parser.add_argument("--document", type=Path, default=Path("docs/method.md"), help="where the figures are written")
    return parser


def _set_up_django() -> None:
    import django

    from database.configured import NO_SERVER_URL, VARIABLE

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
    os.environ.setdefault("SERVICE_ENVIRONMENT", "development")
    os.environ.setdefault(VARIABLE, NO_SERVER_URL)
    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
