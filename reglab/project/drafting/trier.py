"""Tries an endpoint's requests on the present data, the likeliest first, until one measures something."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.apps import apps

from reglab.config.reader import TomlFile
from reglab.config.suite import Scenario, Suite, SuiteFile
from reglab.config.suite_parts import Binding, Login
from reglab.errors import AuditError
from reglab.project.drafting.bodies.candidates import bodies_of
from reglab.project.drafting.bodies.graphql import is_graphql, parsed_answer, query_of
from reglab.project.drafting.bodies.moments import in_order, query_in_order
from reglab.project.drafting.bodies.operations import query_of_operation
from reglab.project.drafting.login import Access, further_accesses
from reglab.project.drafting.other_rows import Bindings, other_bindings
from reglab.project.drafting.outcomes.outcome import Attempt, Outcome, fullness, outcome_of, waived
from reglab.project.drafting.parameters import BoundPath, bound_paths
from reglab.project.drafting.probe import Observe, Seen
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.binding import bound_values, names_in
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.scenario_user import log_in

_DRAFT: Final = Path("draft")
_PATHS_OF_WRITES_MAX: Final = 3
_BODIES_MAX: Final = 12
_BRACES: Final = re.compile(r"\{([A-Za-z_]\w*)\}")
_CONFLICT: Final = 409
_NOT_FOUND: Final = 404
_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A request to try: as the suite would write it."""

    request: str
    bindings: Mapping[str, Mapping[str, Any]]
    body: Any = None
    content_type: str = "application/json"
    source: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    login: Mapping[str, Any] | None = None

    @property
    def tables(self) -> frozenset[str]:
        """The tables of the rows that the request's path names."""
        named = (how for name, how in self.bindings.items() if f"{{{name}}}" in self.request and "model" in how)
        return frozenset(apps.get_model(str(how["model"]))._meta.db_table for how in named)  # noqa: SLF001


class Trier:
    """Tries endpoints on the databases that the connections point at. `access` changes where a better way is found."""

    def __init__(
        self, access: Access, *, observe: Observe, get_paths: frozenset[str], bindings: Bindings | None = None
    ) -> None:
        self.access = access
        self._bindings = bindings or {}
        self._observe = observe
        self._get_paths = get_paths
        self._prober = access.prober(observe=observe)
        self._pages: dict[str, Seen] = {}
        self._logged_in: list[Login] = []

    def outcome(self, endpoint: Endpoint) -> Outcome:
        """Try an endpoint until an attempt measures something, and return what becomes of it. Never raises."""
        attempts: list[Attempt] = []
        try:
            self._try(endpoint, attempts)
        except Exception as error:  # noqa: BLE001  # views, forms and serializers are read, and are the project's code
            if not attempts:
                said = (str(error).strip().splitlines() or ["no message"])[0]
                reason = f"no request could be made for it: {type(error).__name__}: {said}"
                return waived(endpoint, reason, group="no request could be made")
        return _without_page(outcome_of(endpoint, attempts))

    def _try(self, endpoint: Endpoint, attempts: list[Attempt]) -> None:
        for one in self._tries(endpoint):
            attempt = self.attempt(one)
            if attempt.seen.status in _REFUSED:
                attempt = self._with_better_access(one, attempt)
            attempts.append(attempt)
            if attempt.seen.status == 405 or attempt.seen.is_endless or outcome_of(endpoint, [attempt]).is_measured:
                break
        idle = in_wrong_state(attempts) if endpoint.method != "GET" else None
        if idle is not None:
            self._try_other_rows(idle, attempts)
        elif attempts and attempts[-1].body:
            self._try_without_body(attempts[-1], attempts)

    def _try_without_body(self, full: Attempt, attempts: list[Attempt]) -> None:
        """Keep a request without its body where that comes to the same: nobody reads it, and it says nothing."""
        if not full.seen.own_writes:
            return
        bare = self.attempt(Try(request=full.request, bindings=full.bindings))
        if (bare.seen.status, bare.seen.body, bare.seen.location, set(bare.seen.writes)) == (
            full.seen.status,
            full.seen.body,
            full.seen.location,
            set(full.seen.writes),
        ):
            attempts[:] = [bare]

    def _try_other_rows(self, idle: Attempt, attempts: list[Attempt]) -> None:
        """Ask of rows in other states what wrote nothing; keep the first that writes, in place of all before it."""
        used = {name: how for name, how in idle.bindings.items() if f"{{{name}}}" in idle.request}
        for name, other, how in other_bindings(used, self._bindings):
            attempt = self.attempt(
                Try(
                    request=idle.request.replace(f"{{{name}}}", f"{{{other}}}"),
                    bindings={**{key: value for key, value in idle.bindings.items() if key != name}, other: how},
                    body=idle.body,
                    content_type=idle.content_type,
                    source=idle.source,
                )
            )
            if attempt.seen.is_success and attempt.seen.own_writes:
                attempts[:] = [attempt]
                return

    def attempt(self, one: Try) -> Attempt:
        """Send one request as the suite would, and note what was seen."""
        return Attempt(
            request=one.request,
            seen=self._send(one),
            body=one.body,
            content_type=one.content_type,
            source=one.source,
            bindings=dict(one.bindings),
            headers=one.headers,
            login=one.login,
        )

    def again(self, attempt: Attempt) -> Attempt:
        """Send an attempt's request once more, on the data that are there now."""
        one = Try(
            request=attempt.request,
            bindings=attempt.bindings,
            body=attempt.body,
            content_type=attempt.content_type,
            source=attempt.source,
            headers=attempt.headers,
            login=attempt.login,
        )
        return replace(attempt, seen=self._send(one))

    def _tries(self, endpoint: Endpoint) -> Iterator[Try]:
        paths = bound_paths(endpoint)
        query, asked = query_of_operation(endpoint)
        if endpoint.method == "GET":
            for path in paths:
                for each in dict.fromkeys((query, query_in_order(query))):
                    yield Try(request=f"GET {path.written}{each}", bindings={**path.bindings, **asked})
                if is_graphql(endpoint):
                    yield from self._queries(path, method="GET")
            return
        for path in islice(paths, _PATHS_OF_WRITES_MAX):
            if endpoint.method == "POST" and is_graphql(endpoint):
                yield from self._queries(path)
            page = self._page(path) if endpoint.path in self._get_paths else Seen()
            for body in islice(bodies_of(endpoint, page.body, page.form_fields), _BODIES_MAX):
                used = {key: dict(bound.binding or {}) for key, bound in body.bindings.items()}
                ordered = in_order(body.content)
                for content in (body.content,) if ordered == body.content else (body.content, ordered):
                    yield Try(
                        request=f"{endpoint.method} {path.written}{query_in_order(query)}",
                        bindings={**path.bindings, **asked, **used},
                        body=_plain(content, known=used),
                        content_type=body.content_type,
                        source=body.source,
                    )

    def _queries(self, path: BoundPath, *, method: str = "POST") -> Iterator[Try]:
        def asked(query: str) -> Try:
            if method == "GET":
                return Try(request=f"GET {path.written}?query={quote(query)}", bindings=path.bindings)
            return Try(request=f"POST {path.written}", bindings=path.bindings, body={"query": query}, source="schema")

        if query := query_of(lambda text: parsed_answer(self._send(asked(text)).body)):
            yield asked(query)

    def _page(self, path: BoundPath) -> Seen:
        """Return what a GET of the same URL answers, asked once."""
        if path.written not in self._pages:
            seen = self._send(Try(request=f"GET {path.written}", bindings=path.bindings))
            self._pages[path.written] = seen if seen.status == 200 and "html" in seen.content_type else Seen()
        return self._pages[path.written]

    def _with_better_access(self, one: Try, refused: Attempt) -> Attempt:
        """Try the other ways to say who asks; the first that is let in is kept for every request from then on."""
        for access in () if self.access.is_settled else further_accesses(self.access):
            previous = self.access, self._prober
            self.access, self._prober = access, access.prober(observe=self._observe)
            attempt = self.attempt(one)
            if attempt.seen.status not in _REFUSED and attempt.rank > refused.rank:
                return attempt
            self.access, self._prober = previous
        return refused

    def _send(self, one: Try) -> Seen:
        try:
            file, scenario = self._as_suite(one)
            self._log_in(scenario)
            (request,) = prepared(file.suite, scenario, bound_values(file, scenario, sizes={}))
        except (AuditError, ValueError, KeyError, TypeError) as error:
            return Seen(error=f"{type(error).__name__}: {error}")
        return self._prober.send(request, is_writing=not one.request.startswith("GET "), asked_for=one.tables)

    def _log_in(self, scenario: Scenario) -> None:
        """Give a request's own user a session in the present databases, once."""
        if scenario.login is not None and scenario.login not in self._logged_in:
            log_in(scenario.login, where="draft")
            self._logged_in.append(scenario.login)

    def _as_suite(self, one: Try) -> tuple[SuiteFile, Scenario]:
        """Write a request down as a suite would, so that what is sent now is what an audit sends later."""
        scenario = Scenario(
            name="drafted",
            request=one.request,
            body=one.body,
            content_type=one.content_type,
            headers=dict(one.headers),
            login=Login(**one.login) if one.login else None,
            bindings={key: Binding(**value) for key, value in one.bindings.items()},
        )
        access = self.access
        suite = Suite(
            schema_version=1,
            headers=dict(access.headers or {}),
            bindings={key: Binding(**value) for key, value in (access.bindings or {}).items()},
            https=access.is_secure,
            login=Login(**access.user, force=access.is_forced) if access.user else None,
        )
        file = TomlFile(path=_DRAFT, text="", content=suite, error=AuditError)
        return SuiteFile(path=_DRAFT, files=[file]), scenario


def in_wrong_state(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the attempt whose row was in the wrong state: refused as a conflict, or not found, or nothing written.

    A form that asks for its fields where they are missing, and is not found where they are there, asks for another row.
    """
    answered = [one for one in attempts if one.seen.is_success]
    if any(one.seen.own_writes or one.seen.mails for one in answered):
        return None
    conflict = next((one for one in attempts if one.seen.status == _CONFLICT), None)
    has_form = any(one.seen.form_errors for one in answered)
    not_found = next((one for one in attempts if has_form and one.body and one.seen.status == _NOT_FOUND), None)
    return conflict or not_found or max(answered, key=fullness, default=None)


def _plain(content: Any, *, known: Mapping[str, Any]) -> Any:
    """Drop what TOML has no word for, and braces that the suite would take for bindings."""
    if content is None:
        return None
    if isinstance(content, Mapping):
        return {str(key): _plain(value, known=known) for key, value in content.items() if value is not None}
    if isinstance(content, list | tuple):
        return [_plain(value, known=known) for value in content if value is not None]
    if isinstance(content, bool | int | float):
        return content
    text = str(content)
    return _BRACES.sub(r"\1", text) if names_in(text) - set(known) else text


def _without_page(outcome: Outcome) -> Outcome:
    attempt = outcome.attempt
    return outcome if attempt is None else replace(outcome, attempt=replace(attempt, seen=attempt.seen.without_page()))


def try_all(trier: Trier, endpoints: list[Endpoint], *, say: Callable[[str], None]) -> list[Outcome]:
    """Try every endpoint, and say how far it is."""
    outcomes = []
    for number, endpoint in enumerate(endpoints, start=1):
        say(f"trying {endpoint.name} ({number}/{len(endpoints)})")
        outcomes.append(trier.outcome(endpoint))
    return outcomes
