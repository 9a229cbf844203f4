"""Decides who may do what: each action needs Django's own permissions on the models that it touches."""

from collections.abc import Collection
from typing import Any, Protocol, cast

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

VERBS = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}
_READS = ("orders.view_customer", "orders.view_order", "orders.view_orderitem")
_WRITES = (
    *("orders.add_customer", "orders.add_order", "orders.add_orderitem"),
    *("orders.change_customer", "orders.change_order", "orders.change_orderitem"),
)
# What `manage.py create_token --role` gives.
ROLES = {
    "reader": _READS,
    "writer": (*_READS, *_WRITES),
    "manager": (*_READS, *_WRITES, "orders.delete_customer", "orders.delete_order", "orders.delete_orderitem"),
}


class Guarded(Protocol):
    """A view that says which permissions the request at hand needs."""

    def needed_permissions(self) -> Collection[str]:
        """Return the names of the permissions, as Django writes them."""


class ModelPermissions(IsAuthenticated):
    """Lets a known caller do what its permissions allow; a view without a word on them is for every known caller."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the request may go on: 401 where nobody is known, 403 where a permission is missing."""
        if not super().has_permission(request, view):
            return False
        if not hasattr(view, "needed_permissions"):
            return True
        return bool(request.user.has_perms(cast("Guarded", view).needed_permissions()))
