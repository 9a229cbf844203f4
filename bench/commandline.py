"""The audit's command line, shared by `manage.py audit` and `python -m bench audit`."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from bench.errors import AuditError
from bench.termination import terminated_is_interrupted

if TYPE_CHECKING:
    from bench.audit import Audit
    from bench.ledger import Ledger

COULD_NOT_RUN: Final = 2
DRAFTED: Final = "As it was when the suite was drafted."
RECORD: Final = "work.jsonl"
ORDERS: Final = Path(__file__).with_name("suites") / "orders" / "scenarios.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of an audit."""
    parser.add_argument("--suite", type=Path, default=ORDERS, help="the suite file (default: the orders service's)")
    parser.add_argument("--run", type=Path, help="the run folder to write work.jsonl into (default: a temporary one)")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only scenarios whose name or endpoint matches")
    parser.add_argument("--accept", metavar="WHY", help="accept what is measured into the ledger, with the reason")
    parser.add_argument(
        "--draft", action="store_true", help="write a first suite file (--suite) by discovery, and audit with it"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument(
        "--database",
        choices=("auto", "own", "settings"),
        default="auto",
        help="own: a PostgreSQL started for the audit; settings: the server that the settings name; "
        "auto: own where DATABASE_URL is unset and the settings say PostgreSQL (default)",
    )


def run(options: argparse.Namespace) -> int:
    """Audit, record, judge and print; return the exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive.

    Django's settings must be loaded.
    """
    from database.errors import ServerError
    from reports.policy import PolicyError

    terminated_is_interrupted()
    try:
        with chosen_database(options.database), run_folder(options.run) as folder:
            return _run(options, folder)
    except (AuditError, ServerError, PolicyError, OSError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return COULD_NOT_RUN


def _run(options: argparse.Namespace, folder: Path) -> int:
    from bench.audit import audit
    from bench.ledger import read_ledger
    from bench.measurements import lines_of
    from bench.records import header_of
    from bench.suite import read_suite
    from bench.surroundings import test_surroundings
    from reports.record_files import recording

    if options.draft:
        _draft(options.suite)
    file = read_suite(options.suite)
    ledger = read_ledger(file.ledger_path)
    with test_surroundings(), recording(folder / RECORD, header_of(file, run=folder.name, only=options.only)) as record:
        measured = audit(file, only=options.only, say=progress())
        if options.accept or options.draft:
            _accept(measured, ledger, why=options.accept or DRAFTED, is_draft=options.draft)
        for line in lines_of(measured, ledger):
            record.write(line)
    return judged(folder, instrument="work", as_json=options.json)


def _draft(suite: Path) -> None:
    from bench.drafting import write_draft

    count = write_draft(suite)
    print(f"{suite}: {count} scenarios drafted, each a GET; the rest are waivers to fill in", file=sys.stderr)


def _accept(measured: "Audit", ledger: "Ledger", *, why: str, is_draft: bool) -> None:
    from bench.measurements import entries_of, statements_of, without_predicates_unserved

    entries = entries_of(measured)
    changed = ledger.accept(
        without_predicates_unserved(entries) if is_draft else entries,
        statements=statements_of(measured),
        why=why,
        scenarios=[scenario.name for scenario in measured.suite.suite.scenario],
    )
    print(f"{ledger.path}: {changed} counters accepted: {why}", file=sys.stderr)


def judged(folder: Path, *, instrument: str, as_json: bool) -> int:
    """Judge one instrument's record of a run, print the verdict, and return its exit code."""
    from reports.judge import judge
    from reports.policy import read_policy
    from reports.renderings import terminal
    from reports.renderings.files import RENDERINGS

    verdict = judge(folder, read_policy(), only=(instrument,))
    if as_json:
        print(RENDERINGS["verdict.json"](verdict))
    else:
        is_terminal = sys.stdout.isatty() and "CI" not in os.environ
        width = os.get_terminal_size().columns if sys.stdout.isatty() else 140
        print(terminal.render(verdict, colour=is_terminal and "NO_COLOR" not in os.environ, width=max(80, width)))
    return verdict.exit_code


@contextmanager
def chosen_database(choice: str) -> Iterator[None]:
    """Point the default alias at the PostgreSQL that the audit is to use, started for it where that was chosen."""
    from django.db import connections

    from database.configured import configured_url

    settings = connections.settings["default"]
    is_postgresql = settings["ENGINE"].rpartition(".")[2] == "postgresql"
    if choice == "settings" or (choice == "auto" and (configured_url() is not None or not is_postgresql)):
        yield
        return
    from database.server import Server

    with Server.throwaway() as server:
        settings.update(_parts_of(server.create_database("audited")))
        connections["default"].close()
        yield
        connections.close_all()


def _parts_of(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.netloc.rpartition("@")[2].rpartition(":")[0]),
        "PORT": str(parts.port or ""),
    }


@contextmanager
def run_folder(folder: Path | None) -> Iterator[Path]:
    """Give the run folder that was named, or a temporary one."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="audit-run-") as temporary:
        from reports.runs import create_run

        yield create_run(Path(temporary))


def progress() -> Callable[[str], None]:
    """Return what shows one line of progress, where there is somebody to see it."""
    if not sys.stderr.isatty() or "CI" in os.environ:
        return lambda _: None

    def say(text: str) -> None:
        print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)

    return say
