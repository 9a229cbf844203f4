"""Rows for a project that nobody has written a dataset for: some of every model, users and their rights too."""

from reglab.project.data.baking.rows import Baked, bake

_last: dict[str, Baked] = {}


def build(*, rows: int) -> None:
    """Bake `rows` rows of every model of the project, foreign keys pointing at each other's rows in turn.

    A model that cannot be baked (a rule that made-up values break) is left empty; `last_baked` says why.
    """
    _last["baked"] = bake(rows=rows)


def last_baked() -> Baked:
    """Return what the last call of `build` in this process has left empty."""
    return _last.get("baked", Baked())
