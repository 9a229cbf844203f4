"""Tables with computed columns, parents, no key of their own, and partitions."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Now


class Tenant(models.Model):
    """Somebody who has lines."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """A line of a tenant, whose key is both, and whose total the database computes."""

    pk = models.CompositePrimaryKey("tenant_id", "number")
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    number = models.IntegerField()
    price = models.IntegerField(default=2)
    amount = models.IntegerField(default=3)
    total = models.GeneratedField(
        expression=models.F("price") * models.F("amount"), output_field=models.IntegerField(), db_persist=True
    )

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.number}"


class Stamp(models.Model):
    """A row whose values the database sets."""

    made_at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=20, db_default="none")

    def __str__(self) -> str:
        return self.note


class Place(models.Model):
    """A place with a name."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Cafe(Place):
    """A place with seats, in a table of its own."""

    seats = models.IntegerField()


class BigCafe(Cafe):
    """A cafe under another name."""

    class Meta:
        proxy = True


class Note(models.Model):
    """A note about anything."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()
    text = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.text


class Total(models.Model):
    """A row of a view of the database."""

    tenant_name = models.CharField(max_length=40, primary_key=True)
    total = models.IntegerField()

    class Meta:
        managed = False
        db_table = "stock_total"

    def __str__(self) -> str:
        return self.tenant_name


class Event(models.Model):
    """A row of a table that is divided by month."""

    id = models.IntegerField(primary_key=True)
    day = models.DateField()

    class Meta:
        managed = False
        db_table = "stock_event"

    def __str__(self) -> str:
        return f"{self.id} on {self.day}"
