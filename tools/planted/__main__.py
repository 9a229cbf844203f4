"""`python -m tools.planted`: does the gate catch what is planted, for the right reason, and nothing else?"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from math import inf
from pathlib import Path
from typing import get_args

from reglab.errors import PolicyError, ServerError
from tools.planted.catalogue import (
    CatalogueError,
    Category,
    NeutralChange,
    Regression,
    everything_planted,
    neutral_changes,
    regressions,
    shown_changes,
)
from tools.planted.document import DOCUMENT, written
from tools.planted.instruments import sighting_as_pull_request
from tools.planted.judgement import Judgement
from tools.planted.results import PULL_REQUESTS, RESULTS, Entry, Results, release_and_commit, tree_revision
from tools.planted.rules_shown import sighting_of_shown
from tools.planted.runner import Judged, Runner
from tools.planted.stacks import run_stacked
from tools.planted.summary import rendered

FAIL = 1
COULD_NOT_RUN = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table, and return 0 where all is well, 1 where something was missed or a false alarm given."""
    options = _parser().parse_args(arguments)
    try:
        entries = _chosen(options)
        runner = _runner(options)
        if options.again:
            runner.forget(entries)
        if runner.look is sighting_as_pull_request and not options.latest:
            run_stacked(runner, [entry for entry in entries if isinstance(entry, NeutralChange)])
        done = [runner.judge_latest(entry) for entry in entries] if options.latest else runner.run(entries)
    except (CatalogueError, ServerError, PolicyError, OSError) as error:
        print(f"planted: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        kept = RESULTS if options.by_instrument or options.shown else PULL_REQUESTS
        print(f"\nplanted: interrupted; what is done is kept in {kept}, the same command goes on", file=sys.stderr)
        return INTERRUPTED
    print(rendered(done))
    if options.document:
        DOCUMENT.write_text(written(done, pull_requests()), encoding="utf-8")
    return 0 if all(each.judgement.is_good for each in done) else FAIL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.planted", description=__doc__)
    parser.add_argument("--only", default="*", metavar="GLOB", help="only entries with such a name")
    parser.add_argument(
        "--category", choices=(*get_args(Category), "neutral"), help="only this category, or only neutral changes"
    )
    parser.add_argument(
        "--shown", action="store_true", help="run the changes that show a rule at work, which no figure counts"
    )
    parser.add_argument("--quick", action="store_true", help="only the fast subset: less than 3 minutes on 2 cores")
    parser.add_argument(
        "--by-instrument",
        action="store_true",
        help="run each entry's one instrument on its one scenario: quicker, for development; no figure of the gate",
    )
    parser.add_argument("--again", action="store_true", help="run what was run before, too")
    parser.add_argument(
        "--latest",
        action="store_true",
        help="run nothing: take the last result of each entry, whatever code it was seen with",
    )
    parser.add_argument(
        "--minutes", type=float, metavar="N", help="begin nothing new after so long: whole runs are made in parts"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many audits at a time (default: %(default)s)")
    parser.add_argument(
        "--keep-records", type=Path, metavar="FOLDER", help="keep the raw records there, to be judged and shown again"
    )
    parser.add_argument("--document", action="store_true", help=f"write {DOCUMENT.name} from the results (whole runs)")
    return parser


def _runner(options: argparse.Namespace) -> Runner:
    """Run each entry as a pull request; by its one instrument where that was asked for, which proves less."""
    if options.shown:
        return Runner(
            results=Results(),
            revision=f"{tree_revision()} as a rule is shown",
            say=_progress(),
            look=sighting_of_shown,
            jobs=options.jobs,
            records=options.keep_records,
        )
    if options.by_instrument or options.latest:
        return Runner(
            results=Results(),
            revision=tree_revision(),
            say=_progress(),
            jobs=options.jobs,
            records=options.keep_records,
        )
    release, commit = release_and_commit()
    # Load and time are part of each gate: two at once would disturb each other.
    return Runner(
        results=Results(PULL_REQUESTS),
        revision=release,
        say=_progress(),
        look=sighting_as_pull_request,
        jobs=1,
        records=options.keep_records,
        ends_at=time.monotonic() + 60 * options.minutes if options.minutes else inf,
        seen_with=commit,
    )


def _chosen(options: argparse.Namespace) -> list[Entry]:
    if options.document and (options.only != "*" or options.category or options.quick or options.shown):
        raise CatalogueError("--document shows everything: leave --only, --category, --quick and --shown away")
    if options.document and not (options.by_instrument or options.latest):
        raise CatalogueError("--document shows what each instrument saw, beside all whole runs: add --latest")
    entries: list[Entry] = [*shown_changes()] if options.shown else [*regressions(), *neutral_changes()]
    is_whole = not (options.by_instrument or options.shown or options.latest)
    chosen = [
        entry
        for entry in entries
        # Surroundings are no pull request.
        if (entry.patch or not is_whole)
        and fnmatchcase(entry.name, options.only)
        and (entry.quick or not options.quick)
        and options.category in {None, entry.category if isinstance(entry, Regression) else "neutral"}
    ]
    if not chosen:
        raise CatalogueError("nothing in the catalogue is called so; `--only '*'` runs all of it")
    return chosen


def pull_requests() -> list[Judged]:
    """Return the last whole run of each change that had one, judged."""
    runner = Runner(results=Results(PULL_REQUESTS), revision="")
    done = (runner.judge_latest(entry) for entry in everything_planted())
    return [each for each in done if each.judgement is not Judgement.NOT_RUN]


def _progress() -> Callable[[str], None]:
    if not sys.stderr.isatty() or "CI" in os.environ:
        return lambda _: None
    return lambda text: print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
