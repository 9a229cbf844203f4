"""Commands of `python -m deploy`: alarms, release, rollback."""

import argparse
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

COULD_NOT_RUN = 2
INTERRUPTED = 130
IMAGE = re.compile(r"[^@\s]+/[^@\s]+@sha256:[0-9a-f]{64}")
REVISION = re.compile(r"[0-9a-f]{40}")


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 the change is bad, 2 could not run, 3 inconclusive."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "alarms":
            return _alarms(check=options.check)
        return _on_aws(options)
    except KeyboardInterrupt:
        print(
            "deploy: interrupted; nothing was undone. The same command goes on where this one stopped.", file=sys.stderr
        )
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001
        # The last resort: nobody's mistake to mend at the terminal, and never an exit code that blames the change.
        descriptor, path = tempfile.mkstemp(prefix="deploy-", suffix=".log")
        os.close(descriptor)
        Path(path).write_text(traceback.format_exc(), encoding="utf-8")
        print(f"deploy: could not run: {type(error).__name__}: {error} The traceback is in {path}.", file=sys.stderr)
        return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description="Production on AWS: docs/deploy.md")
    commands = parser.add_subparsers(dest="command", required=True)
    alarms = commands.add_parser("alarms", help="make the alarms in deploy/stack/service.yaml of the policy")
    alarms.add_argument("--check", action="store_true", help="change nothing; exit 1 where they differ")
    release = commands.add_parser("release", help="migrate, update, prove and watch; back when one of them fails")
    release.add_argument("--image", required=True, type=_matching(IMAGE, "REGISTRY/REPOSITORY@sha256:DIGEST"))
    release.add_argument("--revision", required=True, type=_matching(REVISION, "a commit of 40 hexadecimal digits"))
    release.add_argument(
        "--despite-alarms", action="store_true", help="release although an alarm fires, as for its cure"
    )
    rollback = commands.add_parser("rollback", help="back to the image before the last release")
    for command in (release, rollback):
        command.add_argument("environment", choices=("staging", "production"))
        command.add_argument("--prefix", default="orders", help="of the stacks' names (default: orders)")
        command.add_argument("--dry-run", action="store_true", help="look, say what would be done, change nothing")
    return parser


def _matching(pattern: re.Pattern[str], meaning: str) -> Callable[[str], str]:
    def matching(value: str) -> str:
        if not pattern.fullmatch(value):
            raise argparse.ArgumentTypeError(f"expected {meaning}, found {value!r}")
        return value

    return matching


def _alarms(*, check: bool) -> int:
    from deploy.errors import DeployError
    from deploy.template import TEMPLATE, render, write

    try:
        if not check:
            print(f"{TEMPLATE}: {'made anew' if write() else 'unchanged'}")
            return 0
        text = TEMPLATE.read_text(encoding="utf-8")
        if render(text) == text:
            return 0
    except DeployError as error:
        print(f"deploy: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    print(f"FAIL {TEMPLATE} is not what the policy makes of it: run `python -m deploy alarms`.")
    return 1


def _on_aws(options: argparse.Namespace) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    from deploy.cloud import Cloud
    from deploy.outcomes import ReleaseEnded
    from deploy.proof import Proof
    from deploy.release import Release
    from deploy.stack_state import Running, StackState

    key = os.environ.get("LOADTEST_KEY", "")
    if options.environment == "staging" and not key:
        print("deploy: LOADTEST_KEY is not set: without it staging cannot prove its revision.", file=sys.stderr)
        return COULD_NOT_RUN

    def prove(stack: StackState) -> Proof:
        # Production knows no key and has no identity to ask for: there, ECS and the readiness are the proof.
        mine = key if options.environment == "staging" else ""
        return Proof(origin=stack.outputs["Origin"], environment=options.environment, key=mine)

    try:
        cloud = Cloud(environment=options.environment, prefix=options.prefix)
        release = Release(
            cloud=cloud,
            prove=prove,
            say=lambda line: print(line, flush=True),
            dry_run=options.dry_run,
            despite_alarms=getattr(options, "despite_alarms", False),
        )
        if options.command == "rollback":
            release.rollback()
        else:
            release.release(Running(image=options.image, revision=options.revision))
    except ReleaseEnded as ended:
        print(f"deploy: {ended}", file=sys.stderr)
        return ended.exit_code
    except (BotoCoreError, ClientError) as error:
        print(f"deploy: AWS refused: {error} Check the credentials, the region and the role.", file=sys.stderr)
        return COULD_NOT_RUN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
