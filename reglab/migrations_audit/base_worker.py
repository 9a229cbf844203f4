"""Process of the base's code: fills a database with the base's rows, or answers the scenarios on the new schema.

Runs as `python -P -m reglab.migrations_audit.base_worker TASK` in the base's folder, with the harness on its path.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

DATABASES = "REGLAB_BASE_DATABASES"
_ANSWERED = " answered "
COOKIES = "REGLAB_BASE_COOKIES"


def main(task: str) -> int:
    """Do one task and print what came of it, as JSON."""
    from reglab.termination import end_with_parent

    end_with_parent()
    from reglab.config.project import read_project
    from reglab.project.settings import load_settings

    logging.disable(logging.CRITICAL)
    project = read_project()
    load_settings(project.settings, environment=project.environment)
    use_databases(json.loads(os.environ[DATABASES]))
    from reglab.config.suite import read_suite

    file = read_suite(project.suite_path)
    print(json.dumps(_fill(file) if task == "fill" else _answer(file)))
    return 0


def use_databases(databases: Mapping[str, Mapping[str, Any]]) -> None:
    """Let each alias mean the audit's database, on whatever engine the project's own is.

    What looked at its connection while the project was loaded has made one of the settings' own: that is thrown away.
    """
    from django.db import connections

    for alias, parts in databases.items():
        own = connections.settings[alias]
        if own["ENGINE"] != parts["ENGINE"]:
            # Options of another engine are none of this one's.
            own["OPTIONS"] = {}
        own.update(parts)
        with suppress(AttributeError):
            del connections[alias]


def _fill(file: object) -> list[str]:
    from django.core.management import call_command

    from reglab.project.data.databases import own_aliases
    from reglab.project.data.dataset import Dataset
    from reglab.project.data.dataset_sizes import points_of
    from reglab.project.data.isolation import stopped_clock
    from reglab.project.test_environment import test_surroundings

    for alias in own_aliases():
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    # What the data's signals reach for, a cache or a mail server, is in memory as in every audit.
    with test_surroundings(), stopped_clock(file.suite.clock):  # type: ignore[attr-defined]
        point = points_of(file.suite.axes)[0]  # type: ignore[attr-defined]
        dataset = Dataset(file)  # type: ignore[arg-type]
        dataset.build(**point.dataset_sizes)
        cookies = dataset.cookies(**point.dataset_sizes)
    return [f"{name}={morsel.value}" for name, morsel in cookies.items()]


def _answer(file: object) -> list[str]:
    """Return a sentence for each scenario that the base's code no longer answers as declared."""
    import http.cookies

    from django.db import connections

    from reglab.project.data.dataset_sizes import points_of
    from reglab.project.data.isolation import rolled_back, stopped_clock
    from reglab.project.requests.binding import bound_values
    from reglab.project.requests.request_builder import prepared
    from reglab.project.requests.test_client import Visitor, answers_to
    from reglab.project.test_environment import test_surroundings

    complaints = []
    point = points_of(file.suite.axes)[0]  # type: ignore[attr-defined]
    visitor = Visitor(cookies=http.cookies.SimpleCookie("; ".join(json.loads(os.environ.get(COOKIES, "[]")))))
    with test_surroundings(), stopped_clock(file.suite.clock):  # type: ignore[attr-defined]
        for scenario in file.suite.scenario:  # type: ignore[attr-defined]
            responses: list[object] = []
            refusals: list[str] = []
            try:
                with rolled_back(), ExitStack() as stack:
                    for connection in connections.all():
                        stack.enter_context(connection.execute_wrapper(partial(_noted, refusals)))
                    values = bound_values(file, scenario, sizes=point.sizes)  # type: ignore[arg-type]
                    requests = prepared(file.suite, scenario, values)  # type: ignore[attr-defined]
                    visitor.send(requests, responses=responses)  # type: ignore[arg-type]
                    answers = answers_to(requests, responses)  # type: ignore[arg-type]
            except Exception as error:  # noqa: BLE001  # the base's code is anybody's, on a schema that it does not know
                said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
                # A row that cannot be read is not missing.
                complaints.append(f"{scenario.name}: {refusals[0] if refusals else said}")
                continue
            broken = [one for one in answers if not one.is_as_declared]
            # The code may make a polite answer of what the database said, and that says what the schema lacks.
            for one in broken:
                outcome = one.complaint.partition(": ")[0]
                told = f"{refusals[0]}: {outcome}" if refusals else one.complaint
                complaints.append(f"{scenario.name}: {told}")
    # What was answered says more than what could not be asked for.
    return sorted(complaints, key=lambda each: _ANSWERED not in each)


def _noted(refusals: list[str], execute: Any, *statement: Any) -> Any:
    """Execute a statement; note what the database says where it refuses it."""
    from django.db import DatabaseError

    try:
        return execute(*statement)
    except DatabaseError as error:
        refusals.append(str(error).partition("\n")[0])
        raise


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main(sys.argv[1]))
