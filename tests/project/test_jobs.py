"""Jobs as scenarios: commands and functions are executed and answered for, and mistakes in a suite have their place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from reglab.config.suite import read_suite
from reglab.config.suite_parts import Step
from reglab.errors import RegLabError
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.endpoints.view_places import place_of_endpoint
from reglab.project.requests.jobs import filled_words, job_complaint, job_name, job_response, own_commands
from reglab.project.requests.raced import takes_part, unraced
from reglab.project.test_environment import project_frames
from service.orders.models import Customer

HERE = __name__
SUITE = """schema_version = 1
[[scenario]]
name = "job"
request = "{request}"
"""


def double(*, number: int) -> int:
    """A function of a project."""
    return 2 * number


async def double_later(*, number: int) -> int:
    """A function of a project that is awaited."""
    return 2 * number


def refuse() -> None:
    """A job that says what is wrong."""
    raise CommandError("no day is open")


def fail() -> None:
    """A job that falls over."""
    raise ZeroDivisionError("no days")


class Task:
    """A task of a queue: calling it only sends it."""

    def __call__(self, **_: Any) -> str:
        return "sent"

    def call_local(self, *, number: int) -> int:
        """Do the work here."""
        return 2 * number


task = Task()


@pytest.mark.parametrize("name", ["double", "double_later", "task"])
def test_a_function_answers_with_what_it_returns(name: str) -> None:
    """Whether it is awaited, or a task that a queue would have got."""
    answer = job_response("CALL", f"{HERE}.{name}", b'{"number": 21}')
    assert (answer.status_code, json.loads(answer.content)) == (200, {"returned": 42})


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_command_answers_with_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Its rows are there, and the terminal shows nothing."""
    answer = job_response("COMMAND", "seed --customers 1 --orders-per-customer 1 --items-per-order 1 --token a", b"")
    assert (answer.status_code, b"Made 1 customers" in answer.content) == (200, True)
    assert Customer.objects.count() == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "status", "said"), [("refuse", 400, "no day is open"), ("fail", 500, "ZeroDivisionError: no days")]
)
def test_a_job_that_ends_badly_is_an_answer(name: str, status: int, said: str) -> None:
    """What it refuses may be declared as a status; what it raises has its traceback."""
    answer = job_response("CALL", f"{HERE}.{name}", b"")
    assert (answer.status_code, said in answer.content.decode()) == (status, True)
    assert hasattr(answer, "exc_info") is (status == 500)


def test_a_value_stays_one_word_of_a_command() -> None:
    """A name with a blank is one argument, however it is quoted in the suite."""
    assert filled_words("close '{day}' --by {who}", lambda word: word.format(day="1 June", who="Ann O'Hara")) == (
        "close '1 June' --by 'Ann O'\"'\"'Hara'"
    )


@pytest.mark.parametrize(
    ("request_line", "said"),
    [
        ("COMMAND sed --customers 1", "no management command is called sed; did you mean 'seed'?"),
        (f"CALL {HERE}.double twice", f"there is no function {HERE}.double twice for CALL"),
        ("COMMAND seed 'again", "the words of COMMAND seed 'again cannot be told apart: No closing quotation"),
        (f"CALL {HERE}.triple", f"there is no function {HERE}.triple for CALL"),
        ("CALL tests.nowhere.double", "tests.nowhere cannot be imported"),
    ],
)
def test_a_job_that_is_not_there_has_its_line(tmp_path: Path, request_line: str, said: str) -> None:
    """A suite's mistake is told with file and line, before anything is measured."""
    suite = tmp_path / "suite.toml"
    suite.write_text(SUITE.format(request=request_line))
    with pytest.raises(RegLabError, match=f"suite.toml:4: {said}".replace("?", r"\?")):
        coverage_of(read_suite(suite), Endpoints())


def test_a_job_is_selected_by_its_name_and_takes_part_in_no_race(tmp_path: Path) -> None:
    """Its endpoint is the command; a race is of requests that clients send."""
    suite = tmp_path / "suite.toml"
    suite.write_text(SUITE.format(request="COMMAND seed --customers 1") + '[[race]]\nname = "all"\nscenarios = ["*"]\n')
    file = read_suite(suite)
    assert coverage_of(file, Endpoints()).endpoint_by_scenario == {"job": "COMMAND seed"}
    assert unraced(file.suite) == ()
    assert not takes_part(file.suite.race[0], file.suite.scenario[0])


def test_the_commands_of_a_project_are_its_own_apps() -> None:
    """Those of Django and of this harness are nobody's jobs."""
    assert own_commands(project_frames()) == ["create_token", "limit_statements", "seed"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("COMMAND seed", "service/orders/management/commands/seed.py:19 in Command"),
        ("GET /api/orders/summary/", "service/orders/views.py:159 in OrderViewSet.summary"),
        ("COMMAND migrate", ""),
        ("GET /nowhere/", ""),
    ],
)
def test_a_finding_without_a_line_has_that_of_what_answers(name: str, place: str) -> None:
    """A command's class, an action's method; nothing of a library's, or of what is not there."""
    assert place_of_endpoint(name, project_frames()).partition(":")[0] == place.partition(":")[0]
    assert place_of_endpoint(name, project_frames()).partition(" in ")[2] == place.partition(" in ")[2]


def test_arguments_of_a_function_are_a_table() -> None:
    """Names are given, as a queue would."""
    step = Step(request=f"CALL {HERE}.double", body=[1])
    assert (job_name(step), job_complaint(step)) == (
        f"CALL {HERE}.double",
        f"the body of CALL {HERE}.double is no table",
    )


def test_a_body_of_a_command_is_refused() -> None:
    """It would be read by nobody."""
    assert job_complaint(Step(request="COMMAND seed", body={"customers": 1})).startswith("a COMMAND has no body")


def test_other_words_are_no_request(suite_refused: Callable[[str], str]) -> None:
    """The sentence says what a request and a job look like."""
    assert "'COMMAND name arguments' or 'CALL package.module.function'" in suite_refused("RUN seed")


@pytest.fixture
def suite_refused(tmp_path: Path) -> Callable[[str], str]:
    """Return what the reader says of a suite with a request."""

    def refused(request_line: str) -> str:
        suite = tmp_path / "suite.toml"
        suite.write_text(SUITE.format(request=request_line))
        with pytest.raises(RegLabError) as raised:
            read_suite(suite)
        return str(raised.value)

    return refused
