"""Lines of the record about requests that no scenario sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import connections

from reglab.limits.child import answers
from reglab.limits.fields import fields_of
from reglab.limits.sending import Sender
from reglab.limits.unsent.bodies import body_of_request
from reglab.limits.unsent.fates import AS_IT_IS, AcceptedFates, Fates, fates_beside
from reglab.limits.unsent.requests import Unsent, unsent_requests
from reglab.limits.unsent.rows import NOT_THERE, subjects_listed, subjects_named
from reglab.limits.unsent.sending import TOO_LONG, Came, UnsentSender
from reglab.metrics import METRICS
from reglab.project.audit_ground import AuditGround, is_left_out
from reglab.project.drafting.view_models import model_admin_of
from reglab.project.endpoints.view_places import place_of_view, view_of
from reglab.project.requests.raced import SAFE_METHODS
from reglab.report.findings import counted
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

_ENDED: Final = "the process ended"
_CRASHED: Final = frozenset({_ENDED, TOO_LONG})


@dataclass(slots=True, kw_only=True)
class _Asked:
    """The requests of one scenario, its own first, and what they came to."""

    endpoint: str
    place: str
    method: str
    requests: list[Unsent]
    fates: dict[str, str] = field(default_factory=dict)
    failing: dict[str, Came] = field(default_factory=dict)


def unsent_lines(ground: AuditGround, *, accept: str = "") -> Iterator[Measurement | Remark]:
    """Hold what requests that no scenario sends come to against what was accepted; with `accept`, accept it first."""
    accepted = fates_beside(ground.file.ledger_path)
    asked = dict(_asked(ground, accepted))
    _send(asked, ground)
    if accept:
        accepted.accept({name: one.fates for name, one in asked.items()})
    if accepted.is_new and asked:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"what requests that no scenario sends come to is not accepted yet ({accepted.path}): no check of a "
            "row's state can be lost",
            next_step='Accept it: reglab probe limits --accept "why".',
        )
    if untried := sorted(_known(accepted, ground) - asked.keys()):
        yield Remark(
            kind=RemarkKind.INCONCLUSIVE,
            text=f"what other requests come to is accepted, and none was sent this time: {', '.join(untried)}",
            next_step='Let the scenarios name their rows again, or accept without: reglab probe limits --accept "why".',
        )
    if moved := [
        name for name, one in asked.items() if accepted.of(name) and not _is_as_before(one.fates, accepted.of(name))
    ]:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"what these scenarios send comes to something else than when their other requests were accepted, "
            f"which are held by their status alone: {counted(moved)}",
            next_step='Once that is right, accept them anew: reglab probe limits --accept "why".',
        )
    gone = {name: [told for told in accepted.of(name) if told not in one.fates] for name, one in asked.items()}
    if left := [f"{name} ({counted(told)})" for name, told in gone.items() if told]:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"accepted, and not sent this time, for the rows or fields are others: {counted(left)}",
            next_step='Once that is right, accept them without: reglab probe limits --accept "why".',
        )
    for name, one in asked.items():
        yield from _of_scenario(name, one, accepted.of(name))
        yield from _failures(name, one)


def _known(accepted: AcceptedFates, ground: AuditGround) -> set[str]:
    return {one.name for one in ground.served if accepted.of(one.name) and not is_left_out(one, "unsent_changed")}


def _of_scenario(name: str, asked: _Asked, accepted: Fates) -> Iterator[Measurement]:
    changed = dict(_changed(asked.fates, accepted))
    for told, text in (changed or {"": ""}).items():
        evidence = Evidence(kind="response", text=f"{asked.method} {told}: {text}", source=asked.place)
        yield Measurement(
            scenario=name,
            endpoint=asked.endpoint,
            metric=METRICS["unsent_changed"],
            part=told,
            values=(1 if told else 0,),
            evidence=(evidence,) if told else (),
        )


def _failures(name: str, asked: _Asked) -> Iterator[Measurement]:
    """Give the requests that end the process or keep it busy, and those that are answered 5xx.

    Not where the scenario's own request is no better. What is answered 5xx goes to a row that is gone, has other
    fields, or values at the clock's moment: a row in a state that nobody may bring about is no client's doing.
    """
    own = asked.fates.get(AS_IT_IS, "")
    for told, fate in asked.fates.items():
        came = asked.failing.get(told, Came(fate=fate))
        metric = "inputs_crashed" if fate in _CRASHED else "inputs_failed" if came.said else ""
        is_of_a_state = ": " in told and not told.endswith(NOT_THERE)
        if not metric or own in _CRASHED or _status(own).startswith("5") or (came.said and is_of_a_state):
            continue
        text = f"{asked.method} {told}: {', '.join(filter(None, (_status(fate) if came.said else fate, came.said)))}"
        yield Measurement(
            scenario=name,
            endpoint=asked.endpoint,
            metric=METRICS[metric],
            part=told,
            values=(1,),
            evidence=(
                Evidence(
                    kind="response",
                    text=text,
                    source=came.places[0] if came.places else asked.place,
                    frames=came.places[1:5],
                ),
            ),
        )


def _changed(found: Fates, accepted: Fates) -> Iterator[tuple[str, str]]:
    """Give what sets a request apart, and how its fate differs from the accepted one.

    Where the scenario's own request does another thing now, the audit of work tells it: of the others only the status
    is held.
    """
    is_as_before = _is_as_before(found, accepted)
    for told, fate in found.items():
        before = accepted.get(told)
        if told == AS_IT_IS or before is None:
            continue
        if fate != before if is_as_before else _status(fate) != _status(before):
            yield told, _difference(fate, before)


def _is_as_before(found: Fates, accepted: Fates) -> bool:
    return found.get(AS_IT_IS) == accepted.get(AS_IT_IS)


def _status(fate: str) -> str:
    return fate.partition(" ")[0]


def _difference(fate: str, before: str) -> str:
    (words, _, _), (words_before, _, _) = fate.partition(" #"), before.partition(" #")
    if words == words_before:
        return f"{words or 'an answer'}, with other values than accepted"
    return f"{words}, accepted: {words_before}"


def _asked(ground: AuditGround, accepted: AcceptedFates) -> Iterator[tuple[str, _Asked]]:
    sender = Sender(ground)
    # Several scenarios of one endpoint list, or compare, the same rows.
    begun: set[str] = set()
    for scenario in ground.served:
        request = ground.requests(scenario)[0]
        view = view_of(request.path)
        # Pages of the admin are Django's own.
        if is_left_out(scenario, "unsent_changed") or scenario.as_superuser or model_admin_of(view) is not None:
            continue
        _, readers = sender.probe(request)
        body = body_of_request(request)
        subjects = tuple(subjects_named(scenario, ground.file))
        endpoint = ground.endpoint(scenario)
        is_first = endpoint not in begun
        if is_first and not subjects and request.method in SAFE_METHODS:
            subjects = tuple(subjects_listed(request, endpoint))
        others = unsent_requests(
            request,
            ground.file,
            subjects=subjects,
            fields=fields_of(dict(body), readers) if body else (),
            readers=readers,
            accepted=accepted.of(scenario.name),
            is_first=is_first,
        )
        begun.add(endpoint)
        # Of two that are told alike the first counts.
        requests = list({one.told: one for one in reversed([*others])}.values())[::-1]
        if len(requests) > 1:
            yield (
                scenario.name,
                _Asked(
                    endpoint=endpoint,
                    place=place_of_view(view, request.method, ground.frames),
                    method=request.method,
                    requests=requests,
                ),
            )


def _send(asked: Mapping[str, _Asked], ground: AuditGround) -> None:
    """Have children send all of them: an input may end the process."""
    cases = [(name, one) for name, each in asked.items() for one in each.requests]
    ground.say(f"limits: {len(cases)} requests that no scenario sends")
    sender = UnsentSender(ground)
    for answer in answers(len(cases), lambda index: sender.came(cases[index][1]).as_dict()):
        name, one = cases[answer.index]
        said = answer.said or Came(fate=_ENDED).as_dict()
        came = Came(fate=said["fate"], said=said["said"], places=tuple(said["places"]))
        if came.fate:
            asked[name].fates[one.told] = came.fate
        if came.said:
            asked[name].failing[one.told] = came
    connections.close_all()
