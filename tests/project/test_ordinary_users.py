"""An ordinary user's requests: kept where the code asks the database for something else, with rows of theirs."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from reglab.config.suite import Scenario, Suite
from reglab.config.suite_parts import Login
from reglab.errors import AuditError
from reglab.project.drafting.login import Access
from reglab.project.drafting.outcomes.outcome import Attempt, Outcome
from reglab.project.drafting.probe import Seen
from reglab.project.drafting.queries.ordinary_users import as_ordinary_user, ordinary_user
from reglab.project.drafting.suite_text import scenario_names, suite_texts
from reglab.project.drafting.trier import Trier, Try
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.scenario_user import log_in

pytestmark = pytest.mark.django_db
LOGIN: dict[str, Any] = {"model": "auth.User", "filter": {"username": "user-0001"}}
ALL, OWN, WORDS = "SELECT all", "SELECT own", "SELECT words"


@pytest.fixture(autouse=True)
def users() -> Iterator[None]:
    """A superuser and two others, as the baked data have them."""
    manager = get_user_model().objects
    manager.create_superuser(username="reglab")
    for number in (1, 2):
        manager.create(username=f"user-{number:04d}", password="of a baked user")  # logs in nowhere
    return iter(())


class Site:
    """A trier of a site that asks for other rows where `/mine/` is asked by an ordinary user."""

    access = Access(user={"model": "auth.User", "filter": {"username": "reglab"}})

    def __init__(self, *, refused: str = "") -> None:
        self.asked: list[Try] = []
        self._refused = refused

    def attempt(self, one: Try) -> Attempt:
        """Answer as the site does."""
        self.asked.append(one)
        is_own = "/mine/" in one.request and one.login is not None
        status = 404 if self._refused and self._refused in one.request else 200
        seen = Seen(status=status, rows=1, statements=frozenset({OWN if is_own else ALL}), content_type="text/html")
        return Attempt(request=one.request, seen=seen, bindings=dict(one.bindings), login=one.login)


def measured(path: str, *, bindings: dict[str, Any] | None = None, method: str = "GET") -> Outcome:
    """Return the outcome of an endpoint that the superuser sees."""
    endpoint = Endpoint(method=method, path=path, route=path.lstrip("/"), view=lambda request: request)
    seen = Seen(status=200, rows=2, statements=frozenset({ALL}), content_type="text/html")
    attempt = Attempt(request=f"{method} {path}", seen=seen, bindings=bindings or {})
    return Outcome(endpoint=endpoint, attempt=attempt)


def found(site: Site, *outcomes: Outcome) -> list[Outcome]:
    """Return what is kept beside these."""
    return as_ordinary_user(cast("Trier", site), outcomes)


def test_what_an_ordinary_user_is_shown_by_other_statements_is_kept() -> None:
    """Under a name of its own and as that user; the page that is the same for everybody is not."""
    site = Site()
    kept = found(site, measured("/mine/"), measured("/all/"))
    assert [one.attempt.login for one in kept if one.attempt] == [LOGIN]
    assert list(scenario_names([measured("/mine/"), *kept])) == ["get-mine", "get-mine-as-user"]
    text = suite_texts([measured("/mine/"), *kept], site.access)["mine.toml"]
    assert 'login = {model = "auth.User", filter = {username = "user-0001"}}' in text


def test_a_row_of_the_users_own_is_asked_for_first() -> None:
    """A model with an owner is bound to the owner's row; where that is refused, the superuser's row is tried."""
    entry = {"entry": {"model": "admin.LogEntry", "index": 1}}
    site = Site(refused="entry_of_user")
    kept = found(site, measured("/mine/{entry}/", bindings=entry))
    first, second = site.asked
    assert first.request == "GET /mine/{entry_of_user}/"
    assert first.bindings["entry_of_user"] == {"model": "admin.LogEntry", "filter": {"user__username": "user-0001"}}
    assert second.request == "GET /mine/{entry}/"
    assert [one.attempt.request for one in kept if one.attempt] == ["GET /mine/{entry}/"]


def test_what_every_page_asks_for_an_ordinary_user_is_kept_three_times() -> None:
    """A menu, a count of messages: the frame of all pages is measured with the first few."""
    assert len(found(Site(), *(measured(f"/mine/{number}/") for number in range(6)))) == 3


def test_requests_that_write_are_not_sent_as_somebody_else() -> None:
    """Their endpoints keep the superuser's request alone."""
    assert not found(Site(), measured("/mine/", method="POST"))


def test_without_a_way_to_say_who_asks_there_is_no_ordinary_user() -> None:
    """Neither a session nor a token: every caller is the same."""
    assert ordinary_user(Access()) is None


def test_a_token_is_the_users_own() -> None:
    """A header that proves the superuser proves the other one, by a row with a key to them."""
    bound = {"entry_change_message": {"model": "admin.LogEntry", "field": "change_message"}}
    access = Access(headers={"Authorization": "Token {entry_change_message}"}, bindings=bound, has_token=True)
    user = ordinary_user(access)
    assert user is not None
    assert user.login is None
    assert user.headers == {"Authorization": "Token {entry_change_message_of_user}"}
    assert user.bindings["entry_change_message_of_user"]["filter"] == {"user__username": "user-0001"}


def test_a_scenarios_user_is_let_in_by_its_own_session() -> None:
    """The session is saved with the data; its key is known to whoever sends the request."""
    log_in(Login(**LOGIN), where="suite.toml")
    scenario = Scenario(name="mine", request="GET /", login=Login(**LOGIN))
    (request,) = prepared(Suite(schema_version=1), scenario, {})
    answer = Client().get("/admin/login/", headers=dict(request.headers))
    assert answer.wsgi_request.user.get_username() == "user-0001"


def test_a_user_who_is_not_there_is_said() -> None:
    """The suite's place stands before the sentence."""
    with pytest.raises(AuditError, match=r"suite\.toml: login"):
        log_in(Login(model="auth.User", filter={"username": "nobody"}), where="suite.toml")


@pytest.mark.parametrize("wrong", [{"as_superuser": True}, {"login": {**LOGIN, "force": True}}])
def test_a_scenario_has_one_user(wrong: dict[str, Any]) -> None:
    """Two of them, or a way to let one in by force, is refused where the suite is read."""
    with pytest.raises(ValueError, match=r"one user|said once"):
        Scenario(**{"name": "mine", "request": "GET /", "login": LOGIN, **wrong})


def test_who_cannot_log_in_is_no_ordinary_user() -> None:
    """A library makes a user who stands for nobody, before all others; a superuser is no ordinary one either."""
    manager = get_user_model().objects
    manager.filter(username="user-0001").update(username="AnonymousUser", password="")
    manager.filter(username="user-0002").update(is_superuser=True)
    manager.create(username="user-0003", password="of a baked user")  # logs in nowhere
    user = ordinary_user(Site.access)
    assert user is not None
    assert user.filter == {"username": "user-0003"}
