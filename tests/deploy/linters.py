"""Linters of each format, run as people run them."""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from cfnlint.api import lint as lint_template
from cfnlint.config import ManualArgs

from tests.deploy.material import ROOT

PROGRAMS = Path(sys.executable).parent


def complaints(*command: str) -> str:
    """Return what a linter complains about, nothing where it ends well."""
    done = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@lru_cache(maxsize=256)
def lint(template: str) -> list[str]:
    """Return cfn-lint's complaints about a template."""
    return [str(each) for each in lint_template(template, config=ManualArgs())]
