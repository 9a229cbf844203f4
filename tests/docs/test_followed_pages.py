"""The pages that walk a reader through a day's work are followed word for word, each in a repository of its own."""

from pathlib import Path

import pytest

from tests.docs.followed import Repository, follow

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.postgres]


@pytest.mark.parametrize("page", ["new-endpoint.md", "new-pair.md", "accepting.md"])
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    """Every diff applies, every command ends as shown, and prints what the page shows of it."""
    follow(page, Repository.made(tmp_path / "repository"))
