"""Functions of the project that each scenario executes, on the data of the base size."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from django.http.response import HttpResponseBase

from reglab.config.suite import SuiteFile
from reglab.project.audit_ground import AuditGround, audit_ground
from reglab.project.data.audit_database import chosen_database
from reglab.project.data.isolation import Sequences, commits_followed, forget_caches, rolled_back
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.project.test_environment import test_surroundings
from reglab.timing.touched.changes import Function


def executed_by_scenario(file: SuiteFile) -> dict[str, frozenset[Function]]:
    """Execute every scenario of the suite twice, and return what of the project the second time ran."""
    with chosen_database("auto"), test_surroundings(), audit_ground(file) as ground:
        sequences, visitor = Sequences(), ground.visitor()
        found: dict[str, frozenset[Function]] = {}
        for scenario in ground.scenarios:
            requests = ground.requests(scenario)
            codes: dict[int, CodeType] = {}
            for is_noted in (False, True):
                sequences.restore()
                forget_caches()
                responses: list[HttpResponseBase] = []
                with quiet(), rolled_back(), _noted(codes if is_noted else {}), commits_followed():
                    visitor.send(requests, responses=responses)
                    answers_to(requests, responses)
            found[scenario.name] = frozenset(_functions(codes, ground))
    return found


@contextmanager
def _noted(codes: dict[int, CodeType]) -> Iterator[None]:
    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            # By identity: hashing a code object reads all of it.
            codes.setdefault(id(frame.f_code), frame.f_code)

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def _functions(codes: dict[int, CodeType], ground: AuditGround) -> Iterator[Function]:
    for code in codes.values():
        if path := ground.frames.relative(code.co_filename):
            yield path, code.co_qualname
