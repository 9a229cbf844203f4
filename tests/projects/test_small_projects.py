"""Every small project is a Django project that works; the two whose settings fail fail as they are meant to."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

HERE = Path(__file__).resolve().parent
NAMES = ["seed", *(path.parent.name for path in HERE.glob("*/site_settings.py"))]
BROKEN = {
    "settings-error": "KeyError: 'PAYMENT_API_KEY'",
    "settings-logging": "ValueError: Unable to configure handler",
}
# A view and a table that is divided by month.
POSTGRESQL_ALONE = {"unusual-tables"}
CANCELLED = """
from django.test import Client
from orders.models import Customer, Order
order = Order.objects.create(customer=Customer.objects.create(name="c", email="c@example.com"))
answer = Client().post(f"/api/orders/{order.pk}/cancel/")
print("answered", answer.status_code, "customers", Customer.objects.count())
"""


@pytest.fixture
def database_url() -> Iterator[str]:
    """Make an empty database on the server that the tests use."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = f"small_project_{secrets.token_hex(6)}"
    with closing(psycopg.connect(url.geturl(), autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield url._replace(path=f"/{name}").geturl()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(BROKEN) - POSTGRESQL_ALONE))
def test_a_small_project_works_on_sqlite(name: str, tmp_path: Path) -> None:
    """Its checks pass, its migrations are complete, and they apply on SQLite."""
    done = loaded(name, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert "URL patterns" in done.stdout


@pytest.mark.postgres
@pytest.mark.parametrize("name", sorted({"iterator", "seed", "uuid-answers", *POSTGRESQL_ALONE}))
def test_a_small_project_works_on_postgresql(name: str, tmp_path: Path, database_url: str) -> None:
    """Its migrations apply on PostgreSQL, which some of these projects are about."""
    done = loaded(name, tmp_path, SMALL_PROJECT_DATABASE=database_url)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_settings_raise_what_they_are_there_for(name: str, tmp_path: Path) -> None:
    """The projects whose settings fail do so with the error that a real project's settings gave."""
    done = loaded(name, tmp_path)
    assert done.returncode == 1
    assert BROKEN[name] in done.stderr


def test_the_cancel_bug_can_be_put_back_into_the_first_project(tmp_path: Path) -> None:
    """Without the patch a cancelled order keeps its customer; with it the customer is deleted."""
    folder = copied("seed", tmp_path)
    assert "answered 200 customers 1" in cancelled(folder)
    patch = (HERE / "seed" / "cancel-deletes-the-customer.patch").read_text(encoding="utf-8")
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, text=True, check=True)
    for database in folder.rglob("*.sqlite3"):
        database.unlink()
    assert "answered 200 customers 0" in cancelled(folder)


def loaded(name: str, tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    settings = "config.settings" if name == "seed" else "site_settings"
    return run(copied(name, tmp_path), str(HERE / "loading.py"), settings, **environment)


def copied(name: str, tmp_path: Path) -> Path:
    return shutil.copytree(HERE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))


def cancelled(folder: Path) -> str:
    code = f"import django; django.setup(); from django.core.management import call_command\n{CANCELLED}"
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(folder)}
    migrated = run(folder, "manage.py", "migrate", "-v0", **environment)
    assert migrated.returncode == 0, migrated.stderr
    # The test client's host is one that DEBUG does not allow by itself.
    done = run(folder, "-c", f"from config import settings; settings.ALLOWED_HOSTS = ['*']\n{code}", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    outer = {name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=folder,
        env={**outer, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
