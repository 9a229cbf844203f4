"""Jobs of a project, executed as a scenario's requests are: management commands, and functions such as tasks."""

import importlib
import json
import shlex
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from inspect import iscoroutinefunction
from io import StringIO
from typing import Any

from asgiref.sync import async_to_sync
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.http import HttpResponse

from reglab.config.nearest_word import nearest
from reglab.config.suite_parts import COMMAND, Step
from reglab.errors import AuditError
from reglab.project.source_lines import ProjectFrames

_TEXT = "text/plain; charset=utf-8"


def job_name(step: Step) -> str:
    """Return what a job is called in reports: "COMMAND close_day", "CALL shop.tasks.remind"."""
    return f"{step.method} {step.path.split(maxsplit=1)[0]}"


def job_complaint(step: Step) -> str:
    """Say what is wrong with a step that names a job; empty where the project has it."""
    name = job_name(step).partition(" ")[2]
    if step.method == COMMAND:
        known = get_commands()
        if name not in known:
            return f"no management command is called {name}{nearest(name, known)}"
        return _words_complaint(step)
    try:
        _function(step.path)
    except AuditError as error:
        return str(error)
    return "" if step.body is None or isinstance(step.body, Mapping) else f"the body of CALL {name} is no table"


def _words_complaint(step: Step) -> str:
    """Say what is wrong with the words of a command: they are all that it is given."""
    try:
        shlex.split(step.path)
    except ValueError as error:
        return f"the words of COMMAND {step.path} cannot be told apart: {error}"
    return "" if step.body is None else "a COMMAND has no body: write its arguments behind its name"


def code_of_job(name: str) -> Any:
    """Return what a job, as `job_name` calls it, executes first: a command's class, or a function."""
    method, _, path = name.partition(" ")
    if method == COMMAND:
        app = get_commands().get(path)
        return type(load_command_class(app, path)) if isinstance(app, str) else None
    return _function(path)


def own_commands(frames: ProjectFrames) -> list[str]:
    """Return the names of the management commands that the project itself has."""
    own = {one.name for one in apps.get_app_configs() if frames.is_project(f"{one.path}/apps.py")}
    return sorted(name for name, app in get_commands().items() if app in own)


def filled_words(path: str, fill: Callable[[str], Any]) -> str:
    """Put values into the words of a command, each of which stays one word."""
    return shlex.join(str(fill(word)) for word in shlex.split(path))


def job_response(method: str, path: str, body: bytes) -> HttpResponse:
    """Execute a job, and answer as a view would: 200 with its output, 400 for a CommandError, 500 for what it raises.

    A command answers with what it prints, a function with what it returns, as JSON.
    """
    output = StringIO()
    try:
        with redirect_stdout(output):
            if method == COMMAND:
                name, *words = shlex.split(path)
                call_command(name, *words, stdout=output, stderr=output, no_color=True)
                return HttpResponse(output.getvalue(), content_type=_TEXT)
            returned = _runnable(_function(path))(**(json.loads(body) if body else {}))
        return HttpResponse(json.dumps({"returned": returned}, default=str), content_type="application/json")
    except CommandError as error:
        return HttpResponse(f"CommandError: {error}", status=400, content_type=_TEXT)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a job raises is the subject's
        response = HttpResponse(f"{type(error).__name__}: {error}", status=500, content_type=_TEXT)
        # As Django's own client tells of a view that raised.
        response.exc_info = (type(error), error, error.__traceback__)  # type: ignore[attr-defined]
        return response


def _function(path: str) -> Any:
    """Return what stands at a dotted name. Raises AuditError where nothing does that can be called."""
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None) if module else None
    except ImportError as error:
        raise AuditError(f"{module} cannot be imported for CALL {path}: {error}") from None
    if not callable(found):
        raise AuditError(f"there is no function {path} for CALL")
    return found


def _runnable(found: Any) -> Any:
    """Return what executes a job here and now: calling some queues' tasks only sends them."""
    for name in ("call_local", "call"):
        if callable(local := getattr(found, name, None)):
            return local
    return async_to_sync(found) if iscoroutinefunction(found) else found
