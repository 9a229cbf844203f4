"""JSON schemas: published as the models have them, and true of every file of this repository."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reglab.report.schemas import schema_files, schema_text

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"#:schema (\S+)\n")
KINDS = {
    "suite": ("bench/scenarios/*.toml", "tests/projects/shop/*.toml"),
    "policy": ("reglab/report/policy.toml", "reports/*.toml", "tests/*/*policy.toml"),
    "profile": ("loadtests/profiles/*.toml", "tools/planted/profiles/*.toml"),
    "targets": ("loadtests/targets.toml",),
}
FILES = [(kind, path) for kind, globs in KINDS.items() for glob in globs for path in sorted(ROOT.glob(glob))]


def plain(value: Any) -> Any:
    """Dates of TOML as JSON has them."""
    return json.loads(json.dumps(value, default=str))


@pytest.mark.parametrize(("name", "text"), list(schema_files()), ids=[name for name, _ in schema_files()])
def test_a_published_schema_is_the_models_own(name: str, text: str) -> None:
    """docs/schema holds what `reglab schema --write docs/schema` writes, and each is a valid schema."""
    published = ROOT / "docs" / "schema" / name
    assert published.read_text(encoding="utf-8") == text, "run: reglab schema --write docs/schema"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES])
def test_a_file_names_its_schema_and_conforms_to_it(kind: str, path: Path) -> None:
    """The first line of each file leads an editor to its schema, which the file conforms to."""
    text = path.read_text(encoding="utf-8")
    named = LINE.match(text)
    assert named, "the first line is `#:schema` and the path of the schema"
    assert (path.parent / named[1]).resolve() == ROOT / "docs" / "schema" / f"{kind}.json"
    jsonschema.validate(plain(tomllib.loads(text)), json.loads(schema_text(kind)))


def test_the_configuration_conforms_to_its_schema() -> None:
    """[tool.reglab] of this project is valid; pyproject.toml is of another schema and names none."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["reglab"]
    jsonschema.validate(table, json.loads(schema_text("configuration")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_misspelt_key_does_not_conform(kind: str) -> None:
    """A schema that takes any key would help nobody."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1, "rlue": []}, json.loads(schema_text(kind)))
