"""Requests of an ordinary user beside the superuser's, where the code asks the database for something else for them.

What stands in the branch for those who may not see everything is executed by nobody who may.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from reglab.project.data.baking.people import user_model
from reglab.project.data.baking.relations import Rows
from reglab.project.drafting.login import Access
from reglab.project.drafting.outcomes.outcome import RANK_MEASURED, Attempt, Outcome
from reglab.project.drafting.trier import Trier, Try
from reglab.project.drafting.view_models import model_admin_of
from reglab.project.requests.binding import names_in
from reglab.project.requests.token_fields import owner_field

_IN_ALL: Final = 40
# What so many pages ask for an ordinary user is their frame: a menu, a count of messages.
_SAME_MAX: Final = 3
_USERS_MAX: Final = 8
_Bindings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinaryUser:
    """How the requests of an ordinary user are sent: as whom, or with which token. `filter` finds the row of users."""

    filter: Mapping[str, Any]
    login: Mapping[str, Any] | None
    headers: Mapping[str, str]
    bindings: _Bindings

    def own(self, bindings: _Bindings) -> _Bindings:
        """Return bindings for rows of the user's own, in place of those whose model has an owner."""
        return {key: _owned(how, self.filter) or how for key, how in bindings.items()}


def as_ordinary_user(trier: Trier, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes beside the endpoints' own: of those where an ordinary user's request asks for something else."""
    user = ordinary_user(trier.access)
    if user is None:
        return []
    shown: Counter[str] = Counter()
    found = (each for outcome in outcomes for each in _asked_by(user, trier, outcome, shown))
    return list(islice(found, _IN_ALL))


def ordinary_user(access: Access) -> OrdinaryUser | None:
    """Return the first user of the data who is no superuser; None where nothing that is sent says who asks."""
    model = user_model()
    user = _plain_user(model) if model is not None else None
    if user is None or not (access.user or access.has_token):
        return None
    name = str(getattr(model, "USERNAME_FIELD", "username"))
    where = {name: getattr(user, name)}
    tokens = {key: own for key, how in (access.bindings or {}).items() if (own := _owned(how, where)) is not None}
    if access.has_token and not tokens:
        return None
    label = user._meta.label  # noqa: SLF001  # Django's public name for it
    return OrdinaryUser(
        filter=where,
        login={"model": label, "filter": where} if access.user else None,
        headers={name: _renamed(text, tokens) for name, text in (access.headers or {}).items() if names_in(text)},
        bindings={_of_user(key): how for key, how in tokens.items()},
    )


def _plain_user(model: type[Model]) -> Model | None:
    """Return the first user who is no superuser and has a password: libraries make one who stands for nobody."""
    users = Rows(limit=_USERS_MAX).of(model)[1:]
    return next((one for one in users if not getattr(one, "is_superuser", False) and _has_password(one)), None)


def _has_password(user: Any) -> bool:
    return not hasattr(user, "has_usable_password") or (bool(user.password) and user.has_usable_password())


def _asked_by(user: OrdinaryUser, trier: Trier, outcome: Outcome, shown: Counter[str]) -> Iterator[Outcome]:
    attempt, endpoint = outcome.attempt, outcome.endpoint
    is_ours = endpoint.method == "GET" and not model_admin_of(endpoint.view)
    if attempt is None or not outcome.is_measured or not is_ours:
        return
    for one in _tries(user, attempt):
        asked = trier.attempt(one)
        new = asked.seen.statements - attempt.seen.statements
        if asked.rank >= RANK_MEASURED and any(shown[text] < _SAME_MAX for text in new):
            shown.update(new)
            yield Outcome(endpoint=endpoint, attempt=asked, asked_by="user")
            return


def _tries(user: OrdinaryUser, attempt: Attempt) -> Iterator[Try]:
    """Yield the request about rows of the user's own, then about the same row as the superuser's."""
    used = names_in(attempt.request)
    given = {key: how for key, how in attempt.bindings.items() if key in used}
    changed = {key: how for key, how in user.own(given).items() if how is not given[key]}
    plain = Try(request=attempt.request, bindings={**given, **user.bindings}, headers=user.headers, login=user.login)
    if changed:
        own = {_of_user(key): how for key, how in changed.items()}
        kept = {key: how for key, how in given.items() if key not in changed}
        yield replace(plain, request=_renamed(attempt.request, changed), bindings={**kept, **own, **user.bindings})
    yield plain


def _owned(how: Mapping[str, Any], user: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the binding for a row of the user's own, None where its model has no owner."""
    owner = owner_field(apps.get_model(str(how["model"]))) if "model" in how else None
    if owner is None:
        return None
    before = f"{owner}__" if owner else ""
    rest = {key: value for key, value in how.items() if key not in {"index", "filter"}}
    return {**rest, "filter": {**how.get("filter", {}), **{f"{before}{name}": text for name, text in user.items()}}}


def _renamed(text: str, keys: Iterable[str]) -> str:
    for key in keys:
        text = text.replace(f"{{{key}}}", f"{{{_of_user(key)}}}")
    return text


def _of_user(key: str) -> str:
    return f"{key}_of_user"
