"""Scenarios of a suite as tests: `pytest bench/scenarios -k cancel`, `--lf`, and whatever else a test explorer does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reglab.config.reader import parse_toml, read_text
from reglab.errors import RegLabError


class SuiteModule(pytest.File):
    """A file of a suite; each of its scenarios is a test."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Give an item a scenario. A mistake in the file is a message with its line."""
        try:
            data = parse_toml(read_text(self.path), path=self.path)
        except RegLabError as error:
            raise self.CollectError(str(error)) from None
        # The fixture reads the whole suite, of which this is one file.
        for scenario in data.get("scenario", ()):
            yield ScenarioItem.from_parent(self, name=str(scenario["name"]))


class ScenarioItem(pytest.Function):
    """One scenario: it answers as declared and keeps its write-set, on its dataset, in a transaction of its own."""

    @classmethod
    def from_parent(cls, parent: Any, **kw: Any) -> Any:
        """Make the item as a function that asks for the fixture `work`, so that the database is set up as ever."""
        name: str = kw["name"]

        def scenario_keeps_its_promise(work: Any) -> None:
            with work.scenario(name):
                pass

        return super().from_parent(parent, name=name, callobj=scenario_keeps_its_promise)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say which file and scenario it is."""
        return self.path, None, self.name
