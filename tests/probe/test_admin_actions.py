"""Actions of the admin: each is a guard, with the permissions that it asks for."""

import pytest
from django.contrib import admin
from django.contrib.admin import site

from reglab.access.guards.settings import guards, place_of_guard
from service.orders.models import Order


def test_an_action_of_the_admin_is_a_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the permissions that it names and its line; without any it is for whoever sees the list."""

    @admin.action(description="archive", permissions=["change"])
    def archive(*_: object) -> None:
        """Do nothing."""

    def cancel(*_: object) -> None:
        """Do nothing."""

    monkeypatch.setattr(type(site._registry[Order]), "actions", [archive, cancel])  # as Django asks it
    found = {name: text for name, text in guards().items() if name.startswith("the action")}
    assert found == {
        "the action archive of orders.Order in the admin": "for change",
        "the action cancel of orders.Order in the admin": "for whoever sees the list",
    }
    assert place_of_guard("the action cancel of orders.Order in the admin").startswith(
        "tests/probe/test_admin_actions.py:"
    )
    assert not place_of_guard("DEBUG")
