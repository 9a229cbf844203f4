"""The command line of the judge. A user's mistake is one line on stderr and exit code 2."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from reports.collection import RunError
from reports.differences import difference
from reports.history import HISTORY, History, HistoryError
from reports.judge import judge
from reports.outcomes import EXIT_COULD_NOT_RUN
from reports.policy import POLICY_PATH, PolicyError, read_policy
from reports.record_files import now
from reports.renderings import tables, terminal
from reports.renderings.files import RENDERINGS, write
from reports.runs import RUNS, find_run, run_folders
from reports.trends import Trend, trends_of
from reports.verdict import Verdict

INSTRUMENTS: Final = ("work", "race", "suites", "compare", "load")
SCHEMA: Final = Path(__file__).parents[1] / "docs" / "schema" / "verdict-1.json"
_TREND_RUNS: Final = 50  # so many past runs are drawn into a report


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_COULD_NOT_RUN
    except (RunError, PolicyError, HistoryError, OSError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return EXIT_COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Records in, one verdict out.")
    parser.add_argument("--runs", type=Path, default=RUNS, help="the folder of run folders (default: %(default)s)")
    parser.add_argument("--history", type=Path, default=HISTORY, help="the history's file (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_judge(commands.add_parser("judge", help="judge a run, write its reports beside its records"))
    _add_show(commands.add_parser("show", help="judge a run again under the present policy, and write nothing"))
    _add_diff(commands.add_parser("diff", help="what differs between two runs, both under the present policy"))
    _add_trend(commands.add_parser("trend", help="how quantities went over past runs; advice, never a verdict"))
    _add_pin(commands.add_parser("pin", help="pin a judged run as a baseline, so that slow drift shows"))
    commands.add_parser("list", help="name the runs there are").set_defaults(command=_list)
    commands.add_parser("schema", help="print the JSON schema of verdict.json").set_defaults(command=_schema)
    return parser


def _add_run(parser: argparse.ArgumentParser, name: str = "run") -> None:
    parser.add_argument(name, help="a run folder, a run id or the beginning of one, `latest`, or `pinned`")


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", type=Path, default=POLICY_PATH, help="another policy file")


def _add_judge(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    _add_policy(parser)
    parser.add_argument("--only", action="append", choices=INSTRUMENTS, default=[], help="judge this instrument alone")
    parser.add_argument("--no-history", action="store_true", help="keep the run out of the history")
    for name in RENDERINGS:
        option = f"--{name.replace('report.', '').replace('.', '-')}"
        parser.add_argument(option, dest=name, type=Path, metavar="FILE", help=f"write {name} to FILE instead")
    parser.set_defaults(command=_judge)


def _add_show(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    _add_policy(parser)
    parser.set_defaults(command=_show)


def _add_diff(parser: argparse.ArgumentParser) -> None:
    _add_run(parser, "baseline")
    _add_run(parser, "candidate")
    _add_policy(parser)
    parser.set_defaults(command=_diff)


def _add_trend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metric", default="*", help="a glob of metric names (default: %(default)s)")
    parser.add_argument("--scenario", default="*", help="a glob of scenario names (default: %(default)s)")
    parser.add_argument("--last", type=int, default=200, metavar="N", help="the last N runs, 0 for all (%(default)s)")
    parser.add_argument("--all", action="store_true", help="also the lines in which nothing changed")
    parser.set_defaults(command=_trend)


def _add_pin(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--name", default="baseline", help="the pin's name (default: %(default)s)")
    parser.set_defaults(command=_pin)


def _judge(options: argparse.Namespace) -> int:
    verdict = judge(_found(options.run, options), read_policy(options.policy), only=tuple(options.only))
    if not options.no_history:
        History(options.history).append(verdict)
        verdict = replace(verdict, trends=tuple(_trends(options, last=_TREND_RUNS, still=False)))
    for name, render in RENDERINGS.items():
        write(getattr(options, name) or Path(verdict.folder) / name, render(verdict))
    return _said(verdict)


def _show(options: argparse.Namespace) -> int:
    return _said(judge(_found(options.run, options), read_policy(options.policy)))


def _diff(options: argparse.Namespace) -> int:
    policy = read_policy(options.policy)
    sides = [judge(_found(run, options), policy) for run in (options.baseline, options.candidate)]
    print(tables.difference(difference(baseline=sides[0], candidate=sides[1])), end="")
    return 0


def _trend(options: argparse.Namespace) -> int:
    narrow = options.all or options.metric != "*" or options.scenario != "*"
    found = _trends(options, metric=options.metric, scenario=options.scenario, last=options.last, still=narrow)
    shown = found if narrow else [trend for trend in found if trend.changes]
    print(tables.trends(shown) if shown or narrow else "no line of the history has changed\n", end="")
    return 0


def _pin(options: argparse.Namespace) -> int:
    run = judge(_found(options.run, options), read_policy()).run
    History(options.history).pin(run, name=options.name, pinned_at=now())
    print(f"{run} is pinned as {options.name!r}")
    return 0


def _list(options: argparse.Namespace) -> int:
    past = History(options.history).runs() if options.history.exists() else []
    judged = {run.name for run in past}
    unjudged = [folder.name for folder in run_folders(options.runs) if folder.name not in judged]
    print(tables.runs(past, unjudged), end="")
    return 0


def _schema(_: argparse.Namespace) -> int:
    print(SCHEMA.read_text(encoding="utf-8"), end="")
    return 0


def _found(name: str, options: argparse.Namespace) -> Path:
    """Find a run's folder, named from here where it lies below: reports travel, and paths of one machine do not."""
    folder = _located(name, options)
    here = Path.cwd()
    return folder.resolve().relative_to(here) if folder.resolve().is_relative_to(here) else folder


def _located(name: str, options: argparse.Namespace) -> Path:
    """Find a run's folder; `pinned` is the run that was pinned last as "baseline"."""
    if name != "pinned":
        return find_run(name, options.runs)
    pins = History(options.history).pinned()
    if "baseline" not in pins:
        raise RunError("no run is pinned as 'baseline'; `python -m reports pin RUN` pins one")
    return find_run(pins["baseline"], options.runs)


def _trends(
    options: argparse.Namespace, *, still: bool, last: int, metric: str = "*", scenario: str = "*"
) -> list[Trend]:
    history = History(options.history)
    pinned = history.pinned().get("baseline", "")
    lines = history.lines(metric=metric, scenario=scenario, last=last, pinned=pinned, still=still)
    return trends_of(lines, pinned_run=pinned)


def _said(verdict: Verdict) -> int:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and "CI" not in os.environ
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 140
    print(terminal.render(verdict, colour=colour, width=max(80, width)))
    return verdict.exit_code
