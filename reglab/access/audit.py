"""Sends every scenario, and every other URL, as every kind of caller, under the settings that are loaded."""

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.checks import CheckMessage
from django.http.response import HttpResponseBase
from django.utils import timezone

from reglab.access.callers import (
    COUNTED,
    FOREIGN_HOST,
    WRONG_TOKEN,
    Caller,
    CannotMakeUsersError,
    callers,
    right_holder,
)
from reglab.access.cells import ABSENT, LOGIN, WRITES, Cell, openness, refused_to_all
from reglab.access.colleagues import colleagues
from reglab.access.credentials import Credentials
from reglab.access.data_users import data_users
from reglab.access.guards.settings import deploy_issues, guards
from reglab.access.headers import Headers, in_all, permitting, protecting
from reglab.access.lapses.failed_calls import FailedCalls
from reglab.access.lapses.forged_lines import ForgedLines
from reglab.access.lapses.former_rights import FORMER, FormerRights
from reglab.access.lapses.lapse import HEAD_ANSWERED, Lapse, asked_again
from reglab.access.lapses.logged_secrets import logged_secrets, secrets_told
from reglab.access.lapses.told_rows import ToldRows
from reglab.access.sending import answer_of, sent
from reglab.access.targets import Target, targets
from reglab.counters.engine.row_snapshots import RowSnapshot
from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.project.audit_ground import AuditGround, own_models
from reglab.project.data.driver import is_aborted
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back, stopped_clock
from reglab.project.development_tools import is_for_developers
from reglab.project.endpoints.view_places import doors_of, guards_of, place_of_view, view_of
from reglab.project.outages import FAILING_AFTER, Outage, failing
from reglab.project.requests.raced import SAFE_METHODS

_Sent = tuple[HttpResponseBase, bool, QueryCounter, Outage]
_IGNORED_TABLES: Final = frozenset({"django_session"})
# Without any right, and without a name: whoever has more is told less by a head.
_HEADS: Final = frozenset({"nobody", "user"})
# Longer than notes of a caller's last use are kept from being written again, shorter than any token is valid.
_LATER: Final = timedelta(minutes=2)
# What a scenario is to be answered, where somebody is let in.
_SERVED: Final = range(200, 400)


@dataclass(slots=True, kw_only=True)
class Access:
    """What was found: cells, the headers of each scenario, flags of cookies.

    `headers` protect, and are in every answer; `permissions` let others have an answer, and are in any. `complaint`
    says why there is no caller who is a user.
    """

    cells: list[Cell] = field(default_factory=list)
    headers: dict[str, Headers] = field(default_factory=dict)
    permissions: dict[str, Headers] = field(default_factory=dict)
    complaint: str = ""
    # Members of the tenant that the project refused to make, each with why.
    refused_members: list[str] = field(default_factory=list)
    # Scenarios that are to be served, and in which every caller was refused.
    refused_to_all: list[str] = field(default_factory=list)
    cookies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exposed: list[Cell] = field(default_factory=list)
    issues: list[CheckMessage] = field(default_factory=list)
    lapses: list[Lapse] = field(default_factory=list)
    # Calls with a wrong token until the address has to wait; 0 where it never has to, None where nothing was asked.
    answered_calls: int | None = None
    # The same of calls without any.
    answered_calls_of_nobody: int | None = None
    middleware: tuple[str, ...] = ()
    guards: dict[str, str] = field(default_factory=dict)
    # By endpoint: the names of what is declared before its view.
    doors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # The guards of the project's other closed environments, by name.
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    # By caller and scenario: what a request costs in statements, its proof of the caller included.
    statements: dict[str, dict[str, tuple[StatementGroup, ...]]] = field(default_factory=dict)


def access(ground: AuditGround) -> Access:
    """Fill the matrix on the present rows; whatever a caller writes is undone."""
    found = Access(middleware=tuple(settings.MIDDLEWARE), issues=deploy_issues(), guards=guards())
    credentials = Credentials(ground.file)
    with rolled_back():
        try:
            everybody = callers(own_models(ground.frames), credentials)
        except CannotMakeUsersError as error:
            everybody, found.complaint = error.callers, str(error)
        if not found.complaint:
            members, found.refused_members = colleagues(ground.file, credentials)
            everybody = (*everybody, *data_users(ground.file, credentials), *members)
        holder = None if found.complaint else right_holder(credentials)
        for caller in (*everybody, *([holder] if holder else [])):
            caller.log_in()
        # All of them first: a token that is made between two requests would get the number of another.
        asked = [*targets(ground, credentials)]
        for owner in (target.owner for target in asked if target.owner):
            owner.log_in()
        desk = _Desk(ground, found, credentials)
        forged = ForgedLines(ground=ground)
        served: set[str] = set()
        for target in asked:
            ground.begin(f"access: {target.name}")
            if target.requests[-1].expected_status in _SERVED:
                served.add(target.name)
            answered: dict[str, str] = {}
            for caller in (*everybody, *([target.owner] if target.owner else [])):
                if target.is_for(caller, user=answered.get("user", "")):
                    answered[caller.name] = desk.send(target, caller).answer
            if holder and target.is_of_scenario:
                desk.send_with_former_rights(target, holder)
                desk.send_twice(target, holder)
                desk.send_in_outages(target, holder)
                found.lapses += forged.lapses(target.name, target.endpoint, target.requests[0], holder)
        refused = frozenset(cell.scenario for cell in found.cells if (cell.caller, cell.answer) == (WRONG_TOKEN, "401"))
        calls = FailedCalls(ground=ground, everybody=everybody, credentials=credentials, refused=refused)
        found.answered_calls, found.lapses = calls.answered, [*found.lapses, *calls.lapses()]
        found.answered_calls_of_nobody = calls.answered_of_nobody
    # Another host's name is answered before anybody asks who calls.
    found.refused_to_all = refused_to_all((cell for cell in found.cells if cell.caller != FOREIGN_HOST), served)
    return found


class _Desk:
    """Sends targets as callers, each from the same state, and notes what came of it."""

    def __init__(self, ground: AuditGround, found: Access, credentials: Credentials) -> None:
        self._ground = ground
        self._credentials = credentials
        self._found = found
        self._sequences = Sequences()
        self._before: tuple[str, RowSnapshot] | None = None

    def send(self, target: Target, caller: Caller) -> Cell:
        """Send a target as a caller, and note the answer; of some callers, what it costs in statements as well."""
        response, changed, first, _ = self._sent(target, caller)
        if caller.name in COUNTED and target.view is None:
            # The second time what a process reads only once is there, and what was noted of the caller is older.
            again, _, second, _ = self._sent(target, caller, later=_LATER)
            is_as_first = again.status_code == response.status_code
            counted = second if is_as_first else min(first, second, key=lambda counter: counter.queries)
            self._found.statements.setdefault(caller.name, {})[target.name] = counted.groups()
        cell = self._note(target, caller, response, changed=changed)
        if caller.name in _HEADS and target.is_of_scenario and cell.answer in {"401", "403"}:
            self._send_head(target, caller, refused=cell)
        return cell

    def _send_head(self, target: Target, caller: Caller, *, refused: Cell) -> None:
        """Ask for the head alone of a GET that was refused: it tells that there is something, and how much."""
        if target.requests[-1].method != "GET":
            return
        head = replace(target, requests=(*target.requests[:-1], replace(target.requests[-1], method="HEAD")))
        status = self._sent(head, caller)[0].status_code
        if 200 <= status < 300:
            self._found.lapses.append(
                Lapse(
                    id=HEAD_ANSWERED,
                    scenario=target.name,
                    endpoint=target.endpoint,
                    text=f"{caller.name}: HEAD is answered {status} where GET is answered {refused.answer}: that there "
                    "is an answer, and its length, are told",
                    places=(refused.place,) if refused.place else (),
                )
            )

    def send_twice(self, target: Target, holder: Caller) -> None:
        """Send a target again after another one like it, which may be in its way."""
        client = holder.client()
        self._found.lapses += ToldRows(frames=self._ground.frames).told(
            target.name, target.endpoint, target.requests[0], lambda request: sent(client, (request,), holder)
        )

    def send_with_former_rights(self, target: Target, holder: Caller) -> None:
        """Send a target as somebody whose rights were taken away after an earlier request."""
        answers = {cell.caller: cell.answer for cell in self._found.cells if cell.scenario == target.name}
        refused = {way for way, caller in FORMER.items() if openness(answers.get(caller, "")) == 1}
        former = FormerRights(holder=holder, frames=self._ground.frames)
        self._found.lapses += former.remembered(
            target.name,
            target.endpoint,
            lambda: sent(holder.client(), target.requests, holder).status_code,
            refused=frozenset(refused),
        )

    def send_in_outages(self, target: Target, holder: Caller) -> None:
        """Send a target while the database fails: much is logged then that is not logged otherwise."""
        for after in FAILING_AFTER:
            outage = self._sent(target, holder, fails_after=after)[3]
            # Of several steps each asks by itself.
            is_of_one = after == 0 and len(target.requests) == 1
            self._found.lapses += asked_again(target.name, target.endpoint, outage) if is_of_one else ()

    def _sent(
        self, target: Target, caller: Caller, *, fails_after: int | None = None, later: timedelta = timedelta()
    ) -> _Sent:
        self._sequences.restore()
        forget_caches()
        clock = stopped_clock(timezone.now() + later) if later else nullcontext()
        with clock, rolled_back(), logged_secrets(caller.secrets(), frames=self._ground.frames) as logged:
            client = caller.client()
            writes = any(request.method not in SAFE_METHODS for request in target.requests)
            before = self._rows_before(target) if writes else None
            failure = failing(self._ground.connections, after=fails_after, frames=self._ground.frames)
            with failure as outage, QueryCounter(self._ground.connections, frames=self._ground.frames) as counter:
                response = sent(client, target.requests, caller)
            changed = before is not None and self._has_changed(before)
        self._found.lapses += secrets_told(target.name, target.endpoint, caller.name, logged)
        return response, changed, counter, outage

    def _has_changed(self, before: RowSnapshot) -> bool:
        """Tell whether rows differ; after an error that the view has caught there is nothing left that could."""
        connections = self._ground.connections
        if any(is_aborted(one) for one in connections):
            return False
        changes = before.changes_to(RowSnapshot.taken(connections), connections)
        return any(change.table not in _IGNORED_TABLES for change in changes)

    def _rows_before(self, target: Target) -> RowSnapshot:
        """Read all rows once for all callers of a target: what each of them writes is undone."""
        if self._before is None or self._before[0] != target.name:
            self._before = (target.name, RowSnapshot.taken(self._ground.connections))
        return self._before[1]

    def _note(self, target: Target, caller: Caller, response: HttpResponseBase, *, changed: bool) -> Cell:
        method = target.requests[-1].method
        view = target.view or view_of(target.requests[-1].path)
        cell = Cell(
            scenario=target.name,
            endpoint=target.endpoint,
            caller=caller.name,
            answer=answer_of(response, target.requests[-1].path) + (WRITES if changed else ""),
            place=target.place or place_of_view(view, method, self._ground.frames),
            guards=guards_of(view, method),
        )
        if target.is_of_scenario and view is not None:
            self._found.doors[target.endpoint] = doors_of(view, method)
        if target.place and cell.answer == ABSENT:
            # A part of a path, or one that is compared with: nobody answers there.
            return cell
        self._found.cells.append(cell)
        if caller.name != FOREIGN_HOST:
            # An answer to a name that is not the server's is nobody's page.
            headers, permissions = self._found.headers, self._found.permissions
            headers[target.name] = in_all(headers.get(target.name), protecting(response))
            permissions.setdefault(target.name, {}).update(permitting(response))
        for name, morsel in response.cookies.items():
            flags = (flag for flag in ("secure", "httponly", "samesite") if morsel[flag])
            self._found.cookies[name] = tuple(flags)
        if caller.user is None and is_for_developers(view, target.requests[-1].path) and _is_served(cell):
            self._found.exposed.append(cell)
        return cell


def _is_served(cell: Cell) -> bool:
    return cell.answer not in {ABSENT, LOGIN, "401", "403", "404", "405"}
