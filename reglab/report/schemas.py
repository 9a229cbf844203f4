"""JSON schemas of every file that a project writes for Regression Lab, and of the verdict that it reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from reglab.config.profile import Profile
from reglab.config.project import Project
from reglab.config.suite import Suite
from reglab.config.targets import Targets
from reglab.report.policy import PolicyFile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
VERDICT: Final = Path(__file__).with_name("verdict-1.json")
_MODELS: Final[MappingProxyType[str, tuple[str, Any]]] = MappingProxyType(
    {
        "configuration": ("The configuration of a project: reglab.toml, or [tool.reglab] of pyproject.toml", Project),
        "suite": ("A suite: the scenarios of one project, its dataset, its waivers", Suite),
        "policy": ("A policy: what a run may hold and what must be true of it", PolicyFile),
        "profile": ("A load profile: what arrives, how fast, and which part of it is judged", Profile),
        "targets": ("The list of targets that may be put under load", Targets),
    }
)
_SET_BY_THE_READER: Final = "folder"


def schema_text(name: str) -> str:
    """Return one schema as a text of JSON."""
    if name == "verdict":
        return VERDICT.read_text(encoding="utf-8")
    title, model = _MODELS[name]
    schema = TypeAdapter(model).json_schema()
    schema.get("properties", {}).pop(_SET_BY_THE_READER, None)
    head = {"$schema": DIALECT, "$id": f"{name}.json", "title": title}
    return f"{json.dumps({**schema, **head}, indent=2, ensure_ascii=False)}\n"


def schema_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each schema's file."""
    for name in _MODELS:
        yield f"{name}.json", schema_text(name)
    yield VERDICT.name, schema_text("verdict")
