"""The page at /, as the server sends it."""

import re

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings

from service.environment import Environment


@pytest.fixture
def content(client: Client) -> str:
    """The page's HTML."""
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_touches_no_database(content: str) -> None:
    """The page is there without the database, which this test has no access to."""
    assert "<h1>" in content


def test_it_loads_nothing_from_elsewhere_and_runs_nothing_inline(client: Client, content: str) -> None:
    """Scripts, styles and images are this server's files, and the policy forbids all others."""
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "//" not in re.sub(r"<!doctype html>", "", content)
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", content)


def test_its_files_are_served(client: Client, content: str) -> None:
    """Every file that the page names is there."""
    paths = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', content))
    assert {path.rpartition(".")[2] for path in paths} == {"js", "css", "svg"}
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200
        assert b"".join(response)


def test_every_field_has_a_label(content: str) -> None:
    """A screen reader can name every input."""
    inputs = re.findall(r'<input id="(\w+)"', content)
    assert len(inputs) == 5
    assert [name for name in inputs if f'<label for="{name}">' not in content] == []


def test_it_offers_only_what_the_environment_has(client: Client, settings: Settings) -> None:
    """Without the dev endpoints there is no form to seed; where a token is needed there is a field for it."""
    closed = Environment(name="production", dev_endpoints=False, profiler=False)
    settings.ENVIRONMENT, settings.DEV_ENDPOINTS = closed, False
    content = client.get("/").content.decode()
    assert 'id="seed"' not in content
    assert "no endpoint for test data" in content
    assert '<input id="token" type="password"' in content
    assert django_settings.ENVIRONMENT is closed


def test_it_is_only_read(client: Client) -> None:
    """A POST to the page is a 405."""
    assert client.post("/").status_code == 405
