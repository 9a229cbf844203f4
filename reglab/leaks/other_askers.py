"""A scenario's requests as others send them: another user, another token, another language."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from reglab.config.suite import Scenario
from reglab.project.audit_ground import AuditGround
from reglab.project.data.baking.people import user_model
from reglab.project.data.superuser import keys_of_callers
from reglab.project.requests.binding import bound_value, bound_values, first_row, names_in, rows_of
from reglab.project.requests.forced_user import login_cookies
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.scenario_user import scenario_logins
from reglab.project.requests.test_client import Request

_USERS_MAX: Final = 5
_TOKENS_MAX: Final = 3
_RIGHTS: Final = ("is_active", "is_staff", "is_superuser")
Requests = tuple[Request, ...]

USER: Final = "another user"
LANGUAGE: Final = "another language"


def other_askers(ground: AuditGround, scenario: Scenario, own: Requests) -> Iterator[tuple[str, Requests]]:
    """Yield the requests as each other asker sends them, and who that is; rows are changed so that they may.

    Users only where the requests are somebody's: those whom the suite logs in, then others of the data, the last of
    them with all rights. To be used inside a block that is rolled back.
    """
    yield from ((LANGUAGE, requests) for requests in _in_other_languages(own))
    yield from ((USER, requests) for requests in _with_other_tokens(ground, scenario))
    if _is_somebodys(ground, own):
        for user in _users(ground):
            headers = _proof(ground, user)
            yield USER, tuple(replace(one, headers={**one.headers, **headers}) for one in own)


def _is_somebodys(ground: AuditGround, own: Requests) -> bool:
    suite = ground.file.suite
    return suite.login is not None or bool(suite.credentials) or any("Cookie" in one.headers for one in own)


def _users(ground: AuditGround) -> Iterator[Any]:
    model, suite = user_model(), ground.file.suite
    if model is None:
        return
    logins = [*([suite.login] if suite.login else []), *scenario_logins(suite).values()]
    known = [
        first_row(model=one.model, filters=one.filter, order_by=("pk",), index=0, where="a login") for one in logins
    ]
    callers = keys_of_callers(ground.dataset.cookies(**ground.point.dataset_sizes))
    rows: models.QuerySet[Any] = models.QuerySet(model).exclude(pk__in=callers).order_by("pk")
    others = [user for user in rows[:_USERS_MAX] if user.pk not in {one.pk for one in known}]
    for user in others:
        _give(user, _RIGHTS[:1])
    yield from [*known, *others][:_USERS_MAX]
    if others:
        _give(others[-1], _RIGHTS)
        yield others[-1]


def _give(user: Any, rights: tuple[str, ...]) -> None:
    known = {one.name for one in user._meta.concrete_fields}  # noqa: SLF001  # Django's public name for it
    values = {name: True for name in rights if name in known}
    if values:
        models.QuerySet(type(user)).filter(pk=user.pk).update(**values)
        user.refresh_from_db()


def _proof(ground: AuditGround, user: Any) -> dict[str, str]:
    """Return the headers that prove a user: those of the suite's own function, and a session."""
    suite = ground.file.suite
    headers = dict(import_string(suite.credentials.replace(":", "."))(user)) if suite.credentials else {}
    cookies = login_cookies(user, is_forced=suite.login is not None and suite.login.force)
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    return headers


def _with_other_tokens(ground: AuditGround, scenario: Scenario) -> Iterator[Requests]:
    """Yield the requests with the next rows' values of what stands in the suite's own headers."""
    file = ground.file
    values = bound_values(file, scenario, sizes=ground.point.sizes)
    bound = {name: file.suite.bindings[name] for name in names_in(file.suite.headers) & file.suite.bindings.keys()}
    for index in range(1, _TOKENS_MAX + 1) if bound else ():
        further = {name: _of_row(one, one.index + index) for name, one in bound.items()}
        if all(_has_row(one) for one in further.values()):
            theirs = {name: bound_value(one, where="another token") for name, one in further.items()}
            yield prepared(file.suite, scenario, {**values, **theirs})


def _of_row(binding: Any, index: int) -> Any:
    return binding.model_copy(update={"index": index})


def _has_row(binding: Any) -> bool:
    model = apps.get_model(binding.model)
    return bool(rows_of(model, filters=binding.filter, order_by=binding.order_by, index=binding.index))


def _in_other_languages(own: Requests) -> Iterator[Requests]:
    """Yield the requests in the project's next language: by its header, and by its place in the path."""
    codes = [code for code, _ in settings.LANGUAGES]
    # Django's own list of all languages says nothing of the project.
    is_own = cast("Any", settings).is_overridden("LANGUAGES")
    if not settings.USE_I18N or not is_own or len(codes) < 2:
        return
    first = own[0].path.split("/")[1]
    if first in codes:
        other = next(code for code in codes if code != first)
        yield tuple(replace(one, path=one.path.replace(f"/{first}/", f"/{other}/", 1)) for one in own)
        return
    # "en-us" is spoken as "en" is, where the project has no other.
    own_language = settings.LANGUAGE_CODE.partition("-")[0]
    for other in [code for code in codes if code.partition("-")[0] != own_language][:1]:
        yield tuple(replace(one, headers={**one.headers, "Accept-Language": other}) for one in own)
