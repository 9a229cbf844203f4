"""Statements that grow with rows of one kind are found; one that all such rows share is not."""

import pytest

from reglab.report.records import Measurement
from reglab.variants.recording import lines
from tests.probe.conftest import ORDERS, Grounds

pytestmark = pytest.mark.postgres


def _wrong(ground: Grounds, view: str) -> list[Measurement]:
    return [line for line in lines(ground(f"GET /{view}")) if line.metric.name != "variants_tried" and line.values[0]]


def test_statements_for_rows_of_one_kind_are_found(ground: Grounds) -> None:
    """Orders without lines are read again one by one: kind, statement and line are told."""
    (found,) = _wrong(ground, "again-without-lines/")
    assert found.metric.name == "variant_growth"
    assert found.part == "orders without order items"
    assert found.values == (ORDERS,)
    assert found.evidence[0].source.endswith("in again_without_lines")


def test_one_statement_more_for_all_of_them_passes(ground: Grounds) -> None:
    """A constant is no growth."""
    assert not _wrong(ground, "once-without-lines/")


def test_an_error_on_rows_of_one_kind_is_found(ground: Grounds) -> None:
    """A division by the number of lines fails where there are none."""
    (found,) = _wrong(ground, "divides/")
    assert (found.metric.name, found.part) == ("variant_errors", "orders without order items")
    assert "ZeroDivisionError" in found.evidence[0].text


def test_a_later_page_that_grows_is_found(ground: Grounds) -> None:
    """No scenario asks for it; a page that costs as much as the first passes."""
    (found,) = _wrong(ground, "pages/?size=20")
    assert found.part == f"asked for with page=2, {ORDERS // 2} rows a page"
    assert found.evidence[0].source.endswith("in pages")
    assert not _wrong(ground, "pages-of-one-kind/?size=20")


def test_a_filter_that_no_scenario_sends_is_tried_on_rows_of_its_value(ground: Grounds) -> None:
    """The rows that the filter lets pass are all there are."""
    (found,) = _wrong(ground, "drafts-one-by-one/")
    assert "status = 'draft', asked for with ?status=draft" in found.part


def test_a_filter_that_no_scenario_sends_and_that_repeats_rows_is_found(ground: Grounds) -> None:
    """An order is given once for each of its lines; what puts them together, and a filter by one, pass."""
    (found,) = _wrong(ground, "by-line/")
    assert (found.metric.name, found.part) == ("variant_repeats", "asked for with ?sku=")
    assert found.evidence[0].source.endswith("in by_line")
    assert not _wrong(ground, "by-line-once/")


def test_a_parameter_that_no_field_is_called_by_is_sent_too(ground: Grounds) -> None:
    """A switch that reads a row again for each."""
    (found,) = _wrong(ground, "by-size-one-by-one/")
    assert (found.metric.name, found.part) == ("variant_growth", "asked for with ?wide=")
