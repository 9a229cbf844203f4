"""Leaks of each request on another row are found with their line; what all of them share is not."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, connections
from django.db.models import signals

from reglab.leaks.outdated import _is_alone
from reglab.leaks.recording import lines
from reglab.project.audit_ground import AuditGround
from reglab.project.data.stored_texts import StoredText, fixed_texts, texts_of
from reglab.project.requests.forced_user import login_cookies
from reglab.report.records import Measurement
from service.orders.models import Customer, Order, OrderItem
from tests.probe import leaky_views
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def tidied() -> Iterator[None]:
    """Take back what the views leave."""
    leaky_views.GO.clear()
    yield
    leaky_views.GO.set()
    gc.collect()
    leaky_views.SEEN.clear()
    while leaky_views.OPENED:
        leaky_views.OPENED.pop().close()


def _found(ground: Grounds, view: str) -> dict[str, Measurement]:
    recorded = (line for line in lines(ground(f"GET /{view}/")) if isinstance(line, Measurement))
    return {line.metric.name: line for line in recorded if line.metric.name != "leak_rounds" and line.values[0]}


def test_a_memo_by_visitor_is_found(ground: Grounds) -> None:
    """The container is named with the line that defines it."""
    found = _found(ground, "remembers")
    assert set(found) == {"entries_kept"}
    assert "leaky_views.SEEN holds" in found["entries_kept"].evidence[0].text


def test_a_memo_of_one_entry_passes(ground: Grounds) -> None:
    """The same entry again is no leak."""
    assert not _found(ground, "remembers-one")


def test_a_memo_by_page_is_found(ground: Grounds) -> None:
    """Where a page begins stands in a link that no suite knows: the audit follows it."""
    found = _found(ground, "remembers-each-page")
    assert "_place_of holds" in found["entries_kept"].evidence[0].text


@pytest.mark.parametrize(("orders", "held"), [(8, 5), (5, 4), (4, 3)])
def test_a_memo_by_row_is_found_on_few_rows(rows: None, ground: Grounds, orders: int, held: int) -> None:
    """A draft has four of each kind: no round comes back to a row that is remembered already."""
    OrderItem.objects.all().delete()
    Order.objects.filter(pk__in=[order.pk for order in Order.objects.order_by("-pk")[: 8 - orders]]).delete()
    bound = ground("GET /remembers-each/{order}/", bind='{ order = { model = "orders.Order" } }')
    (entries,) = [line for line in lines(bound) if isinstance(line, Measurement) and line.metric.name == "entries_kept"]
    assert f"leaky_views.SEEN holds {held} more after" in entries.evidence[0].text


def test_a_row_that_an_endpoint_fails_for_is_found(ground: Grounds) -> None:
    """The scenario's own row is served, the next one is not; the line is named, and the others are measured."""
    bound = ground("GET /fails-for-the-second/{order}/", bind='{ order = { model = "orders.Order" } }')
    found = [line for line in lines(bound) if isinstance(line, Measurement)]
    (failed,) = [line for line in found if line.metric.name == "rows_failed"]
    assert failed.values[0] > 0
    assert "ZeroDivisionError" in failed.evidence[0].text
    assert failed.evidence[0].source.endswith("in fails_for_the_second")
    assert {line.metric.name for line in found} >= {"entries_kept", "threads_left"}


@pytest.mark.parametrize(("view", "told"), [("notes-each-outage", True), ("notes-the-last-outage", False)])
def test_what_is_kept_of_each_failed_request_is_found(ground: Grounds, view: str, told: bool) -> None:
    """A note by path, made where the database does not answer, grows with each row that is asked for then."""
    bound = ground(f"GET /{view}/{{order}}/", bind='{ order = { model = "orders.Order" } }')
    (entries,) = [line for line in lines(bound) if isinstance(line, Measurement) and line.metric.name == "entries_kept"]
    assert bool(entries.values[0]) is told
    if told:
        assert "leaky_views.SEEN holds 5 more after 6 requests on different rows that the database did not answer" in (
            entries.evidence[0].text
        )


def test_threads_are_traced_to_the_line_that_starts_them(ground: Grounds) -> None:
    """Each thread that is alive after the answer is counted."""
    found = _found(ground, "leaves-a-thread")
    assert found["threads_left"].values == (6,)
    assert found["threads_left"].evidence[0].source.endswith("in leaves_a_thread")


def test_a_thread_that_ends_by_itself_is_left_by_nobody(ground: Grounds) -> None:
    """On a busy machine it is still there when the answer is: what ends within seconds is waited for."""
    assert not _found(ground, "leaves-a-thread-for-a-moment")


@pytest.mark.parametrize(("view", "stays"), [("leaves-who-asked-in-vain", True), ("ends-who-asked-in-vain", False)])
def test_who_asks_a_hanging_database_in_a_thread_is_not_left_behind(ground: Grounds, view: str, *, stays: bool) -> None:
    """What gives up on a thread is asked while the database answers none: a thread for each such request stays."""
    found = _found(ground, view)
    assert ("threads_left" in found) == stays
    if stays:
        assert "in _asked" in found["threads_left"].evidence[0].source


def test_files_are_traced_to_the_line_that_opens_them(ground: Grounds) -> None:
    """A file that nobody closes is named with its path."""
    assert _found(ground, "leaves-a-file")["files_left"].evidence[0].source.endswith("in leaves_a_file")


# The session that is left open is the fault that is found; Python remarks on it whenever it comes by.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::pytest.PytestWarning")
def test_sessions_of_threads_are_traced_to_the_line_that_starts_them(ground: Grounds) -> None:
    """A thread that reads opens a session of its own; when it ends, nobody closes that."""
    found = _found(ground, "leaves-a-session")
    assert found["sessions_left"].evidence[0].source.endswith("in leaves_a_session")


def test_a_session_that_the_first_request_opens_and_keeps_is_found(ground: Grounds) -> None:
    """It never grows, and is a place all the same that every process holds from then on."""
    try:
        found = _found(ground, "keeps-one-session")["sessions_left"]
        assert found.values == (1,)
        assert found.evidence[0].source.endswith("in keeps_one_session")
    finally:
        leaky_views.POOL.submit(connections.close_all).result(timeout=20)


@pytest.fixture
def local_cache(settings: Any) -> None:
    """A cache in memory, as an audit has it."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def _stale(ground: Grounds, view: str, also: str) -> Measurement:
    recorded = lines(ground(f"GET /{view}/?name=Ann", also=[also]))
    return next(line for line in recorded if isinstance(line, Measurement) and line.metric.name == "answers_stale")


@pytest.mark.usefixtures("local_cache")
def test_an_answer_that_was_kept_for_another_request_is_found(ground: Grounds) -> None:
    """The line that takes it from the cache is named; with a key for each request it passes."""
    view = "keeps-one-answer-for-all"
    found = _stale(ground, view, f"GET /{view}/?name=Bob")
    assert found.values == (1,)
    assert found.evidence[0].source.endswith("in keeps_one_answer_for_all")
    view = "keeps-one-answer-for-each"
    assert _stale(ground, view, f"GET /{view}/?name=Bob").values == (0,)


@pytest.mark.usefixtures("local_cache")
@pytest.mark.parametrize("view", ["keeps-a-count", "keeps-a-count-beside-a-token"])
def test_an_answer_from_before_a_write_is_found(ground: Grounds, view: str) -> None:
    """The write that should have cleared it is named, also of a page whose form has a token: another each time."""
    assert "before and after 0" in _stale(ground, view, "POST /adds-a-customer/").evidence[0].text


def test_an_answer_that_shows_what_no_row_holds_is_found(ground: Grounds) -> None:
    """A memo of the process by row is no growth while the rows are the same: it is outdated when one changes."""
    found = _found(ground, "remembers-names")
    leaky_views.NAMES.clear()
    (evidence,) = found["answers_stale"].evidence
    assert (
        evidence.text == "orders_customer.email was changed in all rows, and the answer still shows 'ann@rows.example'"
    )
    assert evidence.source.startswith("tests/probe/leaky_views.py:")
    assert not _found(ground, "reads-names")


@pytest.mark.usefixtures("local_cache", "rows")
@pytest.mark.parametrize("is_cleared", [True, False])
def test_a_saved_row_reaches_what_is_kept_of_it(ground: Grounds, *, is_cleared: bool) -> None:
    """Whoever saves a row in the admin sends no request of the suite: the signal that clears a cache is what counts."""
    if is_cleared:
        signals.post_save.connect(_clear, sender=Customer)
    try:
        found = [one for one in lines(ground("GET /keeps-addresses/")) if isinstance(one, Measurement)]
    finally:
        signals.post_save.disconnect(_clear, sender=Customer)
    told = [
        each.text for one in found if one.values[0] and one.part == "after a row was saved" for each in one.evidence
    ]
    assert told == (
        [] if is_cleared else ["a row was saved with another orders_customer.email, and the answer is as before it"]
    )


def _clear(**_: Any) -> None:
    cache.delete("addresses")


def test_a_text_that_stands_inside_another_columns_is_not_looked_for() -> None:
    """A user's name in an address is shown with the address, whatever becomes of the user."""
    assert not _is_alone("reglab", ["ann@rows.example\0reglab@example.com"])
    assert _is_alone("reglab", ["ann@rows.example"])


@pytest.mark.django_db
def test_texts_that_a_field_may_be_chosen_from_are_not_looked_for() -> None:
    """A status that an answer shows may be the text of another column, too: whose it is nobody sees."""
    assert {"paid", "Paid"} <= set(fixed_texts([Order]))


@pytest.mark.django_db
def test_a_table_that_is_not_there_has_no_texts() -> None:
    """A model that nobody migrates has none: its columns are passed over, and the connection goes on."""

    def texts() -> frozenset[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM no_such_table")
        return frozenset()

    assert texts_of(StoredText(part="no_such_table.name", put=lambda _: None, texts=texts)) == frozenset()
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(("kind", "kept"), [("NotesFailures", 1), ("NotesStatuses", 0)])
def test_what_middleware_keeps_of_each_unknown_path_is_found(
    ground: Grounds, settings: Any, kind: str, kept: int
) -> None:
    """Whoever makes up paths fills a memo that is keyed by them; no module holds the middleware that has it."""
    stand = ground("GET /reads-names/")
    settings.MIDDLEWARE = [f"tests.probe.leaky_views.{kind}"]
    (entries,) = [line for line in lines(stand) if isinstance(line, Measurement) and line.metric.name == "entries_kept"]
    assert bool(entries.values[0]) == kept
    if kept:
        assert "NotesFailures.failures holds 5 more after 6 requests for paths that nobody has" in (
            entries.evidence[0].text
        )
        assert "leaky_views.py" in entries.evidence[0].source


@pytest.mark.parametrize(("view", "stale"), [("modified-by-the-order", 1), ("modified-by-a-name", 0)])
def test_who_asks_for_changes_is_told_of_all_that_the_answer_shows(ground: Grounds, view: str, stale: int) -> None:
    """An ETag that forgets a related row answers 304 for ever to who has the old one."""
    found = _found(ground, view)
    assert len(found) == stale
    if stale:
        assert (
            "orders_customer.email was changed, and who asks by If-None-Match is told that the answer is as before"
            in (found["answers_stale"].evidence[0].text)
        )
        assert found["answers_stale"].evidence[0].source.endswith(f" in {view.replace('-', '_')}")


@pytest.mark.parametrize(("view", "stale"), [("for-all-users", 1), ("for-each-user", 0)])
def test_a_page_that_is_kept_for_another_user_is_found(ground: Grounds, settings: Any, view: str, stale: int) -> None:
    """Two users ask for the same page, and the second is shown the first one's."""
    users = get_user_model().objects
    asking, _ = users.create_superuser(username="asking"), users.create(username="other")
    stand = ground(f"GET /keeps-one-page-{view}/", login='{ model = "auth.User", filter = { username = "asking" } }')
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    sizes = stand.point.dataset_sizes
    stand.dataset._cookies[str(sorted(sizes.items()))] = [login_cookies(asking, is_forced=False)]
    (found,) = [line for line in lines(stand) if isinstance(line, Measurement) and line.metric.name == "answers_stale"]
    assert found.values == (stale,)
    if stale:
        assert "after the same request of another user" in found.evidence[0].text


def _kinds(stand: AuditGround) -> set[str]:
    """Return the kinds of stale answers that are found."""
    found = [line for line in lines(stand) if isinstance(line, Measurement) and line.metric.name == "answers_stale"]
    return {line.part for line in found if line.values[0]}


@pytest.mark.parametrize(("view", "is_found"), [("all-in-one", True), ("each-in-their", False)])
def test_a_page_that_is_kept_in_another_language_is_found(
    ground: Grounds, settings: Any, view: str, *, is_found: bool
) -> None:
    """Who asks next in German is not to read French."""
    settings.USE_I18N, settings.LANGUAGES = True, [("en", "English"), ("de", "German")]
    assert ("after another language" in _kinds(ground(f"GET /greets-{view}-language/"))) is is_found


@pytest.mark.parametrize(("view", "is_found"), [("for-all-tokens", True), ("for-each-token", False)])
def test_a_page_that_is_kept_for_another_token_is_found(ground: Grounds, view: str, *, is_found: bool) -> None:
    """The token of the next row is somebody else's."""
    Customer.objects.create(name="Bo", email="bo@rows.example")
    key = ['headers = { X-Key = "{key}" }', '[bindings.key]\nmodel = "orders.Customer"\nfield = "email"']
    assert ("after another user" in _kinds(ground(f"GET /keeps-one-page-{view}/", shared=key))) is is_found


def test_a_memo_by_each_word_that_is_looked_for_is_found(ground: Grounds) -> None:
    """The rows are the same: what differs is the text of the query."""
    found = [one for one in lines(ground("GET /remembers-each-word/?word=ann")) if isinstance(one, Measurement)]
    (entries,) = [one for one in found if one.metric.name == "entries_kept"]
    assert "after 6 requests with other words" in entries.evidence[0].text
