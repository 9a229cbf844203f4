"""A request that is refused by a page is told with what refused it, and not with the page's first line."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from reglab.counters.engine.point_bench import PointBench
from reglab.project.source_lines import ProjectFrames
from tests.probe.checked_views import BirthForm

HERE = Path(__file__).resolve().parent
PAGE = "POST /births/ answered 200, expected 302: <!doctype html>"


def _refuse_form() -> None:
    BirthForm({"born": "tomorrow"}).is_valid()


def _refuse_caller() -> None:
    # It is noted as it is made, by whatever makes it.
    PermissionDenied("not yours")


@pytest.mark.parametrize(
    ("complaint", "status", "refuse", "told"),
    [
        (PAGE, 200, _refuse_form, "POST /births/ answered 200, expected 302: the form has errors: born: Enter a valid"),
        (
            "GET /births/ answered 403, expected 200: <h1>403</h1>",
            403,
            _refuse_caller,
            "GET /births/ answered 403, expected 200: not yours (tests/counters/test_refused_requests.py:",
        ),
        (PAGE, 200, lambda: None, PAGE),
        (
            'POST /a/ answered 400, expected 201: {"born": 1}',
            400,
            _refuse_form,
            "POST /a/ answered 400, expected 201: {",
        ),
    ],
    ids=["a form", "an exception", "nothing known", "an answer that says it"],
)
def test_the_reason_is_told(complaint: str, status: int, refuse: Any, told: str) -> None:
    """The request is sent once more, and watched: an answer that says something itself stays as it is."""
    executor: Any = SimpleNamespace(execute=lambda _: refuse())
    frames = ProjectFrames(base=HERE.parents[1], roots=(HERE,))
    bench = PointBench(file=None, point=None, executor=executor, frames=frames)  # type: ignore[arg-type]  # not asked
    assert bench._explained(complaint, status, ()).startswith(told)
