"""Each format's own linter has no complaint."""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from cfnlint.api import lint as lint_template
from cfnlint.config import ManualArgs

from tests.deploy.material import ROOT, STACKS, Material

PROGRAMS = Path(sys.executable).parent


def complaints(*command: str) -> str:
    done = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@lru_cache(maxsize=256)
def lint(template: str) -> list[str]:
    return [str(each) for each in lint_template(template, config=ManualArgs())]


def test_templates_pass_cfn_lint(material: Material) -> None:
    """Types, properties, values and references of every template are ones that CloudFormation knows."""
    assert {name: found for name in STACKS if (found := lint(material.texts[f"deploy/stack/{name}.yaml"]))} == {}
