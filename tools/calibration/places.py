"""Paths that a calibration works on: the suite of the orders service, and its policy."""

from pathlib import Path
from typing import Final

from reglab.config.project import read_project

_PROJECT: Final = read_project(Path(__file__).resolve().parents[2])
ORDERS: Final = _PROJECT.suite_path
POLICY: Final = _PROJECT.policy_path
