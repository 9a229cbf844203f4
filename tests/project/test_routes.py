"""Paths are matched by the URL's own pattern, whatever a value may look like."""

from datetime import date
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.urls.resolvers import RegexPattern
from django.utils import translation

from reglab.project.endpoints.routes import HOLE, Route, in_present_language, routes_of


class FourDigits:
    """A converter that takes no "1"."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class Day:
    """A converter of days."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(FourDigits, "four_digits")
register_converter(Day, "day")


def view(_request: HttpRequest, **_values: object) -> HttpResponse:
    return HttpResponse()


PATTERNS: list[URLPattern | URLResolver] = [
    path("parts/summary/", view),
    path("parts/<uuid:pk>/", view),
    path("reports/<four_digits:year>/", view),
    re_path(r"^codes/(?P<code>[a-f0-9]{8})/$", view),
    re_path(r"^optional/?$", view),
    re_path(r"^dates/(?P<year>\d{4})-(?P<month>\d{2})/$", view),
    re_path(r"^nested/(?P<pk>(?:a|b)[)(]?\d+)/(x|y)/$", view),
    path("files/<path:name>", view),
    path("api/<str:version>/", include([path("things/<int:pk>/", view)])),
]


def routes() -> list[Route]:
    return list(routes_of(URLResolver(RegexPattern(r"^/"), PATTERNS)))


def matched(text: str) -> str | None:
    return next((route.path for route in routes() if route.matches(text)), None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"/parts/{HOLE}/", "/parts/{pk}/"),
        ("/parts/summary/", "/parts/summary/"),
        (f"/reports/{HOLE}/", "/reports/{year}/"),
        ("/reports/2026/", "/reports/{year}/"),
        (f"/codes/{HOLE}/", "/codes/{code}/"),
        (f"/dates/{HOLE}-{HOLE}/", "/dates/{year}-{month}/"),
        (f"/api/v1/things/{HOLE}/", "/api/{version}/things/{pk}/"),
        (f"/files/{HOLE}/more.txt", "/files/{name}"),
        ("/optional", "/optional/"),
    ],
)
def test_a_path_with_holes_leads_to_its_route(text: str, shown: str) -> None:
    """A value that is not known yet fits wherever the URL has a parameter."""
    found = matched(text)
    assert found == shown or found == shown.rstrip("/")


@pytest.mark.parametrize("text", ["/reports/26/", "/codes/ABCDEF12/", "/parts/1/", f"/reports/{HOLE}/{HOLE}/"])
def test_a_value_that_the_pattern_refuses_leads_nowhere(text: str) -> None:
    """Only what Django itself would take is matched."""
    assert matched(text) is None


def test_each_parameter_knows_its_pattern() -> None:
    """Groups inside groups, escaped and in classes, belong to the outermost."""
    by_path = {route.path: route.parameters for route in routes()}
    assert [one.pattern for one in by_path["/nested/{pk}/{var}/"]] == [r"(?:a|b)[)(]?\d+", "x|y"]
    assert [(one.name, one.pattern) for one in by_path["/dates/{year}-{month}/"]] == [
        ("year", r"\d{4}"),
        ("month", r"\d{2}"),
    ]


def test_a_route_is_spelled_as_the_resolver_spells_it() -> None:
    """A path without parameters is found by what Django's own match says."""
    resolver = URLResolver(RegexPattern(r"^/"), [path("api/", include([re_path(r"^things/$", view)]))])
    assert [route.text for route in routes_of(resolver)] == [resolver.resolve("/api/things/").route]


def test_a_parameter_takes_what_its_converter_takes() -> None:
    """A pattern may fit a text of which the converter makes nothing: Django then asks the next URL."""
    route = next(one for one in routes_of(URLResolver(RegexPattern(r"^/"), [path("d/<day:day>/", view)])))
    day = route.parameters[0]
    assert day.takes("2026-06-15")
    assert not day.takes("0000-00-00")
    assert day.written(date(2026, 6, 15)) == "2026-06-15"
    assert day.written("a word") is None


def test_a_url_in_another_language_has_the_path_of_the_present_one(settings: Any) -> None:
    """A suite may ask for the same page in two languages; a first segment that is no language stays."""
    settings.USE_I18N, settings.LANGUAGE_CODE, settings.LANGUAGES = True, "en", [("en", "English"), ("cs", "Czech")]
    with translation.override("en"):
        assert in_present_language("/cs/clinics/") == "/en/clinics/"
        assert in_present_language("/en/clinics/") == ""
        assert in_present_language("/clinics/") == ""
