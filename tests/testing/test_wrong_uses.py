"""Wrong uses of the fixtures: each is an error with the sentence that helps, and never counts 0."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from reglab.errors import AuditError
from reglab.testing.blocks import Block, Blocks, NeverEnteredError
from reglab.testing.budget import QueryBudgetMixin
from reglab.testing.plugin import Budget
from reglab.testing.work import Work

pytestmark = pytest.mark.django_db

ONE_NUMBER = "query_budget takes one number: query_budget(3) or query_budget(at_most=3)"
NO_NUMBER = "a budget is a number of queries, 0 or more, not "


@pytest.mark.parametrize(
    ("numbers", "options", "sentence"),
    [
        ((), {}, ONE_NUMBER),
        ((1, 2), {}, ONE_NUMBER),
        ((3,), {"at_most": 3}, ONE_NUMBER),
        (("3",), {}, f"{NO_NUMBER}'3'"),
        ((3.0,), {}, f"{NO_NUMBER}3.0"),
        ((-1,), {}, f"{NO_NUMBER}-1"),
        ((True,), {}, f"{NO_NUMBER}True"),
        (([1],), {}, f"{NO_NUMBER}[1]"),
        ((), {"at_most": "3"}, f"{NO_NUMBER}'3'"),
        ((), {"at_most": -2}, f"{NO_NUMBER}-2"),
        ((), {"atmost": 3}, "query_budget takes no 'atmost'; did you mean 'at_most'?"),
        ((3,), {"alias": "default"}, "query_budget takes no 'alias'; known: at_most, exactly, info, using"),
        ((3,), {"using": "defualt"}, "no database alias is called 'defualt'; did you mean 'default'?"),
        ((3,), {"using": 7}, "no database alias is called 7; known: default"),
    ],
)
def test_a_budget_that_is_none(
    query_budget: Budget, numbers: tuple[Any, ...], options: dict[str, Any], sentence: str
) -> None:
    """Numbers that are none, options that there are not, aliases that nobody has: refused before the block."""
    with pytest.raises(TypeError) as refused:
        query_budget(*numbers, **options)
    assert str(refused.value) == sentence


async def _coroutine() -> None:
    await User.objects.acount()


async def _asynchronous_generator() -> Any:
    yield await User.objects.acount()


def _generator() -> Any:
    yield User.objects.count()


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (_coroutine, "cannot follow the coroutine '_coroutine'"),
        (_asynchronous_generator, "cannot follow the coroutine '_asynchronous_generator'"),
        (_generator, "cannot follow the generator '_generator'"),
    ],
)
def test_a_decorated_function_whose_body_runs_later(
    query_budget: Budget, function: Callable[..., Any], sentence: str
) -> None:
    """A budget of 0 over a body that runs after the block would be kept by anything: it is refused at once."""
    with pytest.raises(TypeError, match=re.escape(f"@query_budget(0) {sentence}")):
        query_budget(0)(function)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda budget: budget(3), id="exactly"),
        pytest.param(lambda budget: budget(at_most=3), id="at_most"),
    ],
)
def test_a_budget_that_nothing_ran_in(query_budget: Budget, make: Callable[[Any], Block[Any]]) -> None:
    """A budget without its `with` is an error at the end of the test, as the fixture's own end asks for."""
    block = make(query_budget)
    with pytest.raises(
        NeverEnteredError, match=re.escape(f"counted nothing: it is a block; write `with {block.told}:`")
    ):
        Blocks([block]).refuse_unused()
    block.is_used = True


def test_a_scenario_that_nothing_ran_in(work: Work) -> None:
    """`work.scenario(…)` without its `with` is an error too."""
    block = work.scenario("cancel-order")
    with pytest.raises(NeverEnteredError, match=r"write `with work\.scenario\('cancel-order'\):`"):
        work.refuse_unused()
    block.is_used = True


async def _entered(block: Block[Any]) -> None:
    async with block:
        pass


def test_an_asynchronous_with(query_budget: Budget) -> None:
    """A block that is entered by `async with` says how it is entered."""
    import asyncio

    block = query_budget(0)
    with pytest.raises(TypeError, match=r"plain block: write `with query_budget\(0\):`, without `async`"):
        asyncio.run(_entered(block))
    block.is_used = True


def test_the_mixin_takes_the_same_words() -> None:
    """The assertion of the mix-in refuses what the fixture refuses."""
    with pytest.raises(TypeError, match="did you mean 'at_most'"):
        QueryBudgetMixin().assertQueryBudget(at_mst=3)


NO_FETCH = "a request is a method (GET, POST, PUT, PATCH, DELETE) and a path, as in 'GET /api/things/'"


@pytest.mark.parametrize(
    ("request_", "options", "sentence"),
    [
        ("GET", {}, NO_FETCH),
        ("FETCH /api/orders/", {}, NO_FETCH),
        ("GET api/orders/", {}, NO_FETCH),
        ("GET /api/ordrs/", {}, "no URL of the project answers /api/ordrs/; did you mean '/api/orders/'?"),
        ("GET /api/orders/", {"stauts": 200}, "work.request takes no 'stauts'; did you mean 'status'?"),
        ("GET /api/orders/", {"status": "200"}, "no request that can be sent: status: "),
        ("POST /api/orders/", {"body": object()}, "the body of 'POST /api/orders/' cannot be sent as JSON"),
        ("POST /api/orders/", {"writes": {"orders_ordr": {"insert": 1}}}, "no table is called 'orders_ordr'"),
        (
            "POST /api/orders/",
            {"writes": {"orders_order": {"updat": 1}}},
            "the write-set of orders_order knows no 'updat'; did you mean 'update'?",
        ),
        (
            "POST /api/orders/",
            {"writes": {"orders_order": 1}},
            "the write-set of orders_order is written {'update': 1}",
        ),
        ("POST /api/orders/", {"writes": {"orders_order": {"update": 1.5}}}, "the write-set of orders_order: update"),
    ],
)
def test_a_request_that_cannot_be_meant(work: Work, request_: str, options: dict[str, Any], sentence: str) -> None:
    """Method, path, option, body and write-set are looked at before anything is sent."""
    with pytest.raises(AuditError) as refused:
        work.request(request_, **options)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("name", "sizes", "sentence"),
    [
        ("cancel-oder", {}, "no scenario is called 'cancel-oder'; did you mean 'cancel-order'?"),
        (3, {}, "no scenario is called 3"),
        ("cancel-order", {"ordres": 5}, "no axis is called 'ordres'; did you mean 'orders'?"),
        ("cancel-order", {"orders": "5"}, "the size of the axis 'orders' is a number of rows, 0 or more, not '5'"),
        ("cancel-order", {"orders": 5.0}, "the size of the axis 'orders' is a number of rows, 0 or more, not 5.0"),
        ("cancel-order", {"orders": True}, "the size of the axis 'orders' is a number of rows, 0 or more, not True"),
    ],
)
def test_a_scenario_that_the_suite_does_not_have(work: Work, name: Any, sizes: dict[str, Any], sentence: str) -> None:
    """Scenario, axis and size are looked at before the data are built."""
    with pytest.raises(AuditError) as refused:
        work.scenario(name, **sizes)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "axis", "sentence"),
    [
        (("cancel-order", "querys"), "orders", "no counter is called 'querys'; did you mean 'queries'?"),
        (("cancel-order", "latency_ms_p95"), "orders", "no counter is called 'latency_ms_p95'"),
        (("cancel-order", "queries"), "order", "no axis is called 'order'; did you mean 'orders'?"),
        (("cancel", "queries"), "orders", "no scenario is called 'cancel'; did you mean"),
    ],
)
def test_a_growth_that_nothing_could_show(work: Work, arguments: tuple[str, str], axis: str, sentence: str) -> None:
    """A counter of another instrument, a misspelt axis, a misspelt scenario: refused before anything is measured."""
    with pytest.raises((AuditError, KeyError)) as refused:
        work.growth(*arguments, axis=axis)
    assert sentence in str(refused.value)


@pytest.fixture(scope="module")
def keys() -> list[tuple[Any, str]]:
    """Wrong ways to ask one scenario for its counts, and what each is told."""
    return [
        ("querys", "no counter is called 'querys'; did you mean 'queries'?"),
        ("latency_ms_p95", "no counter is called 'latency_ms_p95'"),
        ("orders_order update", "no counter is called 'orders_order update'"),
        (0, "0 names no counter: ask for counted"),
        (("rows_changed", "orders_order", "update"), "names no counter: ask for counted"),
        (("rows_changed", 1), "names no counter: ask for counted"),
        ((), "() names no counter: ask for counted"),
        (("queries", "orders_order"), "queries has no parts; ask for counted['queries']"),
        (("rows_changed", "orders_ordr update"), "no table is called 'orders_ordr'; did you mean 'orders_order'?"),
        (("rows_changed", "orders_order updated"), "'updated' is none of insert, update, delete, select"),
        (("answer", "statuss"), "the answer has no field 'statuss'; did you mean 'status'?"),
    ]


def test_counts_that_nothing_counts(work: Work, keys: list[tuple[Any, str]]) -> None:
    """Each wrong key of one scenario's counts is a KeyError with its sentence; so is evidence of no counter."""
    with work.scenario("cancel-order") as counted:
        for key, sentence in keys:
            with pytest.raises(KeyError) as refused:
                counted[key]
            assert sentence in refused.value.args[0], key
        with pytest.raises(KeyError, match="did you mean 'rows_changed'"):
            counted.evidence("rows_chnged")
