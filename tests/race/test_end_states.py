"""Outcomes are equal where only the numbers of new rows differ, and nowhere else."""

from reglab.project.requests.test_client import Answer, Request
from reglab.race.database_snapshot import TableChange
from reglab.race.end_states import Outcome, Said, Unstable, outcome_of, said_by, unstable_of
from reglab.race.outcome_differences import answer_difference, row_differences
from reglab.race.table_catalog import Row, Table

ORDERS = Table(
    name="orders",
    sql="orders",
    columns=("id", "status"),
    keys=("id",),
    made_keys=frozenset({"id"}),
    references={},
)
LINES = Table(
    name="lines",
    sql="lines",
    columns=("id", "order_id", "sku"),
    keys=("id",),
    made_keys=frozenset({"id"}),
    references={"order_id": "orders"},
)


def change(table: Table, *come: Row, gone: tuple[Row, ...] = ()) -> TableChange:
    return TableChange(table=table, gone=gone, come=come)


def outcome(*changes: TableChange, ids: tuple[int, int], exempt: frozenset[str] = frozenset()) -> Outcome:
    """What two requests came to that each answered with the id of a new order."""
    said = tuple(Said(scenario="create", status=201, content={"id": number}) for number in ids)
    return outcome_of(changes, said, unstable=Unstable(), exempt=exempt)


def test_numbers_of_new_rows_are_nobodys_business() -> None:
    """Orders and lines numbered the other way round are the same, as long as they hang together the same."""
    one = outcome(
        change(ORDERS, ("71", "draft"), ("72", "draft")),
        change(LINES, ("81", "71", "A"), ("82", "72", "B")),
        ids=(71, 72),
    )
    other = outcome(
        change(ORDERS, ("71", "draft"), ("72", "draft")),
        change(LINES, ("81", "71", "B"), ("82", "72", "A")),
        ids=(72, 71),
    )
    assert one == other


def test_a_line_on_the_wrong_order_is_told() -> None:
    """The same rows and answers, but the lines hang on the other's order: that is another outcome."""
    orders = change(ORDERS, ("71", "draft"), ("72", "draft"))
    one = outcome(orders, change(LINES, ("81", "71", "A"), ("82", "72", "B")), ids=(71, 72))
    other = outcome(orders, change(LINES, ("81", "72", "A"), ("82", "71", "B")), ids=(71, 72))
    assert one != other


def test_both_answering_with_one_order_is_told() -> None:
    """Two new orders of equal content, of which one is answered twice, are not two orders answered once each."""
    orders = change(ORDERS, ("71", "draft"), ("72", "draft"))
    assert outcome(orders, ids=(71, 72)) != outcome(orders, ids=(71, 71))


def test_numbers_of_rows_that_were_there_count() -> None:
    """An id that is no new row's is a value like any other."""
    changed = change(ORDERS, ("1", "paid"), gone=(("1", "draft"),))
    assert outcome(changed, ids=(1, 1)) != outcome(changed, ids=(1, 2))


def test_an_exempt_field_is_left_out_and_the_status_is_not() -> None:
    """A declared field may be anything; the rest of the answer may not."""
    changed = change(ORDERS, ("1", "paid"), gone=(("1", "draft"),))
    exempt = frozenset({"id"})
    assert outcome(changed, ids=(1, 1), exempt=exempt) == outcome(changed, ids=(1, 2), exempt=exempt)
    refused = (Said(scenario="create", status=404, content={}),) * 2
    assert outcome_of((changed,), refused, unstable=Unstable()) != outcome(changed, ids=(1, 1), exempt=exempt)


def test_what_differs_by_itself_is_left_out_by_column_and_by_place() -> None:
    """A value of the database's own clock is no difference, and the other columns of its row still are."""
    said = tuple(Said(scenario="create", status=201, content={"at": at, "id": 71}) for at in ("08:00", "08:01"))
    rows = [(change(ORDERS, ("71", status)),) for status in ("08:00", "08:01", "08:02")]
    unstable = unstable_of(rows[0], rows[1], said=(said[0], said[1]))
    assert unstable == Unstable(columns=frozenset({("orders", "status")}), places=frozenset({("create", ("at",))}))
    found = [outcome_of(some, (one,), unstable=unstable) for some, one in zip(rows[:2], said, strict=True)]
    assert found[0] == found[1]


def test_the_token_of_a_form_is_no_difference() -> None:
    """A page has another token each time; what it says beside it counts."""
    page = '<form><input type="hidden" name="csrfmiddlewaretoken" value="{}"><p>{}</p></form>'

    def said(token: str, text: str) -> Said:
        request = Request(method="POST", path="/", body=b"", content_type="text/html", headers={}, expected_status=302)
        return said_by("create", [Answer(request=request, status=200, body=page.format(token, text).encode())])

    assert said("a1", "taken") == said("b2", "taken")
    assert said("a1", "taken") != said("a1", "free")


def test_two_long_texts_are_told_from_where_they_part() -> None:
    """The first words of two pages are the same, and say nothing."""
    pages = [Said(scenario="create", status=200, content="<p>" * 100 + end) for end in ("one", "two")]
    one, other = (outcome_of((), (each, each), unstable=Unstable()) for each in pages)
    told = answer_difference(one, other, 0)
    assert told.count("…") == 2
    assert "one, expected …" in told


def test_rows_that_only_their_number_tells_apart_are_counted() -> None:
    """Two entries of a log where one is expected: they are told with their table."""
    twice = outcome(change(ORDERS, ("71", "draft"), ("72", "draft")), ids=(1, 1))
    once = outcome(change(ORDERS, ("71", "draft")), ids=(1, 1))
    ((table, told),) = row_differences(twice, once)
    assert table == "orders"
    assert told == "orders: 2 new rows (status=draft), expected 1"
