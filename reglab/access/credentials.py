"""Headers that prove a caller: of the packages of tokens, of the suite's own header, or of the project's hook."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.utils.module_loading import import_string

from reglab.config.suite import SuiteFile
from reglab.config.suite_parts import Binding
from reglab.errors import AuditError
from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of
from reglab.project.requests.binding import filled_body, names_in, rows_of
from reglab.project.requests.token_fields import digest_of, owner_field, token_fields

Headers = dict[str, str]

EXPIRED: Final = "expired token"
_TOKEN_APP: Final = "rest_framework.authtoken"  # noqa: S105  # the name of an app
_KNOX: Final = "knox"
_JWT: Final = "rest_framework_simplejwt"
_WRONG: Final = "0123456789abcdef0123456789abcdef01234567"
# A token that is over for long would be refused in a time of grace, too.
_JUST_OVER: Final = timedelta(minutes=-1)
# Behind the rows that a dataset has made.
_FIRST_NUMBER: Final = 2_000_000


class Credentials:
    """How the callers of one suite prove who they are, beside a session. Raises AuditError for a hook that fails."""

    def __init__(self, file: SuiteFile | None = None) -> None:
        self._file = file
        self._hook = _hook(file, "credentials", file.suite.credentials) if file else None
        self._former_hook = _hook(file, "former_credentials", file.suite.former_credentials) if file else None
        self._tokens = [*_own_tokens(file)] if file else []
        self._names = {name.lower() for name, *_ in self._tokens}
        self._headers: dict[Any, Headers] = {}

    @property
    def names(self) -> frozenset[str]:
        """The headers that prove somebody, in lower case, as far as they were asked for yet."""
        return frozenset(self._names)

    def of(self, user: Any) -> Headers:
        """Return the headers that prove a user, the same each time; none where only a session does."""
        if user.pk not in self._headers:
            self._headers[user.pk] = self._made(user)
        return self._headers[user.pk]

    def former(self, user: Any) -> dict[str, Headers]:
        """Return headers that proved a user once, by what they are: expired, revoked."""
        if self._former_hook is not None:
            found = self._asked("former_credentials", user)
            if not isinstance(found, Mapping):
                raise AuditError(f"`former_credentials` gave {found!r}, and not names with headers: docs/audits.md")
            return {str(name): _checked(headers, "former_credentials") for name, headers in found.items()}
        expired = _expired(user)
        return {EXPIRED: expired} if expired else {}

    def wrong(self, valid: Mapping[str, str]) -> Headers:
        """Return headers like valid ones, with a token that nobody has."""
        if not valid:
            keyword = "Token" if any(apps.is_installed(app) for app in (_TOKEN_APP, _KNOX)) else "Bearer"
            return {"Authorization": f"{keyword} {_WRONG}"}
        return {name: text.removesuffix(token_in(text)) + _WRONG for name, text in valid.items()}

    def _made(self, user: Any) -> Headers:
        if self._hook is None:
            return {**self._copied(user), **_of_packages(user)}
        headers = _checked(self._asked("credentials", user), "credentials")
        self._names |= {name.lower() for name in headers}
        return headers

    def _asked(self, name: str, user: Any) -> Any:
        hook = self._hook if name == "credentials" else self._former_hook
        try:
            return hook(user) if hook else {}
        except Exception as error:  # noqa: BLE001  # the hook is the project's code
            raise AuditError(f"the hook {name!r} failed for {user}: {type(error).__name__}: {error}") from None

    def _copied(self, user: Any) -> Headers:
        """Return the suite's own header with the token of this user: another row like the one that the suite binds."""
        headers: Headers = {}
        for name, text, key, binding in self._tokens:
            try:
                with transaction.atomic():
                    headers[name] = str(filled_body(text, {key: _token_of(user, binding)}))
            except (DatabaseError, TypeError, ValueError, AttributeError, LookupError):
                continue
        return headers


def token_in(text: str) -> str:
    """Return the token of a header's text: what comes after the word for its kind."""
    return text.rpartition(" ")[2]


def _hook(file: SuiteFile, name: str, path: str) -> Callable[[Any], Any] | None:
    if not path:
        return None
    try:
        hook: Callable[[Any], Any] = import_string(path.replace(":", "."))
    except ImportError as error:
        raise file.complaint(f"the hook {name!r} cannot be imported: {error}", name) from None
    return hook


def _checked(found: Any, name: str) -> Headers:
    if not isinstance(found, Mapping) or not all(isinstance(one, str) for pair in found.items() for one in pair):
        raise AuditError(f"`{name}` gave {found!r}, and not headers with their texts: docs/audits.md")
    return dict(found)


def _own_tokens(file: SuiteFile) -> Iterator[tuple[str, str, str, Binding]]:
    """Yield the suite's headers that hold a token of a user."""
    for name, text in file.suite.headers.items():
        for key in names_in(text):
            binding = file.suite.bindings.get(key)
            if binding is not None and (binding.hashed or binding.field in token_fields(apps.get_model(binding.model))):
                yield name, text, key, binding


def _token_of(user: Any, binding: Binding) -> Any:
    """Write a token of the user, like the row that is bound, and return it. Raises LookupError without such a row."""
    model = apps.get_model(binding.model)
    token_field = model._meta.get_field(binding.field)  # noqa: SLF001
    own = sha256(f"{binding.model} {user.pk}".encode()).hexdigest()
    token: Any = UUID(own[:32]) if isinstance(token_field, models.UUIDField) else own[: token_field.max_length or 40]
    owner = owner_field(model)
    if owner is None:
        raise LookupError(f"{binding.model} has no owner")
    if not owner:
        setattr(user, binding.field, token)
        user.save()
        return token
    rows = rows_of(model, filters=binding.filter, order_by=binding.order_by, index=binding.index)
    if not rows:
        raise LookupError(binding.model)
    row = rows[0]
    number = _FIRST_NUMBER + int(own[:6], 16)
    for one in model._meta.concrete_fields:  # noqa: SLF001
        if one.unique and not one.primary_key and (value := value_of(one, number)) is not LEAVE:
            setattr(row, one.name, value)
    row.pk = None if isinstance(model._meta.pk, models.AutoField) else value_of(model._meta.pk, number)  # noqa: SLF001
    row._state.adding = True  # noqa: SLF001  # as Django's documentation copies a row
    setattr(row, owner, user)
    kept = digest_of(token, length=token_field.max_length or 64) if binding.hashed else token
    setattr(row, binding.field, kept)
    row.save(force_insert=True)
    return token


def _of_packages(user: Any) -> Headers:
    """Return the header that proves a user by a token, for the packages of tokens that the project has."""
    if apps.is_installed(_KNOX):
        from knox.models import get_token_model

        return {"Authorization": f"Token {get_token_model().objects.create(user)[1]}"}
    if apps.is_installed(_TOKEN_APP):
        from rest_framework.authtoken.models import Token

        return {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}
    if apps.is_installed(_JWT):
        tokens = import_module("rest_framework_simplejwt.tokens")  # the project's own package, not ours
        return {"Authorization": f"Bearer {tokens.AccessToken.for_user(user)}"}
    return {}


def _expired(user: Any) -> Headers:
    """Return the header of a token whose time is over, for the packages whose tokens have one."""
    if apps.is_installed(_KNOX):
        from knox.models import get_token_model

        return {"Authorization": f"Token {get_token_model().objects.create(user, expiry=_JUST_OVER)[1]}"}
    if apps.is_installed(_JWT):
        token = import_module("rest_framework_simplejwt.tokens").AccessToken.for_user(user)
        token.set_exp(lifetime=_JUST_OVER)
        return {"Authorization": f"Bearer {token}"}
    return {}
