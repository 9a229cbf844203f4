"""A scene for each test of the release."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.deploy.release.scene import Scene, staging


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Staging runs BEFORE, and the registry holds WANTED."""
    with mock_aws():
        yield staging(monkeypatch)
