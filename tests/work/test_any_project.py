"""The audit on a project that has never heard of it, from that project's own folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Copy the shop, so that what the audit writes stays out of the tree."""
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def audit(
    folder: Path, *arguments: str, suite: str = "shop.toml", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the audit in the shop's folder, on SQLite unless told otherwise."""
    return subprocess.run(
        [sys.executable, "-m", "reglab", "audit", "--settings", "shop_settings", "--suite", suite, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "CI": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_shop_fails_for_its_n_plus_one_and_its_trigger(shop: Path) -> None:
    """Both planted faults are named, with statement and line, in one command."""
    done = audit(shop, "--accept", "The shop as it is")
    assert done.returncode == 1, done.stderr
    assert "GET /books/ ·" in done.stdout
    assert "catalogue/views.py:17 in books" in done.stdout
    assert "catalogue_sale insert 1 row, the write-set allows 0" in done.stdout
    assert "by trigger note_sale" in done.stdout
    # Whoever accepts, and is told to fail, is told what else there is to do.
    assert "cannot be accepted as a number: mend it, or keep it as known" in " ".join(done.stderr.split())


@pytest.mark.postgres
def test_the_shop_on_postgresql(shop: Path) -> None:
    """The same on PostgreSQL, reached through the project's own settings."""
    done = audit(shop, "--accept", "The shop as it is", SHOP_DATABASE=os.environ["DATABASE_URL"])
    assert done.returncode == 1, done.stderr
    assert "GET /books/ ·" in done.stdout
    assert "catalogue_sale insert 1 row, the write-set allows 0" in done.stdout
    assert "by trigger note_sale" in done.stdout


def test_a_mended_suite_passes(shop: Path) -> None:
    """With the N+1 joined and the trigger's write declared, the audit passes and stays passing."""
    views, suite = shop / "catalogue" / "views.py", shop / "shop.toml"
    views.write_text(
        views.read_text().replace('Book.objects.order_by("pk")', 'Book.objects.select_related("author").order_by("pk")')
    )
    suite.write_text(
        suite.read_text().replace(
            'columns = ["stock"] }', 'columns = ["stock"] }\nwrites.catalogue_sale = { insert = 1 }'
        )
    )
    assert audit(shop, "--accept", "Mended").returncode == 0
    again = audit(shop)
    assert again.returncode == 0, again.stdout


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "sell"', 'nane = "sell"', "unknown key 'nane'; did you mean 'name'?"),
        ("GET /authors/", "GET /autors/", "no URL of the project answers /autors/; did you mean '/authors/'?"),
        ("update = 1", "updat = 1", "unknown key 'updat'; did you mean 'update'?"),
        ("shop_dataset:build", "shop_dateset:build", "the dataset hook cannot be imported"),
        ("catalogue.Book", "catalogue.Bok", "no model is called 'catalogue.Bok'; did you mean 'catalogue.Book'?"),
        ("schema_version = 1", "schema_version = ", "Invalid value"),
    ],
)
def test_a_mistake_in_the_suite_is_one_line(shop: Path, before: str, after: str, said: str) -> None:
    """A mistake is told in one line with its file, without a traceback, and exits 2."""
    suite = shop / "shop.toml"
    suite.write_text(suite.read_text().replace(before, after, 1))
    done = audit(shop)
    assert done.returncode == 2
    # On a busy machine progress is told before it.
    is_progress = re.compile(r"building the data$|, taking \d of \d\)$").search
    (told,) = (line for line in done.stderr.splitlines() if not is_progress(line))
    assert told.startswith("reglab audit: shop.toml:")
    assert said in told


def test_an_uncovered_endpoint_fails(shop: Path) -> None:
    """A pair of endpoint and method with neither scenario nor waiver is a finding that names it."""
    suite = shop / "shop.toml"
    suite.write_text(suite.read_text().partition("[[waiver]]")[0])
    done = audit(shop, "--accept", "All but the form")
    assert done.returncode == 1
    assert "POST /books/ has neither a scenario nor a waiver in shop.toml" in done.stdout


def test_a_wrong_status_is_told_with_the_answer(shop: Path) -> None:
    """A scenario that is not answered as declared is a finding with the body's first line."""
    suite = shop / "shop.toml"
    suite.write_text(suite.read_text().replace('request = "GET /authors/"', 'request = "GET /authors/"\nstatus = 404'))
    done = audit(shop, "--only", "authors")
    assert done.returncode == 1
    assert "GET /authors/ answered 200, expected 404" in done.stdout


def test_a_shard_without_a_scenario_is_no_pass(shop: Path) -> None:
    """More shards than scenarios: a part that measures nothing says so and ends with 2."""
    done = audit(shop, "--shard", "90/90")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--shard 90/90 holds none of the" in done.stderr
    assert done.stderr.count("\n") == 1
