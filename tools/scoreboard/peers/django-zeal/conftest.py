"""zeal around every test, as its readme advises for pytest."""

from collections.abc import Iterator

import pytest
from zeal import zeal_context


@pytest.fixture(autouse=True)
def use_zeal() -> Iterator[None]:
    """Raise where one line loads the same relation twice."""
    with zeal_context():
        yield
