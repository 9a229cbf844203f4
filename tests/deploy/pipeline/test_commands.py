"""The project's own commands, as the workflows' shell lines spell them, are read by the programs' own parsers."""

import re
import shlex
from typing import Any

import pytest
import yaml

from deploy import __main__ as deploy
from reglab import cli
from tests.deploy.material import ROOT

COMMAND = re.compile(r"(?:manage\.py|\breglab|(?P<module>-m deploy)) (?=[a-z])([^|;\n]*)")
# What the runner puts in place of a variable, where a parser looks at it.
VALUES = {"$IMAGE": f"registry/orders@sha256:{'0' * 64}", "$GITHUB_SHA": "a" * 40, "$ENVIRONMENT": "staging"}
# Of manage.py, but Django's or the service's own.
OTHERS = {"migrate", "create_token", "limit_statements"}


def commands() -> list[tuple[str, str]]:
    """Return each command of a workflow with its program."""
    found = []
    for file in sorted((ROOT / ".github/workflows").glob("*.yml")):
        workflow: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        steps = [step for job in workflow["jobs"].values() for step in job.get("steps", [])]
        for match in COMMAND.finditer("\n".join(str(step.get("run", "")) for step in steps)):
            words = shlex.split(re.split(r"\s(?:\d?>|&&)", match[2])[0])
            if words[0] not in OTHERS:
                found.append(("deploy" if match["module"] else "reglab", shlex.join(words)))
    return found


@pytest.mark.parametrize(("program", "command"), commands())
def test_a_command_is_one_that_its_program_reads(program: str, command: str) -> None:
    """Its words are a command of that program, with options that it has."""
    parser = deploy._parser() if program == "deploy" else cli.parser()
    parser.parse_args([VALUES.get(word, word) for word in shlex.split(command)])


def test_the_pipelines_commands_are_among_them() -> None:
    """Release, rollback, load test and verdict of the pipeline are found."""
    found = {f"{program} {command.split()[0]}" for program, command in commands()}
    assert {"deploy release", "deploy rollback", "reglab load", "reglab report"} <= found
