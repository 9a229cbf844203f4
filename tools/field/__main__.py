"""`python -m tools.field [NAME …]`: follow the documented path on projects from elsewhere, and write the page."""

import argparse
import fcntl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tools.field.environments import lock
from tools.field.errors import FieldError
from tools.field.page import write_page
from tools.field.places import STATE
from tools.field.projects import Project, read_projects
from tools.field.steps import PROBES, STEPS, FieldTest, unmet

PASSED, NOT_AS_PROMISED, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named projects, the small ones by default; return 0, 1 where a promise is not kept, 2, or 130."""
    options = _parser().parse_args(arguments)
    try:
        projects = read_projects()
        chosen = _chosen(projects, options.names)
        with _alone():
            if options.lock:
                for project in chosen:
                    lock(project)
                return PASSED
            failures = [] if options.render else _run(chosen, options)
            write_page(projects)
    except KeyboardInterrupt:
        _say("stopped: the steps that were done are kept; the same command goes on from there")
        return INTERRUPTED
    except FieldError as error:
        print(f"field: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    for failure in failures:
        _say(f"NOT AS PROMISED {failure}")
    return NOT_AS_PROMISED if failures else PASSED


def _run(projects: Sequence[Project], options: argparse.Namespace) -> list[str]:
    failures: list[str] = []
    for project in projects:
        test = FieldTest(project=project, say=_say, workers=options.workers)
        test.run(is_again=options.again, only=options.step)
        failures.extend(f"{project.name}: {one}" for one in unmet(test))
    return failures


def _chosen(projects: tuple[Project, ...], names: Sequence[str]) -> tuple[Project, ...]:
    known = {project.name: project for project in projects}
    if unknown := [name for name in names if name not in known]:
        raise FieldError(f"no field project is called {unknown[0]!r}; known: {', '.join(known)}")
    if names:
        return tuple(known[name] for name in names)
    return tuple(project for project in projects if project.size == "small")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second run away: both would write the same environments and the same results."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FieldError("another field test is under way: wait for it, or stop it") from None
        yield


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.field", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the projects to run (default: the small ones)")
    parser.add_argument("--again", action="store_true", help="run steps again whose results are there")
    parser.add_argument(
        "--step",
        action="append",
        default=[],
        choices=(*STEPS, *PROBES),
        help="run this step alone, on the draft that is there; may be given more than once",
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="as `reglab audit --workers` (default: 1)")
    parser.add_argument("--render", action="store_true", help="run nothing: write the page from the results")
    parser.add_argument("--lock", action="store_true", help="run nothing: resolve the projects' requirements again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
