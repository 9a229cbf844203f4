"""A load module that cannot be meant is one sentence before anything is sent."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

import reglab.load
from loadtests.operations import LOAD
from reglab.config.project import Project
from reglab.errors import LoadTestError
from reglab.load.load_module import VARIABLE, check_operations, load_project
from reglab.load.operations import Effect, Load, Operation, Request
from reglab.load.pool import Pool


def load_with(**effect: Any) -> Load:
    """Return the orders' load with one operation more, whose effect is given."""

    def request(pool: Pool, draw: Random) -> Request:
        values: dict[str, Any] = {"kind": "order", "change": "change", "row": 1} | effect
        return Request(method="POST", path="/x/1/", effects=(Effect(**values),))

    return replace(LOAD, operations={"odd": Operation(endpoint="POST /x/", request=request, writes=True)})


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ({"change": "reopen"}, "the effect 'reopen' cannot be reconciled"),
        ({"kind": "ordr"}, "no kind of row is called 'ordr'; did you mean 'order'?"),
        ({"fields": {"statsu": "paid"}}, "order has no field 'statsu' that is read back; did you mean 'status'?"),
        ({"fields": {"status": ["paid"]}}, "only a text, a number, a truth or None can be compared"),
        ({"fields": {"status": float("nan")}}, "only a text, a number, a truth or None can be compared"),
        ({"row": 0}, "a row of the kind order that is to change needs its id or its key"),
        ({"change": "create", "key": "mine", "row": 0}, "needs the run's id in its key"),
    ],
)
def test_an_effect_that_cannot_be_reconciled_is_refused_at_the_start(effect: dict[str, Any], words: str) -> None:
    """The sentence names the operation and what is wrong, and says that nothing was sent."""
    with pytest.raises(LoadTestError, match=re.escape(words)) as raised:
        check_operations(load_with(**effect), ["odd"])
    assert str(raised.value).startswith("operation odd: ")
    assert str(raised.value).endswith("nothing was sent")


def test_changes_that_follow_each_other_need_no_word_of_the_engine() -> None:
    """Open, cancel, reopen: any field that is read back may be set to any value, again and again."""
    for status in ("draft", "cancelled", "paid"):
        check_operations(load_with(fields={"status": status}), ["odd"])


def test_the_orders_own_operations_pass() -> None:
    """Every operation of the orders' load can be reconciled."""
    check_operations(LOAD, LOAD.operations)


def test_a_request_that_cannot_be_built_is_one_sentence() -> None:
    """An exception of the project's own code names the operation."""

    def request(pool: Pool, draw: Random) -> Request:
        raise KeyError("color")

    odd = replace(LOAD, operations={"odd": Operation(endpoint="GET /", request=request)})
    with pytest.raises(LoadTestError, match="operation odd: its request cannot be built: KeyError: 'color'"):
        check_operations(odd, ["odd"])


@pytest.mark.parametrize(
    ("module", "words"),
    [("", "no load is declared"), ("no_such_module_here", "cannot be imported"), ("json", "has no LOAD of the class")],
)
def test_a_module_that_is_none_is_one_sentence(module: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No module, one that is not there, one that declares nothing."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(LoadTestError, match=words):
        load_project(Project(load=module))


def test_an_error_in_the_module_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever importing it raises."""

    class Broken(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("out of order")

    monkeypatch.setitem(sys.modules, "broken_load", Broken("broken_load"))
    with pytest.raises(LoadTestError, match="RuntimeError: out of order"):
        load_project(Project(load="broken_load"))


def test_the_engine_knows_nothing_of_the_orders() -> None:
    """Nothing in reglab/load names what the orders service is about, in code, strings or SQL; no folder is too full."""
    folder = Path(reglab.load.__file__).parent
    word = re.compile(r"\bsku\b|OrderItem|orders_|/api/|customer", re.IGNORECASE)
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(folder.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if word.search(line)
    ]
    assert not found
    for place in (folder, *(each for each in folder.iterdir() if each.is_dir() and each.name != "__pycache__")):
        assert len(list(place.glob("[!_]*.py"))) <= 15, place
