"""Views with checks of their own, by hand, each of which a test can take away."""

import json
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers

from service.orders.models import Customer

CHECKED: set[str] = set()
ALL = frozenset({"count", "day", "names", "born", "is_active", "state"})


@csrf_exempt
def checks_a_body(request: HttpRequest) -> HttpResponse:
    """Refuse a count of more than 500, a day of another century, and a name that comes twice."""
    try:
        body = json.loads(request.body)
        count, day, names = int(body["count"]), date.fromisoformat(body["day"]), [str(one) for one in body["names"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return JsonResponse({}, status=400)
    is_wrong = {"count": count > 500, "day": not 2000 <= day.year < 2100, "names": len(set(names)) < len(names)}
    refused = any(is_wrong[name] for name in CHECKED & is_wrong.keys())
    return JsonResponse({}, status=400 if refused else 201)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer, of whom a client may not say whether they are active."""

    class Meta:
        model = Customer
        fields = ["name", "email", "is_active"]

    def get_fields(self) -> dict[str, Any]:
        """Take the mark of what is read alone away where a test says so."""
        fields = super().get_fields()
        fields["is_active"].read_only = "is_active" in CHECKED
        return fields


@csrf_exempt
def stores_a_customer(request: HttpRequest) -> HttpResponse:
    """Store what the serializer takes."""
    try:
        serializer = CustomerSerializer(data=json.loads(request.body))
        is_valid = serializer.is_valid()
    except (ValueError, RecursionError):
        return JsonResponse({}, status=400)
    if not is_valid:
        return JsonResponse({}, status=400)
    serializer.save()
    return JsonResponse(dict(serializer.data), status=201)


class BirthForm(forms.Form):
    """A day that is not to come."""

    born = forms.DateField(required=False)

    def clean_born(self) -> date | None:
        """Refuse what is to come."""
        born: date | None = self.cleaned_data["born"]
        if "born" in CHECKED and born is not None and born.year > 2100:
            raise forms.ValidationError("is to come")
        return born


@csrf_exempt
def checks_a_form(request: HttpRequest) -> HttpResponse:
    """Show the form again where it is refused."""
    form = BirthForm(request.POST)
    return HttpResponseRedirect("/done/") if form.is_valid() else HttpResponse(form.as_p())


def checks_a_query(request: HttpRequest) -> HttpResponse:
    """Refuse a state that nothing has."""
    is_known = request.GET.get("state", "") in {"", "open", "closed"}
    return JsonResponse({}, status=200 if is_known or "state" not in CHECKED else 400)


urlpatterns = [
    path("checks-a-query/", checks_a_query),
    path("checks-a-body/", checks_a_body),
    path("checks-a-form/", checks_a_form),
    path("stores-a-customer/", stores_a_customer),
]
