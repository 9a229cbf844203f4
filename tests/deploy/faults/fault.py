"""A fault as somebody would make it, with the one test that has to catch it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.deploy.material import Material

NETWORK, DATA, SERVICE, REGISTRY, CANARY = (
    f"deploy/stack/{name}.yaml" for name in ("network", "data", "service", "registry", "canary")
)
DOCKERFILE, PGBOUNCER = "deploy/image/Dockerfile", "deploy/image/pgbouncer.ini"
WORKFLOW, CI = ".github/workflows/deploy.yml", ".github/workflows/ci.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One text in place of another in one file, or one name in place of another in the maker of the alarms."""

    name: str
    caught_by: str
    file: str = ""
    before: str = ""
    after: str = ""
    patch: tuple[str, Callable[..., Any]] | None = field(default=None)

    def planted(self, material: Material, monkeypatch: pytest.MonkeyPatch | None) -> Material:
        """Return the material with the fault in it."""
        if self.patch is None:
            return material.edited(self.file, self.before, self.after)
        from deploy.template import render

        assert monkeypatch
        monkeypatch.setattr(*self.patch)
        # Its author runs `python -m deploy alarms`, so that the template agrees with the fault.
        texts = {**material.texts, SERVICE: render(material.texts[SERVICE])}
        return Material(texts=texts)


def edit(name: str, file: str, before: str, after: str, caught_by: str) -> Fault:
    return Fault(name=name, file=file, before=before, after=after, caught_by=caught_by)
