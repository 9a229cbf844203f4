"""Refusals of requests are noted as they are made, and nothing is left behind."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.forms import CharField, Form
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve

from reglab.project.requests.refusals import place_raised, refusals_noted
from reglab.project.source_lines import ProjectFrames
from tests.project.copied_sites import REPOSITORY

FRAMES = ProjectFrames(base=REPOSITORY)
ELSEWHERE = ProjectFrames(base=REPOSITORY / "docs")


class Named(Form):
    """A form with one field."""

    name = CharField()


def test_the_last_exception_of_each_status_is_kept_with_its_line() -> None:
    """By its message, or, where it has none, by its name."""
    with refusals_noted(FRAMES) as seen:
        for error in (Http404("no such part"), Http404(), PermissionDenied("not yours")):
            assert isinstance(error, Exception)
    assert re.fullmatch(r"Http404 \(tests/project/test_refusals.py:\d+\)", seen.by_status[404])
    assert re.fullmatch(r"not yours \(tests/project/test_refusals.py:\d+\)", seen.by_status[403])


def test_a_path_that_nobody_knows_is_no_refusal() -> None:
    """URLconfs are asked in turn, and each that does not know a path says so by an exception."""
    with refusals_noted(FRAMES) as seen, pytest.raises(Resolver404):
        resolve("/nobody/knows/this/")
    assert seen.by_status == {}


def test_only_forms_with_errors_are_told() -> None:
    """A form that nobody filled in, and one that is right, refuse nothing."""
    with refusals_noted(FRAMES) as seen:
        assert not Named().is_valid()
        assert Named({"name": "a"}).is_valid()
        assert seen.form == ""
        assert not Named({}).is_valid()
    assert seen.form == "name: This field is required."


def test_exceptions_and_forms_are_as_before() -> None:
    """Outside of the block nothing is noted, and the classes have what they had."""
    methods = Http404.__init__, PermissionDenied.__init__, Form.full_clean
    with refusals_noted(FRAMES) as seen:
        pass
    assert (Http404.__init__, PermissionDenied.__init__, Form.full_clean) == methods
    assert str(Http404("a")) == "a"
    assert (seen.by_status, seen.form) == ({}, "")


def test_a_line_of_a_library_is_told_where_the_project_has_none() -> None:
    """The innermost one that is not Django's: pytest's here."""
    with pytest.raises(ValueError, match="First argument") as raised:
        get_object_or_404(1)  # type: ignore[arg-type]
    trace = raised.value
    assert place_raised(trace, FRAMES).startswith("tests/project/test_refusals.py:")
    assert place_raised(trace, ELSEWHERE) == ""
    with pytest.raises(BaseException) as failed:  # noqa: PT011  # whatever pytest's own is
        pytest.fail("as it does")
    assert re.fullmatch(r"_pytest/\S+\.py:\d+", place_raised(failed.value, ELSEWHERE))


def test_a_middleware_that_passes_a_request_on_refuses_nothing() -> None:
    """Every request goes through its line: what refused stands behind it, or in a library."""
    with refusals_noted(FRAMES) as seen:
        passed_on(lambda: None, get_response=Http404)
    line = passed_on.__code__.co_firstlineno + 1
    assert seen.by_status[404].startswith("Http404 (tests/project/test_refusals.py:")
    assert not seen.by_status[404].endswith(f":{line})")


def passed_on(_: object, *, get_response: type[Exception]) -> None:
    get_response()
