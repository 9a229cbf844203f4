"""The peers, as peers.toml describes them."""

import ast
import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.places import PEERS, PEERS_FILE, SCOREBOARD

Timing = Literal["exact", "timed"]


class Peer(BaseModel):
    """A tool that others use for the same purpose: how it is set up, and what it does better."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    short: str
    check: Literal["pytest", "pytest-benchmark", "asv", "locust"]
    timing: Timing
    scenarios: Literal["all", "concerned"]
    own_signal: str
    documentation: str
    configuration: str
    better: str

    @property
    def folder(self) -> Path:
        """Where its tests and configuration are."""
        return PEERS / self.name

    @cached_property
    def setup_digest(self) -> str:
        """Return a digest of all that decides its verdict and is ours: its folder, the shared requests, its check."""
        digest = hashlib.sha256()
        shared = [*(SCOREBOARD / "shared").glob("*.py"), SCOREBOARD / "checks" / f"{self.check.replace('-', '_')}.py"]
        for path in sorted([*self.folder.rglob("*"), *shared]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.name.encode() + _meaning(path))
        return digest.hexdigest()[:16]


def _meaning(path: Path) -> bytes:
    """Return what a file says: of Python its syntax tree, so that neither a comment nor a line break undoes results."""
    content = path.read_bytes()
    return repr(_tree(ast.parse(content))).encode() if path.suffix == ".py" else content


def _tree(node: Any) -> Any:
    """Return a syntax tree as nested tuples. Empty fields are left out: each Python adds its own."""
    if isinstance(node, ast.AST):
        fields = ((name, _tree(value)) for name, value in ast.iter_fields(node) if value is not None and value != [])
        return type(node).__name__, *fields
    return tuple(_tree(one) for one in node) if isinstance(node, list) else node


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    peer: Annotated[tuple[Peer, ...], Field(strict=False, min_length=1)]


def read_peers(path: Path = PEERS_FILE) -> tuple[Peer, ...]:
    """Read the peers in their order. Raises ScoreboardError."""
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).peer
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScoreboardError(f"{path}: cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ScoreboardError(f"{path}: {place}: {first['msg']}") from None


OURSELVES: Final = "regression-lab"
