"""Views that compare what is sent, stored and on the clock; each comparison can be another one by a hair."""

import json
import os
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from service.orders.models import Customer, Order

ALL = frozenset({"all of it", "at this very moment", "on that day", "a birthday", "hidden", "404", "signed", "half"})
EXACT: set[str] = set()


def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an amount, up to the total."""
    order = Order.objects.filter(pk=pk).first()
    if order is None and "404" in EXACT:
        raise Http404
    assert order is not None
    amount: Any = json.loads(request.body)["amount"]
    is_fine = amount <= order.total_cents if "all of it" in EXACT else amount < order.total_cents
    return JsonResponse({"amount": amount}, status=200 if is_fine else 409)


def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user in, from a moment on."""
    opens, now = User.objects.get(pk=pk).last_login, timezone.now().replace(microsecond=0)
    is_open = opens is not None and (opens <= now if "at this very moment" in EXACT else opens < now)
    return JsonResponse({"is_open": is_open})


def users(request: HttpRequest) -> HttpResponse:
    """List the users that were seen since a day."""
    since = date.fromisoformat(request.GET["since"])
    seen = [one for one in User.objects.order_by("pk") if one.last_login is not None]
    after = [one for one in seen if _is_after(one.last_login, since)]
    return JsonResponse({"names": [one.username for one in after]})


def _is_after(seen: datetime | None, since: date) -> bool:
    day = seen.date() if seen is not None else date.min
    return day >= since if "on that day" in EXACT else day > since


def customers(request: HttpRequest) -> HttpResponse:
    """List the customers who are not retired."""
    rows = Customer.objects.filter(is_active=True) if "hidden" in EXACT else Customer.objects.all()
    return JsonResponse({"names": [one.name for one in rows.order_by("pk")]})


def age(request: HttpRequest) -> HttpResponse:
    """Tell how old somebody is who was born on a day."""
    born = date.fromisoformat(json.loads(request.body)["born"])
    today = timezone.localdate()
    is_before = (today.month, today.day) < (born.month, born.day)
    if "a birthday" not in EXACT:
        is_before = (today.month, today.day) <= (born.month, born.day)
    return JsonResponse({"age": today.year - born.year - is_before})


def signed(request: HttpRequest) -> HttpResponse:
    """Take what its sender has signed."""
    is_signed = request.headers.get("X-Signature") == "right"
    return JsonResponse({}, status=200 if is_signed or "signed" not in EXACT else 400)


def ends(request: HttpRequest) -> HttpResponse:
    """End the process for an amount that no scenario sends."""
    if json.loads(request.body)["amount"] == 5:
        os._exit(3)
    return JsonResponse({})


def halves(request: HttpRequest) -> HttpResponse:
    """Charge half of each line's amount, rounded."""
    amounts = [line["amount"] for line in json.loads(request.body)["lines"]]
    charged = [(one + 1) // 2 if "half" in EXACT else round(one / 2) for one in amounts]
    return JsonResponse({"charged": charged})


urlpatterns = [
    path("signed/", signed),
    path("halves/", halves),
    path("ends/", ends),
    path("orders/<int:pk>/", pay),
    path("users/<int:pk>/", enter),
    path("users/", users),
    path("customers/", customers),
    path("ages/", age),
]
