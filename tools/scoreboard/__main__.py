"""`python -m tools.scoreboard`: show the planted changes to every peer, and write docs/scoreboard.md."""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch

from reglab.errors import ServerError
from reglab.postgres.server import Server
from tools.planted.catalogue import CatalogueError
from tools.scoreboard.changes import Change, planted_changes
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.ours import import_own_results
from tools.scoreboard.page import write_page
from tools.scoreboard.peers import Peer, read_peers
from tools.scoreboard.places import PENDING, RESULTS, STATE
from tools.scoreboard.readme import write_readme
from tools.scoreboard.results import read_results, write_results
from tools.scoreboard.session import Session

COULD_NOT_RUN = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the page and the README's table; return 0, 2 or 130."""
    options = _parser().parse_args(arguments)
    try:
        peers, changes = read_peers(), planted_changes()
        interrupted = not options.render and not _measured(options, peers=peers, changes=changes)
        # The catalogue may have grown while the run was under way.
        _publish(peers=peers, changes=planted_changes())
    except (ScoreboardError, CatalogueError, ServerError) as error:
        print(f"scoreboard: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    return INTERRUPTED if interrupted else 0


def _publish(*, peers: tuple[Peer, ...], changes: tuple[Change, ...]) -> None:
    """Write the results, the page and the README's table, which then agree, from all that was measured so far."""
    STATE.mkdir(parents=True, exist_ok=True)
    import_own_results(PENDING, changes)
    results = read_results(RESULTS) | read_results(PENDING)
    write_results(RESULTS, results.values())
    write_page(peers=peers, changes=changes, results=results)
    write_readme(peers=peers, changes=changes, results=results)


def _measured(options: argparse.Namespace, *, peers: tuple[Peer, ...], changes: tuple[Change, ...]) -> bool:
    """Measure, and tell whether it was to the end."""
    chosen_peers = [peer for peer in peers if _matches(peer.name, options.peer)]
    chosen_changes = tuple(change for change in changes if _matches(change.name, options.only))
    if not chosen_peers or not chosen_changes:
        raise ScoreboardError(
            f"nothing is selected; peers: {', '.join(peer.name for peer in peers)}; "
            "changes: the names in tools/planted/regressions.toml and neutral.toml"
        )
    # The project's own variables would reach the peers' tests.
    for name in ("DATABASE_URL", "SERVICE_ENVIRONMENT", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    try:
        with _alone(), Server.throwaway() as server:
            session = Session(
                changes=chosen_changes, kept=(RESULTS, PENDING), server=server, is_again=options.again, say=_say
            )
            if options.record and len(chosen_peers) < len(peers):
                raise ScoreboardError("--record makes all peers' records anew: leave --peer away")
            if options.record:
                session.record(chosen_peers)
            else:
                session.measure(chosen_peers)
    except KeyboardInterrupt:
        _say("stopped: what was measured is kept; the same command goes on from there")
        return False
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second run away: both would write the same results and the same copies."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ScoreboardError("another run is under way: wait for it, or stop it") from None
        yield


def _matches(name: str, globs: list[str]) -> bool:
    return not globs or any(fnmatch(name, glob) for glob in globs)


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.scoreboard", description=__doc__)
    parser.add_argument("--peer", action="append", default=[], metavar="GLOB", help="only these peers")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="only these changes")
    parser.add_argument("--again", action="store_true", help="measure cells again whose results are there")
    parser.add_argument("--record", action="store_true", help="only record the committed counts of the peers anew")
    parser.add_argument(
        "--render", action="store_true", help="measure nothing: write the page from what was measured so far"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
