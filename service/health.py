"""Answers what an orchestrator asks: is the process up, and can it reach its database.

The first middleware answers, before the Host header is looked at: a load balancer asks by address.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from django.db import Error, connections
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# An orchestrator waits for 2 s.
ANSWER_S = 1.5
SAFE_METHODS = ("GET", "HEAD")


def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Answer 200 as long as the process can answer at all: it touches no database."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Answer 200 when the database executes a statement, 503 when it does not, or not soon."""
    if not _probe.succeeds():
        # The driver's message can name hosts and users.
        return JsonResponse({"status": "unavailable", "detail": "The database does not answer."}, status=503)
    return JsonResponse({"status": "ok"})


class HealthChecks:
    """Answers the health checks, whatever their Host header says, and passes every other request on."""

    views = {"/healthz/live": live, "/healthz/ready": ready}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or have it answered."""
        view = self.views.get(request.path_info)
        if view is None:
            return self.get_response(request)
        if request.method in SAFE_METHODS:
            response = view(request)
        else:
            response = JsonResponse({"detail": "Method not allowed."}, status=405)
            response.headers["Allow"] = ", ".join(SAFE_METHODS)
        response.headers["Cache-Control"] = "no-store"
        return response


class _Probe:
    """Asks the database in a thread of its own, which may get stuck without its askers.

    The questions wait in a queue: while one is stuck, those behind it go unanswered too, which is the truth.
    """

    def __init__(self) -> None:
        self._questions: SimpleQueue[SimpleQueue[bool]] = SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def succeeds(self) -> bool:
        """Tell whether the database answers within the time."""
        with self._start:
            # A process that was forked has not inherited the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._follow, name="readiness", daemon=True)
                self._thread.start()
        answer: SimpleQueue[bool] = SimpleQueue()
        self._questions.put(answer)
        try:
            return answer.get(timeout=ANSWER_S)
        except Empty:
            return False

    def _follow(self) -> None:
        while True:
            waiting = [self._questions.get()]
            # One look answers everybody who waits for one.
            with suppress(Empty):
                while True:
                    waiting.append(self._questions.get_nowait())
            is_there = _database_answers()
            for answer in waiting:
                answer.put(is_there)


def _database_answers() -> bool:
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    else:
        return True
    finally:
        # A connection that is kept would hold a place, and would not tell that a new one is refused.
        with suppress(Error):
            connection.close()


_probe = _Probe()
