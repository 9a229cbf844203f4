"""Each planted fault is caught by the one test that is there for it, and by no other."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deploy.faults import alarms, canary, data, images, network, pipeline, roles, tasks, time_limits
from tests.deploy.faults.fault import Fault
from tests.deploy.images import test_dockerfiles
from tests.deploy.linters import lint
from tests.deploy.material import ROOT, Material
from tests.deploy.pipeline import test_pipeline
from tests.deploy.stacks import (
    test_alarms,
    test_canary,
    test_data,
    test_network,
    test_roles,
    test_tasks,
    test_time_limits,
)

LINTER = "test_templates_pass_cfn_lint"
FAULTS = tuple(
    fault
    for module in (network, data, roles, tasks, time_limits, alarms, canary, images, pipeline)
    for fault in module.FAULTS
)
MODULES = (
    test_alarms,
    test_canary,
    test_data,
    test_dockerfiles,
    test_network,
    test_pipeline,
    test_roles,
    test_tasks,
    test_time_limits,
)


def takes(test: Callable[..., None], parameter: str) -> bool:
    return parameter in inspect.signature(test).parameters


def calls() -> Iterator[tuple[str, Callable[..., None], dict[str, Any]]]:
    """Yield each test of the material with each set of its parameters."""
    for module in MODULES:
        for name, test in vars(module).items():
            # What takes no material (a canary's own arithmetic) can see no fault in it.
            if name.startswith("test_") and inspect.isfunction(test) and takes(test, "material"):
                (mark,) = getattr(test, "pytestmark", []) or [None]
                if mark is None:
                    yield name, test, {}
                    continue
                names, values = mark.args
                split = (names,) if isinstance(names, str) else names
                for value in values:
                    yield name, test, dict(zip(split, (value,) if isinstance(names, str) else value, strict=True))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_by_exactly_one_test(
    fault: Fault, material: Material, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """All tests of the material run on the planted one: the named one fails, and every other passes."""
    planted = fault.planted(material, monkeypatch)
    failed = set()
    for name, test, arguments in calls():
        needs_folder = {"tmp_path": tmp_path} if takes(test, "tmp_path") else {}
        try:
            test(material=planted, **arguments, **needs_folder)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001
            failed.add(name)
    assert failed == {fault.caught_by} - {LINTER}


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "/stack/" in fault.file], ids=lambda fault: fault.name)
def test_the_linter_catches_what_no_test_does(fault: Fault, material: Material) -> None:
    """cfn-lint complains about the planted template if, and only if, the fault is left to it."""
    planted = fault.planted(material, None)
    assert bool(lint(planted.texts[fault.file])) == (fault.caught_by == LINTER)


def test_at_least_twenty_faults_are_planted() -> None:
    """Their names differ, and each names a test that exists."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20
    assert {fault.caught_by for fault in FAULTS} <= {LINTER, *(name for name, _, _ in calls())}


def test_what_is_planted_is_never_written(material: Material) -> None:
    """A fault lives in memory alone."""
    assert all((ROOT / name).read_text(encoding="utf-8") == text for name, text in material.texts.items())
