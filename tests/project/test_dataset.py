"""Every building of a suite's data has a log-in of its own."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from reglab.config.suite import read_suite
from reglab.console import Console
from reglab.project.data.dataset import Dataset
from reglab.project.drafting.draft import Ground
from reglab.work import drafting

SUITE = """
schema_version = 1
login = { model = "auth.User", filter = { username = "somebody" } }
"""


@pytest.mark.django_db
def test_each_building_has_its_own_session(tmp_path: Path) -> None:
    """Workers build all data before they measure: the key of the second session does not open the first data."""
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    get_user_model().objects.create_user("somebody")
    dataset = Dataset(read_suite(path))
    sizes = {"rows": 4}
    dataset.build(**sizes)
    first = dataset.cookies(**sizes)
    dataset.build(**sizes)
    second = dataset.cookies(**sizes)
    name = settings.SESSION_COOKIE_NAME
    assert first[name].value != second[name].value
    assert [dataset.cookies_of_build(sizes, build=build) for build in (0, 1)] == [first, second]


MADE: list[int] = []


def make(count: int) -> None:
    """Stand in for a factory of the project's."""
    MADE.append(count)


def test_an_update_drafts_on_rows_of_the_suites_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its factories make them, as every audit has them: baked rows alone would not bind what these make possible."""
    path = tmp_path / "suite.toml"
    path.write_text(
        f'schema_version = 1\nfactories = ["{__name__}.make"]\naxes.rows.sizes = [4, 16]\n', encoding="utf-8"
    )
    grounds: list[Ground] = []
    monkeypatch.setattr(drafting, "drafted", lambda *_, ground, **__: grounds.append(ground))
    drafting._draft(
        read_suite(path), Console(out=StringIO(), err=StringIO(), width=80, has_colour=False, is_live=False)
    )
    grounds[0].dataset(**grounds[0].large)
    assert MADE == [16]
