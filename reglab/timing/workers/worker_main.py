"""One side's process: loads the subject and does what its parent asks, a line of JSON at a time.

The harness is first on its path, then the side's subject.
"""

import gc
import json
import os
import signal
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from reglab.termination import end_with_parent


def main() -> int:
    """Answer every question until the pipe closes."""
    end_with_parent(signal.SIGKILL)  # it closes when the parent is killed, too, and would be seen after the question
    # What the subject prints must not become an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    role = None
    try:
        for line in sys.stdin:
            question = json.loads(line)
            try:
                if role is None:
                    role = _loaded(**question)
                    done = role.described()
                else:
                    done = getattr(role, question.pop("do"))(**question)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # the subject's, whatever it is: it is told
                traceback.print_exc()
                _answer(answers, {"error": _sentence(error)})
            else:
                _answer(answers, {"done": done})
    except KeyboardInterrupt:
        return 130
    finally:
        if role is not None:
            role.close()
    return 0


def _loaded(*, do: str, cores: list[int], suite: str, clock: str, database: str | None, elsewhere: list[str]) -> Any:
    """Load Django and the subject, to be what `do` says."""
    if cores:
        os.sched_setaffinity(0, cores)  # our parent stays off the measured core; loading may use every one
    gc.disable()  # what is loaded stays: to look through it a hundred times over finds nothing
    import django

    _import_time_machine()

    django.setup()
    from reglab.timing.workers.project_loader import SideProject

    project = SideProject(clock=datetime.fromisoformat(clock), database=database, elsewhere=elsewhere)
    role = _role(do, project, suite=suite)
    gc.freeze()  # nor is it looked through before each request
    gc.enable()
    return role


def _role(do: str, project: Any, *, suite: str) -> Any:
    if do == "build":
        from reglab.config.suite import read_suite
        from reglab.timing.workers.database_worker import Builder

        return Builder(project, read_suite(Path(suite)))
    from reglab.timing.workers.timing_worker import Timekeeper

    return Timekeeper(project)


def _import_time_machine() -> None:
    """Import it without pytest, which it would bring along wherever it is installed: a quarter of our start."""
    if "pytest" not in sys.modules:
        sys.modules["pytest"] = None  # type: ignore[assignment]  # how Python is told that a module cannot be imported
        import time_machine  # noqa: F401

        del sys.modules["pytest"]


def _sentence(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"does not run: {type(error).__name__}: {lines[0] if lines else 'no message'}"


def _answer(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # What a frozen heap takes to be torn down, three times a pair, is nobody's gain.
    os._exit(code)
