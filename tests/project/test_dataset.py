"""Every building of a suite's data has a log-in of its own."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from reglab.config.suite import read_suite
from reglab.project.data.dataset import Dataset

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
