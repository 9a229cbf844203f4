"""Inputs that are altered, that crash, that are busy or that fail are found; what is refused or kept is not."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from reglab.limits.audit import _is_of_somebody, _somebody_else
from reglab.limits.fields import Limits
from reglab.limits.inputs import inputs_of_field
from reglab.limits.recording import lines
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround
from reglab.project.requests.test_client import Request
from reglab.report.records import Measurement
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


def _measured(stands: AuditGround) -> list[Measurement]:
    return [line for line in lines(stands) if isinstance(line, Measurement)]


def _found(ground: Grounds, view: str, body: str = '{ name = "Ann" }', *, status: int = 200) -> dict[str, Measurement]:
    """Return the broken measurements by metric and field, such as "values_altered name"."""
    recorded = (line for line in _measured(ground(f"POST /{view}/", body=body, status=status)) if line.values[0])
    return {
        f"{line.metric.name} {line.part}": line
        for line in recorded
        if line.metric.name in METRICS and line.metric.name != "inputs_tried"
    }


def test_a_value_that_is_cut_is_told_with_the_line_that_cuts(ground: Grounds) -> None:
    """Sent, answered and length are told; the culprit is the line of the slice, not the serializer."""
    found = _found(ground, "cut")
    assert set(found) == {"values_altered name"}
    evidence = found["values_altered name"].evidence[0]
    assert "name = a text of 9 characters: 200, answered as" in evidence.text
    assert evidence.source.endswith("in cut")


def test_values_that_are_kept_or_refused_pass(ground: Grounds) -> None:
    """At its limits a field is kept; beyond them it is refused."""
    assert not _found(ground, "kept-whole")


def test_a_row_that_is_a_lazy_object_is_read_by_its_class(ground: Grounds) -> None:
    """`request.user` stands for a row, and its type is no model."""
    found = _found(ground, "saves-its-caller", '{ first_name = "Ann" }')
    assert not [name for name in found if name.startswith(("inputs_failed", "values_altered"))]


@pytest.mark.parametrize("body", ['{ name = "Ann" }', '{ state = "open" }'])
def test_a_field_that_no_code_reads_is_not_altered(ground: Grounds, body: str) -> None:
    """An action that answers its row reads no body, and a filter's form reads the query: nothing was lost."""
    assert not _found(ground, "finished", body)


def test_a_process_that_dies_is_a_finding_and_the_audit_goes_on(ground: Grounds) -> None:
    """A segmentation fault names the input; the inputs behind it are tried all the same."""
    recorded = list(_measured(ground("POST /killed-by-a-list/", body='{ name = "Ann" }')))
    crashed = [line for line in recorded if line.metric.name == "inputs_crashed" and line.values[0]]
    assert [line.part for line in crashed] == ["name"]
    assert "SIGSEGV" in crashed[0].evidence[0].text
    assert next(line for line in recorded if line.metric.name == "inputs_tried").values[0] > 40


def test_digits_that_are_no_number_and_too_many_of_them_are_told(ground: Grounds) -> None:
    """isdigit() lets a superscript pass, and int() refuses it like 5,000 digits; a pattern with a length passes."""
    recorded = [line for line in _measured(ground("GET /trusts-its-digits/?count=3")) if line.values[0]]
    (failed,) = [line for line in recorded if line.metric.name == "inputs_failed"]
    told = " ".join(evidence.text for evidence in failed.evidence)
    assert "?count='\\xb2'" in told
    assert "(5,000 characters)" in told
    recorded = [line for line in _measured(ground("GET /counts-its-digits/?count=3")) if line.values[0]]
    assert {line.metric.name for line in recorded} == {"inputs_tried"}


def test_an_expression_that_backtracks_is_stopped_and_named(ground: Grounds) -> None:
    """A hostile text keeps the process busy; the limit is CPU time, and the line is the expression's."""
    found = _found(ground, "backtracking")
    assert "busy for more than" in found["inputs_crashed name"].evidence[0].text
    assert found["inputs_crashed name"].evidence[0].source.endswith("in backtracking")


def test_a_long_text_that_is_looked_through_from_each_of_its_characters_is_named(ground: Grounds) -> None:
    """Two repetitions one behind the other take the square of a text's length; the mended expression passes."""
    told = _found(ground, "looked-through-twice")["inputs_crashed name"].evidence[0]
    assert "'a' repeated 30,000 times" in told.text
    assert told.source.endswith("in looked_through_twice")
    assert "inputs_crashed name" not in _found(ground, "looked-through-once")


def test_a_fraction_that_is_lost_and_a_number_that_no_float_holds_are_told(ground: Grounds) -> None:
    """1.5 is answered as 1; 1e999 is a number in JSON, and an overflow in code that trusts its numbers."""
    found = _found(ground, "whole-numbers", "{ quantity = 2 }")
    assert "quantity = 1.5: 200, answered as 1, sent as 1.5" in found["values_altered quantity"].evidence[0].text
    assert "quantity = 1e999: 500, OverflowError" in found["inputs_failed quantity"].evidence[0].text


def test_numbers_that_are_too_large_together_are_found(ground: Grounds) -> None:
    """Each alone is within what is made of both; all of them at their limits are not."""
    found = _found(ground, "product-of-four-bytes", "{ quantity = 2, price = 5 }")
    assert set(found) == {"inputs_failed largest numbers"}
    text = found["inputs_failed largest numbers"].evidence[0].text
    assert "quantity = 10000, price = 1000000: 500, OverflowError" in text


def test_as_much_work_as_there_may_be_is_no_finding(ground: Grounds) -> None:
    """What the declared limits allow may keep a process busy: only an error there is one."""
    assert not _found(ground, "as-much-as-asked", "{ quantity = 2, price = 5 }")


def test_a_text_that_names_infinity_is_sent_as_it_is() -> None:
    """Only the number is written by hand, and only where it is the one that is odd."""
    request = Request(
        method="POST", path="/", body=b"", content_type="application/json", headers={}, expected_status=200
    )
    limits = Limits(path=("quantity",), kind="number")
    bodies = [one.request.body for one in inputs_of_field(request, {"name": "Infinity", "quantity": 2}, limits)]
    assert all(b'"name": "Infinity"' in body for body in bodies)
    assert sum(b'"quantity": 1e999' in body for body in bodies) == 1


def test_a_body_of_many_fields_is_read_in_time(ground: Grounds) -> None:
    """What looks through all fields for each of them is stopped and named; what reads them once is not."""
    found = _found(ground, "fields-compared-with-all")
    assert "20,000 fields more: busy for more than" in found["inputs_crashed body"].evidence[0].text
    assert found["inputs_crashed body"].evidence[0].source.startswith("tests/probe/limit_views.py:")


def test_a_parameter_that_no_scenario_sends_is_tried(ground: Grounds) -> None:
    """What the code asks the query for is odd once, too: a name that is no field's fails there."""
    recorded = list(_measured(ground("GET /sorted-by-name/")))
    broken = [line for line in recorded if line.metric.name == "inputs_failed" and line.values[0]]
    assert [line.part for line in broken] == ["?sort="]
    assert "FieldError" in broken[0].evidence[0].text


def test_what_happens_once_in_a_thousand_requests_happens_here(ground: Grounds) -> None:
    """Chance is set to its ends for the project's own code: the rare error is found in the first run."""
    found = _found(ground, "sampled", "")
    assert "random.random() = 0.0: 500, KeyError" in found["inputs_failed chance"].evidence[0].text


def test_a_key_that_a_client_can_choose_is_found(ground: Grounds) -> None:
    """A field that only the service sets, and that is stored as sent, is named."""
    found = _found(ground, "assigned", '{ name = "Ann", email = "b@rows.example" }', status=201)
    assert "read_only_written id" in found
    assert "read_only_written created_at" not in found


def test_whose_a_row_is_may_be_sent_as_somebody_elses(db: None) -> None:
    """A key of the user model is one that the service sets; another user than the plain request's is tried."""
    ann, bob = (get_user_model().objects.create(username=name) for name in ("ann", "bob"))
    assert _is_of_somebody(LogEntry._meta.get_field("user"))  # Django's public name for it
    assert not _is_of_somebody(LogEntry._meta.get_field("content_type"))
    assert _somebody_else(ann.pk) == bob.pk
    bob.delete()
    assert _somebody_else(ann.pk) is None
