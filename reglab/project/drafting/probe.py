"""Sends a request once, undone afterwards, and says what was seen: before it is written down."""

import http.cookies
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final

from django.core import mail
from django.db import Error, connections
from django.http.response import HttpResponseBase

from reglab.project.data.databases import own_aliases
from reglab.project.data.isolation import Sequences, commits_followed, forget_caches, rolled_back
from reglab.project.drafting.bodies.form_fields import fields_of_forms
from reglab.project.drafting.rows_seen import RowsSeen
from reglab.project.requests.limits import LimitError, time_limit
from reglab.project.requests.refusals import Refusals, place_raised, refusals_noted
from reglab.project.requests.test_client import Request, Visitor
from reglab.project.source_lines import Mark
from reglab.project.test_environment import project_frames

_SESSION_TABLES: Final = frozenset({"django_session", "django_admin_log"})
_ERROR_CHARACTERS: Final = 160
_BODY_BYTES: Final = 400_000
_ERROR_LIST: Final = re.compile(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', re.DOTALL)
_TAGS: Final = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWrite:
    """Rows of one table that a request inserted, updated or deleted; `columns` are those that an update changed.

    `fewer_by` is how many of these differ from nothing afterwards, or were not written where the data had another size.
    """

    table: str
    verb: str
    rows: int
    fewer_by: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one request was answered with, how many rows of the project it read by which statements, and what it did.

    It wrote `writes`, and sent so many `mails`.
    `refused_for` is what was raised for the status, `form_errors` what a form of the project found wrong.
    """

    status: int = 0
    rows: int = 0
    statements: frozenset[str] = frozenset()
    location: str = ""
    body: bytes = b""
    content_type: str = ""
    error: str = ""
    is_endless: bool = False
    writes: tuple[SeenWrite, ...] = ()
    mails: int = 0
    refused_for: str = ""
    form_errors: str = ""
    # Of the forms that its templates were given, by their names in the page.
    form_fields: Mapping[str, Any] = field(default_factory=dict)
    # How often each statement was sent, and from where those that were sent more than once.
    sent: Mapping[str, int] = field(default_factory=dict)
    repeated_at: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)

    def without_page(self) -> "Seen":
        """Return the same without what only the next request needs: of hundreds of pages it would fill the memory."""
        is_page = "html" in self.content_type
        return replace(self, form_fields={}, body=b"" if is_page else self.body)

    @property
    def own_writes(self) -> tuple[SeenWrite, ...]:
        """The writes that are about more than the caller's session."""
        return tuple(one for one in self.writes if one.table not in _SESSION_TABLES)

    @property
    def is_success(self) -> bool:
        """Whether the status says that the request was served."""
        return 200 <= self.status < 400 and not self.error and not self.is_endless

    @property
    def said(self) -> str:
        """The first thing that the answer says about what is wrong with the request; what was raised, if it is mute."""
        return self._told_in_body or self.refused_for

    @property
    def _told_in_body(self) -> str:
        text = self.body.decode(errors="replace")
        if "html" in self.content_type:
            errors = " ".join(_TAGS.sub(" ", found) for found in _ERROR_LIST.findall(text))
            # Without errors of a form: a sentence that a view calls HTML is told, a page is not.
            sentence = text if "<" not in text else ""
            return " ".join((errors or sentence).split())[:_ERROR_CHARACTERS]
        return " ".join(text.split())[:_ERROR_CHARACTERS]


Observe = Callable[[], AbstractContextManager[list[SeenWrite]]]


class Prober:
    """Sends requests on the present databases. `observe` notes the writes of its block.

    `credentials` are the tables of the tokens that the requests are sent with.
    """

    def __init__(
        self, *, cookies: http.cookies.SimpleCookie, observe: Observe, credentials: frozenset[str] = frozenset()
    ) -> None:
        self._visitor = Visitor(cookies=cookies)
        self._observe = observe
        self._is_logged_in = bool(cookies or credentials)
        self._credentials = credentials
        self._sequences = Sequences()
        self._frames = project_frames()

    def send(self, request: Request, *, is_writing: bool = False, asked_for: frozenset[str] = frozenset()) -> Seen:
        """Send one request, `on_commit` work included, and roll back whatever it did.

        A row of a table that is `asked_for` is content, although the headers name one, too.
        """
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        rows = RowsSeen(
            is_logged_in=self._is_logged_in or request.is_forced,
            credentials=self._credentials - asked_for,
            frames=self._frames,
        )
        writes: list[SeenWrite] = []
        mails = _mails()
        refusals = Refusals()
        problem, is_endless = "", False
        with _silence(), rolled_back():
            try:
                with (
                    time_limit(f"{request.method} {request.path}"),
                    self._observe() if is_writing else _nothing_observed() as writes,
                    refusals_noted(self._frames) as refusals,
                    rows,
                    commits_followed(),
                ):
                    self._visitor.send((request,), responses=responses)
            except LimitError as error:
                problem, is_endless = str(error), True
            except Exception as error:  # noqa: BLE001  # on_commit work is the project's code
                problem = _told(error)
            # With all else that the request did, they are taken back.
            mails = _mails() - mails
        _close_broken()
        seen = _seen(responses)
        return replace(
            seen,
            refused_for=refusals.by_status.get(seen.status, ""),
            form_errors=refusals.form,
            error=problem or _raised(responses),
            is_endless=is_endless,
            rows=rows.count,
            statements=frozenset(rows.statements),
            sent=dict(rows.sent),
            repeated_at=rows.repeated_at,
            writes=tuple(writes),
            mails=mails,
        )


def _mails() -> int:
    """Return how many mails the project's code has sent: in an audit they stay in memory."""
    return len(getattr(mail, "outbox", ()))


@contextmanager
def _nothing_observed() -> Iterator[list[SeenWrite]]:
    yield []


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the project's own log from telling about requests that are sent to find out what they need."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(previous)


def _close_broken() -> None:
    """Give up connections that an interrupted statement has spoilt."""
    for alias in own_aliases():
        connection = connections[alias]
        try:
            usable = connection.connection is None or connection.is_usable()
        except Error:
            usable = False
        if not usable:
            connection.close()


def _seen(responses: list[HttpResponseBase]) -> Seen:
    if not responses:
        return Seen()
    response: Any = responses[-1]
    body: bytes = response.getvalue() if hasattr(response, "getvalue") else b""
    return Seen(
        status=response.status_code,
        location=response.headers.get("Location", ""),
        body=body[:_BODY_BYTES],
        content_type=response.headers.get("Content-Type", ""),
        form_fields=fields_of_forms(getattr(response, "context", None)),
    )


def _raised(responses: list[HttpResponseBase]) -> str:
    trace: tuple[type[BaseException], BaseException, TracebackType] | None = (
        getattr(responses[-1], "exc_info", None) if responses else None
    )
    return _told(trace[1]) if trace else ""


def _told(error: BaseException) -> str:
    """Describe an exception with the innermost line of the project that it came through, else of a library."""
    lines = str(error).strip().splitlines() or ["no message"]
    place = place_raised(error, project_frames())
    return f"{type(error).__name__}: {lines[0][:_ERROR_CHARACTERS]}{f' ({place})' if place else ''}"
