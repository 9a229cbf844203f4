"""Outcome of trying an endpoint: measured, or waived with what was seen, in words that group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from reglab.project.drafting.probe import Seen, SeenWrite
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_places import login_paths
from reglab.project.requests.limits import SECONDS_MAX

_LOGIN_WORDS: Final = ("login", "log-in", "signin", "sign-in", "accounts/auth", "sso")
# The better an attempt, the higher: which of several is told when none is good.
RANK_MEASURED: Final = 9
_RANK_REFUSED: Final = 4
LIBRARY_PAGE: Final = "Django's or a library's own page"
ENDLESS: Final = "answers without end"
NO_ENDPOINT: Final = "405, no endpoint"
# What a formset asks for that was sent none of its own fields.
_MANAGEMENT: Final = "TOTAL_FORMS"
RAISES: Final = "raises an exception"
NO_ROWS: Final = "no rows of the project's own"
LEFT_OUT_GROUPS: Final = frozenset({LIBRARY_PAGE, NO_ENDPOINT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request that was tried for an endpoint, as the suite would write it, and what was seen."""

    request: str
    seen: Seen
    body: Any = None
    content_type: str = ""
    source: str = ""
    bindings: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    login: Mapping[str, Any] | None = None

    @property
    def _shows_work(self) -> bool:
        """Whether the answer has rows of the project's own, or was made by writing some, or by a mail.

        A page, or a redirect, after a POST that wrote nothing is a form that did not do what it is there for.
        """
        if self.request.startswith("GET "):
            return self.seen.rows > 0
        is_page = bool(self.seen.location) or "html" in self.seen.content_type
        return bool(self.seen.own_writes or self.seen.mails) or (self.seen.rows > 0 and not is_page)

    @property
    def rank(self) -> int:
        """How much the attempt is worth: 9 is measured; below, the nearer to that, the higher."""
        seen = self.seen
        if seen.is_endless:
            return 7
        if seen.is_success and not is_login(seen):
            return RANK_MEASURED if self._shows_work else 6
        if seen.is_success:
            return 5
        if seen.status == 404 and self.body and "{" not in self.request:
            # No row of the URL is missing, so one that the body names: its shape was right.
            return _RANK_REFUSED
        return {400: 4, 409: 4, 422: 4, 401: 3, 403: 3, 500: 2, 404: 1}.get(seen.status, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An endpoint with the attempt that the suite keeps, or with the reason why it is waived.

    `group` is the reason without what differs from endpoint to endpoint. Beside the endpoint's own stand one that is
    `filtered_by` a parameter, and one that is `asked_by` another kind of user.
    """

    endpoint: Endpoint
    attempt: Attempt | None = None
    reason: str = ""
    group: str = ""
    writes: tuple[SeenWrite, ...] = ()
    filtered_by: str = ""
    asked_by: str = ""
    # The same request, answered where there are more rows.
    on_more_rows: Seen | None = None

    @property
    def is_beside(self) -> bool:
        """Whether it stands beside the endpoint's own, which is measured without it."""
        return bool(self.filtered_by or self.asked_by)

    @property
    def is_measured(self) -> bool:
        """Whether the endpoint has a scenario."""
        return self.attempt is not None and not self.reason

    @property
    def is_left_out(self) -> bool:
        """Whether there is nothing of the project's to measure: a page of Django's own, or no endpoint at all."""
        return self.group in LEFT_OUT_GROUPS


def waived(endpoint: Endpoint, reason: str, *, group: str) -> Outcome:
    """Return the outcome of an endpoint that is left out, with the reason."""
    return Outcome(endpoint=endpoint, reason=reason, group=group)


def outcome_of(endpoint: Endpoint, attempts: list[Attempt]) -> Outcome:
    """Choose the best attempt of an endpoint, or say why none measures anything."""
    if not attempts:
        names = ", ".join(parameter.name for parameter in endpoint.parameters)
        return waived(endpoint, f"no row and no value was found for {names} in the URL", group="no value for the URL")
    best = _best(attempts)
    if best.rank >= RANK_MEASURED and not _is_refused_form(endpoint, best):
        return Outcome(endpoint=endpoint, attempt=best, writes=best.seen.writes)
    reason, group = _reason(endpoint, best)
    return Outcome(endpoint=endpoint, attempt=best, reason=reason, group=group)


def _best(attempts: list[Attempt]) -> Attempt:
    """Return the attempt that is worth most; among those that were refused, one that had something to refuse."""
    best = max(attempts, key=lambda one: one.rank)
    if best.rank <= _RANK_REFUSED and isinstance(best.body, list):
        # "Expected an object, but got a list" is said of what the draft tried last, and not of the endpoint.
        best = max((one for one in attempts if not isinstance(one.body, list)), key=lambda one: one.rank, default=best)
    if best.rank <= _RANK_REFUSED and not best.body and not best.request.startswith("GET "):
        # "This field is required", said of an empty body, hides what is wrong with a full one.
        return max((one for one in attempts if one.body), key=lambda one: one.rank, default=best)
    if best.rank < RANK_MEASURED and _shows_errors(best.seen):
        # The same of a form: of several refusals, that of the fullest one.
        return max((one for one in attempts if one.rank == best.rank and _shows_errors(one.seen)), key=fullness)
    return best


def fullness(attempt: Attempt) -> tuple[bool, bool, int]:
    """Return how nearly a form was sent as a person fills it in: its formsets whole, its own fields, and how many.

    What JSON has no form reads.
    """
    if not isinstance(attempt.body, Mapping) or attempt.content_type.endswith("json"):
        return False, False, 0
    filled = sum(1 for value in attempt.body.values() if value)
    return _MANAGEMENT not in attempt.seen.form_errors, bool(filled) and attempt.source.startswith("form"), filled


def _shows_errors(seen: Seen) -> bool:
    """Return whether a form came back with errors: those of its fields, or what the view found beyond them."""
    return bool(seen.form_errors) or (seen.status == 200 and b"errorlist" in seen.body)


def _is_refused_form(endpoint: Endpoint, attempt: Attempt) -> bool:
    """Return whether a form came back with its errors: a 200 that wrote nothing of the project's."""
    return bool(
        endpoint.method != "GET"
        and attempt.seen.status == 200
        and not attempt.seen.writes
        and "html" in attempt.seen.content_type
        and _shows_errors(attempt.seen)
    )


def _reason(endpoint: Endpoint, attempt: Attempt) -> tuple[str, str]:
    """Return what was seen, in a sentence, and its group."""
    seen, sent = attempt.seen, f" with a body from the {attempt.source}" if attempt.source and attempt.body else ""
    if seen.is_endless:
        return f"the answer has {seen.error or f'no end within {SECONDS_MAX:g} s'}", ENDLESS
    if seen.error:
        return f"raises {seen.error}{sent}", RAISES
    if is_login(seen):
        return f"{seen.status} to {urlsplit(seen.location).path} also as superuser", "a log-in page also as superuser"
    if _is_refused_form(endpoint, attempt):
        why = seen.form_errors or seen.said or "no error was shown"
        return f"{seen.status}: the form was refused{sent}: {why}", "a form was refused"
    return _reason_of_status(endpoint, seen, sent, tried=attempt.request.partition(" ")[2])


def _reason_of_status(endpoint: Endpoint, seen: Seen, sent: str, *, tried: str) -> tuple[str, str]:
    if seen.status == 405:
        return "405: the view does not answer this method", NO_ENDPOINT
    if seen.is_success:
        where = f" to {urlsplit(seen.location).path}" if seen.location else ""
        if endpoint.method != "GET":
            refused = f"; a form was refused: {seen.form_errors}" if seen.form_errors else ""
            return f"{seen.status}{where}{sent}: writes no row of the project's own{refused}", "writes nothing"
        return f"{seen.status}{where}: reads no row of the project's own", NO_ROWS
    if seen.status in {401, 403}:
        return f"{seen.status} also as superuser: {seen.said}", "refused also as superuser"
    # With the row that was asked for: another one may answer.
    where = f" for {tried}" if endpoint.parameters else ""
    return f"{seen.status}{where}{sent}: {seen.said or 'no text'}", f"status {seen.status}"


def is_login(seen: Seen) -> bool:
    """Return whether an answer sends the caller to a page for logging in."""
    if not seen.location:
        return False
    path = urlsplit(seen.location).path
    return path in login_paths() or any(word in path.lower() for word in _LOGIN_WORDS)
