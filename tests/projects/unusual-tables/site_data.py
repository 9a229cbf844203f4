"""Rows for the tables that nobody can bake: months, generic relations, keys of two columns."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from stock.models import Cafe, Event, Line, Note, Place, Stamp, Tenant


def build(*, rows: int) -> None:
    place = ContentType.objects.get_for_model(Place)
    for number in range(rows):
        tenant = Tenant.objects.create(name=f"tenant {number}")
        Line.objects.create(tenant=tenant, number=1)
        Stamp.objects.create()
        cafe = Cafe.objects.create(name=f"cafe {number}", seats=number)
        Note.objects.create(content_type=place, object_id=cafe.pk, text="good")
        Event.objects.create(id=number + 1, day=dt.date(2026, 6, 1 + number))
