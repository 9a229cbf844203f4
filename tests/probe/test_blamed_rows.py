"""Texts and statements that look guilty and are not: a page's own words, a row by its key, the name of a file."""

import pytest
from django.db import connections, models
from django.test.utils import isolate_apps

from reglab.counters.queries import QueryCounter
from reglab.leaks.recording import lines
from reglab.leaks.row_places import _told
from reglab.project.data.stored_texts import fixed_texts
from reglab.project.source_lines import ProjectFrames
from reglab.report.records import Measurement
from service.orders.models import Customer
from tests.counters.support import ROOT
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


def test_a_page_that_has_a_rows_text_of_its_own_is_not_stale(rows: None, ground: Grounds) -> None:
    """After the row has changed the text is there once less: what is left is the page's."""
    found = [one for one in lines(ground("GET /hints-at-a-name/")) if isinstance(one, Measurement)]
    assert not [one for one in found if one.metric.name.endswith("stale") and one.values[0]]


@pytest.mark.django_db
def test_the_statement_that_reads_several_rows_is_blamed_for_their_order() -> None:
    """One row by its key, whether there is any, and how many there are, have no order to lose."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    with QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT)) as counter:
        Customer.objects.get(pk=Customer.objects.order_by("is_active")[:5][0].pk)
        Customer.objects.count()
        Customer.objects.exists()
    assert "ORDER BY" in _told("orders_customer", counter.groups()).told


@pytest.mark.django_db
@isolate_apps("tests")
def test_names_of_files_are_texts_of_their_own() -> None:
    """A path that was made of a row's key when the file came is no memo of that key."""

    class Upload(models.Model):
        file = models.FileField()

        class Meta:
            app_label = "tests"
            managed = False

        def __str__(self) -> str:
            return ""

    with connections["default"].schema_editor() as editor:
        editor.create_model(Upload)
    models.QuerySet(Upload).create(file="keys/abcdef/a.png")
    assert "keys/abcdef/a.png" in set(fixed_texts([Upload]))
