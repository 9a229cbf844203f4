"""Configuration of a project: the table [tool.reglab] of its pyproject.toml, or the top of its reglab.toml."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator

from reglab.config.reader import parse_toml, read_text, validated
from reglab.config.suite_parts import Strict
from reglab.errors import ConfigError

FILES: Final = ("reglab.toml", "pyproject.toml")
_PathText = Annotated[str, Field(min_length=1)]


class Project(Strict):
    """Everything that a project names for Regression Lab. Paths are relative to `folder`, the configuration's own.

    `environment` holds variables that are set before the settings are loaded, unless they are set already; `closed`
    the variables, or the settings module, of production for the access audit; `environments` those of others that are
    closed, such as staging, by name; `subject` what a comparison exports.
    """

    settings: str = ""
    suite: _PathText = "regression-lab/scenarios"
    dataset: str = ""
    ledger: _PathText = "regression-lab/ledger"
    policy: str = ""
    load: str = ""
    profiles: _PathText = "loadtests/profiles"
    targets: _PathText = "loadtests/targets.toml"
    serve: str = ""
    benchmarks: str = ""
    runs: _PathText = "var/runs"
    environment: dict[str, str] = {}
    closed: dict[str, str] | str = {}
    environments: dict[str, dict[str, str] | str] = {}
    subject: Annotated[tuple[str, ...], Field(strict=False)] = (".",)
    reference_python: str = "3.11"
    folder: Path = Path()

    @field_validator("reference_python")
    @classmethod
    def _is_a_version(cls, value: str) -> str:
        if not all(part.isdigit() for part in value.split(".")) or value.count(".") != 1:
            raise ValueError('is a version of Python with one dot, such as "3.11"')
        return value

    @property
    def suite_path(self) -> Path:
        """The suite: a TOML file, or a folder of them."""
        return self.folder / self.suite

    @property
    def ledger_path(self) -> Path:
        """The ledger of the suite."""
        return self.folder / self.ledger

    @property
    def policy_path(self) -> Path | None:
        """The project's own policy, if it names one."""
        return self.folder / self.policy if self.policy else None

    @property
    def history_path(self) -> Path:
        """The file of the history of judged runs, beside the run folders."""
        return self.runs_path.parent / "history" / "runs.sqlite3"

    @property
    def runs_path(self) -> Path:
        """The folder of run folders."""
        return self.folder / self.runs


def read_project(folder: Path | None = None) -> Project:
    """Read the configuration that lies in `folder` (the working folder by default); none at all gives the defaults.

    Raises ConfigError as `file:line: what is wrong; the nearest valid key`.
    """
    folder = Path() if folder is None else folder
    for name in FILES:
        path = folder / name
        try:
            text = read_text(path)
        except FileNotFoundError:
            continue
        data = parse_toml(text, path=path)
        table: tuple[str, ...] = ()
        if name == "pyproject.toml":
            data, table = data.get("tool", {}).get("reglab"), ("tool", "reglab")
            if data is None:
                continue
            if not isinstance(data, dict):
                raise ConfigError(f"{path}: tool.reglab is a table of keys, as in `[tool.reglab]`")
        if "folder" in data:
            raise ConfigError(f"{path}: unknown key 'folder': the configuration's own folder is what paths start from")
        return validated(data, Project, text=text, path=path, table=table).model_copy(update={"folder": folder})
    return Project(folder=folder)
