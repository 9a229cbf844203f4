"""Memberships: rows that say who is what in which team. Each role stands in the first team, where requests are sent."""

from typing import Any

from django.db import models

from reglab.project.data.baking.people import powers_in, user_model
from reglab.project.data.baking.relations import Rows, foreign_keys


def membership_values(model: type[models.Model], number: int, rows: Rows) -> dict[str, Any]:
    """Return user, team and role of row `number`; nothing where the model is no membership, or its users are at an end.

    The first belongs to the superuser, who has the mightiest role. Then comes each role in the same team, another user
    in each; whoever follows belongs to the teams in turn, so that there are members of another one, too.
    """
    keys = list(foreign_keys(model))
    users = [key for key in keys if key.remote_field.model is user_model()]
    teams = [key for key in keys if key not in users and not key.null]
    roles = [name for name in powers_in(model) if _choices(model, name)]
    if len(users) != 1 or len(teams) != 1 or not roles or teams[0].remote_field.model is model:
        return {}
    people, places = (rows.of(key.remote_field.model) for key in (users[0], teams[0]))
    if number >= len(people) or not places:
        return {}
    choices = _choices(model, roles[0])
    team = places[0] if number <= len(choices) else places[number % len(places)]
    found = {users[0].name: people[number], teams[0].name: team}
    return found | powers_in(model) if number == 0 else {**found, roles[0]: choices[(number - 1) % len(choices)]}


def _choices(model: type[models.Model], name: str) -> list[Any]:
    field: Any = model._meta.get_field(name)  # noqa: SLF001  # Django's public name for it
    return [key for key, _ in field.flatchoices]
