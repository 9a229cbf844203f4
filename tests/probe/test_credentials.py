"""Callers whose proof is the project's own: by a hook, by a copy of the suite's token; and where there is none."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from knox.models import AuthToken

from reglab.access import callers
from reglab.access.audit import Access, access
from reglab.access.credentials import Credentials
from reglab.access.matrix import matrix_beside
from reglab.access.recording import differences
from reglab.config.suite import read_suite
from reglab.errors import AuditError, RegLabError
from reglab.report.records import Remark, RemarkKind
from tests.probe.conftest import Grounds

HOOK = 'credentials = "tests.probe.keyed_doors:key_of"'
KEY_OF_ROW = [
    'headers = { X-Key = "{key}" }',
    'bindings.key = { model = "knox.AuthToken", field = "token_key" }',
]


@pytest.fixture(autouse=True)
def middleware_of_each_test() -> None:
    """Let each test set up its own middleware: an audit's process has one, and keeps its handlers."""
    callers._handler.cache_clear()


def _found(ground: Grounds, settings: Any, path: str, *shared: str) -> Access:
    settings.ROOT_URLCONF = "tests.probe.keyed_doors"
    return access(ground(f"GET /{path}/", shared=shared))


def _answers(found: Access) -> dict[str, str]:
    return {cell.caller: cell.answer for cell in found.cells if cell.scenario == "one"}


def _warnings(found: Access, tmp_path: Path) -> list[str]:
    recorded = differences(found, matrix_beside(tmp_path / "ledger.json"))
    return [line.text for line in recorded if isinstance(line, Remark) and line.kind is RemarkKind.WARNING]


@pytest.mark.postgres
def test_a_hook_says_how_a_caller_proves_who_they_are(ground: Grounds, settings: Any, tmp_path: Path) -> None:
    """Everybody with an account in use is let in; a former and a wrong key, and no key, are not."""
    found = _found(ground, settings, "keyed", HOOK, 'former_credentials = "tests.probe.keyed_doors:former_key_of"')
    answers = _answers(found)
    assert {name for name, answer in answers.items() if answer == "200"} >= {"superuser", "user", "staff", "viewer"}
    refused = {"nobody", "wrong token", "inactive user", "key of last year", "session"}
    assert {name for name, answer in answers.items() if answer == "401"} >= refused
    assert _warnings(found, tmp_path) == []


@pytest.mark.postgres
def test_the_token_that_the_suite_sends_is_made_for_each_caller(ground: Grounds, settings: Any) -> None:
    """Each has a row of their own like the one that the suite binds, and nobody is sent with the suite's."""
    owner = get_user_model().objects.create_user("owner-of-the-key")
    AuthToken.objects.create(user=owner)
    answers = _answers(_found(ground, settings, "keyed-by-row", *KEY_OF_ROW))
    assert {answers[name] for name in ("superuser", "user", "staff")} == {"200"}
    assert {answers[name] for name in ("nobody", "wrong token", "inactive user")} == {"401"}


@pytest.mark.postgres
def test_it_is_said_where_nobody_is_let_in(ground: Grounds, settings: Any, tmp_path: Path) -> None:
    """A matrix of refusals proves nothing of what is asked behind the door, and must not pass without a word."""
    settings.ALLOWED_HOSTS = ["testserver"]
    (warning,) = _warnings(_found(ground, settings, "keyed"), tmp_path)
    assert warning.startswith("no caller is let in, a superuser neither, in 1 scenario (one)")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("no_headers", "`credentials` gave"),
        ("failing_key", "the hook 'credentials' failed for"),
        ("is_not_there", "the hook 'credentials' cannot be imported"),
    ],
)
def test_a_hook_that_is_wrong_is_one_sentence(ground: Grounds, settings: Any, hook: str, said: str) -> None:
    """Whoever writes one reads what it did."""
    with pytest.raises(RegLabError, match=said) as raised:
        _found(ground, settings, "keyed", f'credentials = "tests.probe.keyed_doors:{hook}"')
    assert isinstance(raised.value, AuditError)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field"), [("auth.User", "pk"), ("knox.AuthToken", "digest"), ("orders.Customer", "email")]
)
def test_what_is_no_token_of_a_user_is_sent_by_everybody(tmp_path: Path, model: str, field: str) -> None:
    """A header may name a tenant or a row: it proves nobody, and nothing is copied for it."""
    path = tmp_path / "suite.toml"
    path.write_text(
        f'schema_version = 1\nheaders = {{ X-Row = "{{row}}" }}\n'
        f'bindings.row = {{ model = "{model}", field = "{field}" }}\n',
        encoding="utf-8",
    )
    credentials = Credentials(read_suite(path))
    assert credentials.names == frozenset()
    assert "X-Row" not in credentials.of(get_user_model().objects.create_user("somebody"))
