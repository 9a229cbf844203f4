"""Views that take too little, too much or the wrong thing, and their mended twins."""

import json
import os
import random
import re
import signal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import SimpleLazyObject
from rest_framework import serializers

from service.orders.models import Customer


def fields_compared_with_all(request: HttpRequest) -> HttpResponse:
    names = list(json.loads(request.body))
    return JsonResponse({}, status=400 if any(names.count(name) > 1 for name in names) else 200)


class NameSerializer(serializers.Serializer[Any]):
    """A name of ten characters at most."""

    name = serializers.CharField(max_length=10, trim_whitespace=False)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer whose id the client may choose."""

    id = serializers.IntegerField(required=False)

    class Meta:
        model = Customer
        fields = ["id", "name", "email"]


def cut(request: HttpRequest) -> HttpResponse:
    serializer = NameSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    name = serializer.validated_data["name"]
    name = name[:5]
    return JsonResponse({"name": name})


def kept_whole(request: HttpRequest) -> HttpResponse:
    serializer = NameSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    return JsonResponse({"name": serializer.validated_data["name"]})


class PageForm(forms.Form):
    """Reads the query of a list."""

    name = forms.CharField(required=False)


def finished(request: HttpRequest) -> HttpResponse:
    """Read no body: whatever is sent, the row's own name is answered."""
    PageForm(request.GET).is_valid()
    return JsonResponse({"name": "the row's", "state": "done"})


class TrustingField(serializers.IntegerField):
    """A whole number, made of whatever number is sent."""

    def to_internal_value(self, data: Any) -> int:
        return int(data)


class QuantitySerializer(serializers.Serializer[Any]):
    """A whole number."""

    quantity = TrustingField()


def whole_numbers(request: HttpRequest) -> HttpResponse:
    serializer = QuantitySerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    return JsonResponse({"quantity": serializer.validated_data["quantity"]})


class LineSerializer(serializers.Serializer[Any]):
    """Two numbers, each within its limits."""

    quantity = serializers.IntegerField(min_value=1, max_value=10_000)
    price = serializers.IntegerField(min_value=0, max_value=1_000_000)


def product_of_four_bytes(request: HttpRequest) -> HttpResponse:
    serializer = LineSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    line = serializer.validated_data
    (line["quantity"] * line["price"]).to_bytes(4)
    return JsonResponse(line)


def as_much_as_asked(request: HttpRequest) -> HttpResponse:
    serializer = LineSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    line = serializer.validated_data
    count = 0
    while count < line["quantity"] * line["price"]:
        count += 1
    return JsonResponse(line)


def killed_by_a_list(request: HttpRequest) -> HttpResponse:
    if isinstance(_body(request).get("name"), list):
        os.kill(os.getpid(), signal.SIGSEGV)
    return JsonResponse({})


def backtracking(request: HttpRequest) -> HttpResponse:
    name = _body(request).get("name")
    matched = isinstance(name, str) and re.match(r"^([A-Za-z0-9]+-?)*\Z", name)
    return JsonResponse({}, status=200 if matched else 400)


def looked_through_twice(request: HttpRequest) -> HttpResponse:
    name = _body(request).get("name")
    matched = isinstance(name, str) and re.match(r"^[^\n]*[^\n ][^\n]*\Z", name)
    return JsonResponse({}, status=200 if matched else 400)


def looked_through_once(request: HttpRequest) -> HttpResponse:
    name = _body(request).get("name")
    matched = isinstance(name, str) and re.match(r"^ *[^\n ][^\n]*\Z", name)
    return JsonResponse({}, status=200 if matched else 400)


def trusts_its_digits(request: HttpRequest) -> HttpResponse:
    text = request.GET["count"]
    return JsonResponse({"count": int(text) if text.isdigit() else 1})


def counts_its_digits(request: HttpRequest) -> HttpResponse:
    text = request.GET["count"]
    return JsonResponse({"count": int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 1})


def sampled(request: HttpRequest) -> HttpResponse:
    if random.random() < 0.001:  # noqa: S311
        raise KeyError("version")
    return JsonResponse({})


def assigned(request: HttpRequest) -> HttpResponse:
    serializer = CustomerSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    serializer.save()
    return JsonResponse(serializer.data, status=201)


class UserSerializer(serializers.ModelSerializer[Any]):
    """A caller's own name."""

    class Meta:
        model = get_user_model()
        fields = ["first_name"]


def saves_its_caller(request: HttpRequest) -> HttpResponse:
    """Save the caller's own row: `request.user` is a lazy object in its place."""
    serializer = UserSerializer(
        SimpleLazyObject(lambda: get_user_model().objects.create(username="ann")), data=_body(request)
    )
    if not serializer.is_valid():
        return JsonResponse(serializer.errors, status=400)
    serializer.save()
    return JsonResponse(dict(serializer.data))


def _body(request: HttpRequest) -> dict[str, Any]:
    """Read a body as strictly as the limits ask for."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


VIEWS = (
    fields_compared_with_all,
    cut,
    kept_whole,
    finished,
    killed_by_a_list,
    backtracking,
    looked_through_twice,
    looked_through_once,
    trusts_its_digits,
    counts_its_digits,
    sampled,
    assigned,
    saves_its_caller,
    whole_numbers,
    product_of_four_bytes,
    as_much_as_asked,
)
