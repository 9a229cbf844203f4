"""Time that no counter explains."""

import time
from http.cookies import SimpleCookie
from pathlib import Path
from types import FunctionType, SimpleNamespace

from django.http import HttpResponse

from reglab.project.requests.test_client import Request, Visitor
from reglab.timing.workers.stack_profile import Spent, sampled, tree_difference


def spent(milliseconds: float, line: int = 0) -> Spent:
    return Spent(seconds=milliseconds / 1000, line=line)


def test_the_function_nearest_to_the_cause_comes_first() -> None:
    """Caller and callee both grew by 4 ms; the callee does nothing beside it, so it is the cause."""
    baseline = {"shop/views.py in shelf": spent(5, 3), "shop/books.py in titles": spent(0.5, 9)}
    candidate = {"shop/views.py in shelf": spent(9, 3), "shop/books.py in titles": spent(4.5, 9)}
    first, second = tree_difference(baseline=baseline, candidate=candidate)
    assert first.source == "shop/books.py:9 in titles"
    assert first.text == "+4.00 ms an execution in titles (4.50 ms against 0.50 ms)"
    assert second.source == "shop/views.py:3 in shelf"


def test_the_line_that_took_most_is_told_in_its_own_words() -> None:
    """A sleep, a call out, a loop: the text of the line says which."""
    slow = Spent(seconds=0.004, line=7, code="time.sleep(0.02)")
    (told,) = tree_difference(baseline={}, candidate={"shop/books.py in titles": slow})
    assert told.text.endswith(", most of it at `time.sleep(0.02)`")


def test_the_projects_lines_come_before_a_librarys() -> None:
    """A library's function is told after the project's that called it: that is the line to change."""
    candidate = {"django/db/backends/utils.py in execute": spent(4), "shop/views.py in shelf": spent(5, 3)}
    first, second = tree_difference(baseline={}, candidate=candidate)
    assert (first.source, second.source) == ("shop/views.py:3 in shelf", "django/db/backends/utils.py in execute")


def test_equal_trees_explain_nothing() -> None:
    """Nothing grew, nothing is blamed."""
    tree = {"shop/views.py in shelf": spent(5, 3)}
    assert tree_difference(baseline=tree, candidate=tree) == ()


def test_a_sleeping_function_below_the_request_is_seen_with_its_line(tmp_path: Path) -> None:
    """Of what runs while requests are sent, the sampled stacks know the function and the line that took the time.

    A busy machine may stop the process between the function's own instructions, and a counter of an earlier test in
    this process may stand between the function and the built-in one.
    """
    module = tmp_path / "shop.py"
    module.write_text(
        "import time\n\n\ndef nap():\n    time.sleep(0.02)\n\n\ndef send():\n    nap()\n", encoding="utf-8"
    )
    names: dict[str, object] = {}
    exec(compile(module.read_text(encoding="utf-8"), str(module), "exec"), names)  # noqa: S102  # written above
    send = names["send"]
    assert isinstance(send, FunctionType)
    profile = sampled(lambda: [send() for _ in range(5)], times=5, folder=tmp_path, sender=send.__code__)
    assert profile.functions["shop.py in nap"].line == 5
    assert profile.functions["shop.py in nap"].code == "time.sleep(0.02)"
    assert profile.functions["shop.py in nap"].seconds > 0
    longest = max(profile.stacks, key=profile.stacks.__getitem__).split(";")
    assert (longest[0], longest[-1]) == ("shop.py in nap", "sleep")
    assert {stack.split(";")[0] for stack in profile.stacks} == {"shop.py in nap"}


def test_what_runs_outside_the_requests_is_left_out(tmp_path: Path) -> None:
    """Preparation between two requests is the harness's own time."""
    assert sampled(lambda: time.sleep(0.05), times=1, folder=tmp_path).functions == {}


def test_what_the_harness_sends_is_found(tmp_path: Path) -> None:
    """The stacks begin below the harness's own function that sends requests, whatever its file is called."""
    visitor = Visitor(cookies=SimpleCookie(), handler=_slow_handler)  # type: ignore[arg-type]
    request = Request(method="GET", path="/", body=b"", content_type="", headers={}, expected_status=200)
    profile = sampled(lambda: visitor.send((request,), responses=[]), times=1, folder=Path(__file__).parent)
    assert any("in _slow_handler" in stack for stack in profile.stacks)


def _slow_handler(_: object) -> HttpResponse:
    time.sleep(0.02)
    response = HttpResponse("done")
    response.wsgi_request = SimpleNamespace()  # type: ignore[attr-defined]  # as Django's own handler leaves it
    return response
