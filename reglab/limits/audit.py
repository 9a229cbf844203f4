"""Sends inputs at and beyond the limits of every field, in a child process."""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models

from reglab.config.suite import Scenario
from reglab.limits.child import Answer, answers
from reglab.limits.fields import Readers, fields_of
from reglab.limits.form_bodies import FORM, inputs_of_form
from reglab.limits.inputs import (
    JSON,
    SET_BY_CLIENT,
    Input,
    assignment,
    inputs_at_all_limits,
    inputs_of_body,
    inputs_of_chance,
    inputs_of_field,
    inputs_of_lists,
    inputs_of_url,
    own_value,
)
from reglab.limits.other_values import another
from reglab.limits.refusals import Refusals, Refused
from reglab.limits.sending import LEFT_ALONE, STORED, Outcome, Sender
from reglab.project.audit_ground import AuditGround, is_left_out
from reglab.project.data.baking.people import user_model
from reglab.project.drafting.view_models import model_admin_of
from reglab.project.endpoints.view_places import place_of_view, view_of
from reglab.project.requests.test_client import Request

_FORGED_NUMBER = 987_654_321
# Refused is who asks, or how often, and no value.
_OF_THE_CALLER = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input of one scenario."""

    scenario: Scenario
    endpoint: str
    input: Input


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """What the inputs of one scenario came to: those that went wrong, with what became of them."""

    scenario: Scenario
    endpoint: str
    tried: int = 0
    wrong: list[tuple[Input, Outcome]] = field(default_factory=list)
    taken: list[tuple[Input, Outcome]] = field(default_factory=list)
    refused: list[tuple[Input, Outcome]] = field(default_factory=list)
    place: str = ""

    def note_fate(self, one: Input, outcome: Outcome) -> None:
        """Note whether a value of a field was taken or refused; a form that is shown again has refused it."""
        if one.compared == SET_BY_CLIENT and 200 <= outcome.status < 300:
            if outcome.text == STORED:
                self.taken.append((one, outcome))
            elif outcome.text == LEFT_ALONE:
                self.refused.append((one, outcome))
            return
        status, is_form = outcome.status, one.request.content_type == FORM
        if status == one.request.expected_status if is_form else 200 <= status < 300:
            self.taken.append((one, outcome))
        elif (200 if is_form else 400) <= status < 500 and status not in _OF_THE_CALLER:
            self.refused.append((one, outcome))

    def forget_unheard(self) -> None:
        """Leave out fields that the endpoint does not read: whatever is sent, one and the same value is there."""
        found: dict[str, set[str]] = {}
        for one, outcome in self.wrong:
            if outcome.found:
                found.setdefault(one.part, set()).add(outcome.found)
        self.wrong = [
            (one, outcome)
            for one, outcome in self.wrong
            if not (outcome.found and one.is_unheard and len(found[one.part]) == 1)
        ]


def results(ground: AuditGround, refusals: Refusals) -> Iterator[ScenarioResult]:
    """Yield the result of each scenario whose requests hold values of their own. Each endpoint's body is tried once.

    What is accepted as refused, by the `refusals`, is tried as well.
    """
    cases = _cases(ground, refusals)
    ground.say(f"limits: {len(cases)} inputs")
    sender = Sender(ground)
    found: dict[str, ScenarioResult] = {}
    for answer in answers(len(cases), lambda index: sender.outcome(cases[index].input).as_dict()):
        case = cases[answer.index]
        result = found.get(case.scenario.name) or _begun(case, ground)
        found[case.scenario.name] = result
        result.tried += 1
        outcome = _outcome(answer)
        if outcome.metric:
            result.wrong.append((case.input, outcome))
        if case.input.compared:
            result.note_fate(case.input, outcome)
    connections.close_all()
    for result in found.values():
        result.forget_unheard()
        yield result


def _begun(case: Case, ground: AuditGround) -> ScenarioResult:
    request = case.input.request
    place = place_of_view(view_of(request.path), request.method, ground.frames)
    return ScenarioResult(scenario=case.scenario, endpoint=case.endpoint, place=place)


def _outcome(answer: Answer) -> Outcome:
    if answer.said is not None:
        said = answer.said
        return Outcome(**{**said, "places": tuple(said["places"])})
    if answer.signal > 0:
        name = signal.Signals(answer.signal).name
        return Outcome(metric="inputs_crashed", text=f"the process is ended by {name}")
    return Outcome(metric="inputs_crashed", text=f"the process ends with exit {-answer.signal}")


def tried_scenarios(ground: AuditGround) -> list[Scenario]:
    """Return the scenarios that the suite does not leave out of this audit."""
    return [scenario for scenario in ground.served if not is_left_out(scenario, "inputs_failed")]


def _cases(ground: AuditGround, refusals: Refusals) -> list[Case]:
    cases: list[Case] = []
    sender = Sender(ground)
    seen: set[tuple[str, str]] = set()
    # What was accepted of a scenario is tried of it, whichever others of its endpoint have come before it.
    for scenario in sorted(tried_scenarios(ground), key=lambda one: not refusals.of(one.name)):
        request, endpoint = ground.requests(scenario)[0], ground.endpoint(scenario)
        is_admin = scenario.as_superuser or model_admin_of(view_of(request.path)) is not None
        for one in _inputs(request, sender, refusals.of(scenario.name), is_admin=is_admin):
            # Two scenarios of one endpoint have the same fields.
            if one.part == "chance" or (endpoint, one.told) not in seen:
                seen.add((endpoint, one.told))
                cases.append(Case(scenario=scenario, endpoint=endpoint, input=one))
    return cases


def _inputs(request: Request, sender: Sender, accepted: Refused, *, is_admin: bool) -> Iterator[Input]:
    yield from inputs_of_chance(request)
    asked, readers = sender.probe(request)
    yield from inputs_of_url(request, asked.parameters)
    if request.content_type == FORM and not is_admin:
        # The admin's forms are Django's own.
        yield from inputs_of_form(request, readers, accepted)
    if request.content_type != JSON or not request.body:
        return
    body = json.loads(request.body)
    if isinstance(body, dict):
        fields = fields_of(body, readers)
        for limits in fields:
            own = own_value(request, body, limits)
            is_unheard = own is not None and sender.is_unheard(own)
            known = accepted.get(limits.name, ())
            yield from inputs_of_field(request, body, limits, is_unheard=is_unheard, accepted=known)
        yield from inputs_of_lists(request, body)
        yield from inputs_at_all_limits(request, body, fields)
        yield from _assignments(request, body, readers)
        yield from inputs_of_body(request, body)


def _assignments(request: Request, body: dict[str, Any], readers: Readers) -> Iterator[Input]:
    """Yield the request with each field that only the service sets: the key, what is not editable, automatic times."""
    model = readers.model()
    if model is None:
        return
    for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if one.name not in body and _is_the_services_own(one):
            yield assignment(request, body, one.name, _forged(one))
        elif _is_of_somebody(one) and not {one.name, one.attname} & set(body):
            now = getattr(readers.instance, one.attname, None)
            if (other := _somebody_else(now)) is not None:
                yield from (assignment(request, body, key, other, field=one.name) for key in (one.name, one.attname))
        elif one.name not in body and (value := another(one, readers.instance)) is not None:
            yield assignment(request, body, one.name, value, may_be_set=True)


def _is_of_somebody(one: Any) -> bool:
    """Tell whether a field says whose a row is, or who did it: a user's key."""
    return isinstance(one, models.ForeignKey) and one.remote_field.model is user_model()


def _somebody_else(now: Any) -> Any:
    """Return the key of another user than the one that the plain request names, if there is one."""
    users = user_model()
    keys: Any = users._base_manager.exclude(pk=now).order_by("-pk").values_list("pk", flat=True) if users else ()  # noqa: SLF001
    found = next(iter(keys), None)
    return found if isinstance(found, int) or found is None else str(found)


def _is_the_services_own(one: Any) -> bool:
    return one.primary_key or not one.editable or getattr(one, "auto_now", False) or getattr(one, "auto_now_add", False)


def _forged(one: Any) -> Any:
    if isinstance(one, models.DateTimeField):
        return "2001-02-03T04:05:06Z"
    if isinstance(one, models.DateField):
        return "2001-02-03"
    if isinstance(one, models.UUIDField):
        return "12345678-1234-4678-9234-567812345678"
    return _FORGED_NUMBER if isinstance(one, models.IntegerField | models.ForeignKey) else "forged"
