"""The command line of the judge. A user's mistake is one line on stderr and exit code 2."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.collection import RunError
from reports.judge import judge
from reports.outcomes import EXIT_COULD_NOT_RUN
from reports.policy import POLICY_PATH, PolicyError, read_policy
from reports.renderings import terminal
from reports.renderings.files import RENDERINGS, write
from reports.runs import RUNS, find_run, run_folders
from reports.verdict import Verdict

INSTRUMENTS = ("work", "suites", "compare", "load")


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (RunError, PolicyError, OSError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return EXIT_COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Records in, one verdict out.")
    parser.add_argument("--runs", type=Path, default=RUNS, help="the folder of run folders (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    judging = commands.add_parser("judge", help="judge a run, write its reports beside its records, exit 0, 1, 2 or 3")
    judging.add_argument("run", help="a run folder, a run id or the beginning of one, or `latest`")
    judging.add_argument("--only", action="append", choices=INSTRUMENTS, default=[], help="judge this instrument alone")
    judging.add_argument("--policy", type=Path, default=POLICY_PATH, help="another policy file")
    for name in RENDERINGS:
        judging.add_argument(f"--{name.replace('.', '-')}", dest=name, type=Path, metavar="FILE", help=f"not {name}")
    judging.set_defaults(command=_judge)

    showing = commands.add_parser("show", help="judge a run again under the present policy, and write nothing")
    showing.add_argument("run", help="a run folder, a run id or the beginning of one, or `latest`")
    showing.add_argument("--policy", type=Path, default=POLICY_PATH, help="another policy file")
    showing.set_defaults(command=_show)

    listing = commands.add_parser("list", help="name the runs there are")
    listing.set_defaults(command=_list)
    return parser


def _judge(options: argparse.Namespace) -> int:
    folder = find_run(options.run, options.runs)
    verdict = judge(folder, read_policy(options.policy), only=tuple(options.only))
    for name, render in RENDERINGS.items():
        write(getattr(options, name) or folder / name, render(verdict))
    return _said(verdict)


def _show(options: argparse.Namespace) -> int:
    return _said(judge(find_run(options.run, options.runs), read_policy(options.policy)))


def _list(options: argparse.Namespace) -> int:
    for folder in run_folders(options.runs):
        files = sorted(path.name for path in folder.glob("*.jsonl"))
        print(f"{folder.name}  {', '.join(files) or 'no records'}")
    return 0


def _said(verdict: Verdict) -> int:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and "CI" not in os.environ
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 140
    print(terminal.render(verdict, colour=colour, width=max(80, width)))
    return verdict.exit_code
