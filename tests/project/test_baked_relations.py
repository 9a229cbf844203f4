"""Rows that others point at: whose they are, and that two keys of one row name two rows."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.test.utils import isolate_apps

from reglab.project.data.baking.memberships import membership_values
from reglab.project.data.baking.people import powers_in
from reglab.project.data.baking.relations import Rows, related_values
from reglab.project.data.superuser import add_superuser


@pytest.mark.django_db
def test_of_four_rows_three_belong_to_who_is_logged_in() -> None:
    """A list that forgets whose rows it shows has one row more; a user that a migration made owns none of the three."""
    by_migration = get_user_model().objects.create(username="anonymous")
    add_superuser()
    rows = Rows(limit=5)
    owners = [related_values(LogEntry, number, rows, spread=0)["user"] for number in range(4)]
    assert [owner.is_superuser for owner in owners] == [True, True, True, False]
    assert owners[3] == by_migration


@pytest.mark.django_db
@isolate_apps("service.orders")
def test_two_keys_to_one_model_name_two_rows() -> None:
    """A transfer from an account to itself is often forbidden: the second spread has none."""

    class Friendship(models.Model):  # noqa: DJ008 -- nobody looks at it
        one = models.ForeignKey(get_user_model(), models.CASCADE, related_name="+")
        other = models.ForeignKey(get_user_model(), models.CASCADE, related_name="+")

        class Meta:
            app_label = "orders"

    for name in ("ann", "bob", "cem"):
        get_user_model().objects.create(username=name)
    chosen = [related_values(Friendship, number, Rows(limit=4), spread=1) for number in range(3)]
    assert all(one["one"] != one["other"] for one in chosen)


@isolate_apps("service.orders")
@pytest.mark.parametrize(
    ("spread", "above"), [(0, [None, 0, 0, None, 0, 3, None, 0, 6]), (1, [None, *(0 for _ in range(8))])]
)
def test_a_tree_has_more_roots_as_it_has_more_rows(spread: int, above: list[int | None]) -> None:
    """What a page asks for each root grows, and what it asks below the first; a table that refuses has one root."""

    class Section(models.Model):  # noqa: DJ008 -- nobody looks at it
        parent = models.ForeignKey("self", models.CASCADE, null=True)

        class Meta:
            app_label = "orders"

    made: list[models.Model] = []

    class Made(Rows):
        def of(self, model: type[models.Model]) -> list[models.Model]:
            assert model is Section
            return list(made)

    for number in range(9):
        values = related_values(Section, number, Made(limit=9), spread=spread)
        made.append(Section(pk=number, **values))
    assert [getattr(one, "parent_id") for one in made] == above  # noqa: B009 -- made at run time


@isolate_apps("service.orders")
def test_a_superuser_has_the_mightiest_role_of_a_team() -> None:
    """A project may ask what somebody is in a team, and pass over who is superuser; other choices stay in turn."""

    class Member(models.Model):  # noqa: DJ008 -- nobody looks at it
        user = models.ForeignKey(get_user_model(), models.CASCADE, related_name="+")
        role = models.CharField(max_length=9, choices=[("member", "M"), ("hut_manager", "H"), ("editor", "E")])
        rank = models.IntegerField(choices=[(1, "Reader"), (2, "Team owner")])
        colour = models.CharField(max_length=9, choices=[("red", "Red"), ("blue", "Blue")])
        is_admin = models.BooleanField(default=False)
        is_late = models.BooleanField(default=False)

        class Meta:
            app_label = "orders"

    assert powers_in(Member) == {"role": "hut_manager", "rank": 2, "is_admin": True}


@pytest.mark.django_db
@isolate_apps("service.orders")
def test_each_role_of_a_team_has_a_member_in_the_first_one() -> None:
    """Requests are sent to the first team: who is a reader there is asked for as well, and members of another team."""

    class Member(models.Model):  # noqa: DJ008 -- nobody looks at it
        user = models.ForeignKey(get_user_model(), models.CASCADE, related_name="+")
        group = models.ForeignKey(Group, models.CASCADE, related_name="+")
        role = models.CharField(max_length=9, choices=[("member", "M"), ("manager", "H")])

        class Meta:
            app_label = "orders"

    add_superuser()
    for name in ("ann", "bob", "cem", "dan"):
        get_user_model().objects.create(username=name)
        Group.objects.create(name=name)
    rows = [membership_values(Member, number, Rows(limit=9)) for number in range(5)]
    assert rows[0]["user"].is_superuser
    assert [one["role"] for one in rows] == ["manager", "member", "manager", "member", "manager"]
    assert len({one["user"].pk for one in rows}) == 5
    assert [one["group"].name for one in rows] == ["ann", "ann", "ann", "dan", "ann"]
    assert membership_values(LogEntry, 0, Rows(limit=9)) == {}
