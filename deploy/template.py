"""The part of the service's template that is made of the policy, between two marks."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from deploy.alarms import make_alarms
from deploy.dashboard import make_dashboard
from deploy.errors import DeployError
from deploy.policy import LAYERS, read_objectives

STACKS = Path(__file__).resolve().parent / "stack"
TEMPLATE = STACKS / "service.yaml"
BEGIN = "  # --- made from the policy by `python -m deploy alarms`"
END = "  # --- end of the part that is made"


class _WithoutAliases(yaml.SafeDumper):
    """CloudFormation refuses YAML's aliases: what occurs twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def render(template: str, *, layers: Iterable[Path] = LAYERS) -> str:
    """Return the text of `template` with the part between the marks made anew."""
    alarms = make_alarms(read_objectives(layers))
    resources = {**alarms, "Dashboard": make_dashboard(alarms)}
    made = yaml.dump(resources, Dumper=_WithoutAliases, sort_keys=False, width=10**6)
    lines = template.splitlines(keepends=True)
    begin = [place for place, line in enumerate(lines) if line.startswith(BEGIN)]
    end = [place for place, line in enumerate(lines) if line.startswith(END)]
    if len(begin) != 1 or len(end) != 1 or begin > end:
        raise DeployError(f"{TEMPLATE}: expected one line {BEGIN!r} and after it one {END!r}. Restore the marks.")
    part = ["  " + line for line in made.splitlines(keepends=True)]
    return "".join([*lines[: begin[0] + 1], *part, *lines[end[0] :]])


def write() -> bool:
    """Make the part anew in the template itself; return whether it changed."""
    before = TEMPLATE.read_text(encoding="utf-8")
    after = render(before)
    TEMPLATE.write_text(after, encoding="utf-8")
    return before != after
