"""Line of the project that did it: what is the project, what is not, and how a place is written."""

import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.handlers import exception
from django.core.handlers.exception import convert_exception_to_response
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, TemplateSyntaxError
from django.test import RequestFactory, override_settings

from reglab.project.source_lines import Mark, ProjectFrames
from reglab.project.tracebacks import parsed_in, raised_at, raised_in

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests/project/test_source_lines.py"


def called(frames: ProjectFrames, *, limit: int = 4) -> tuple[str, ...]:
    return frames.words(frames.capture(sys._getframe(), limit))


def planted(folder: Path, text: str) -> CodeType:
    file = folder / "shop" / "views.py"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return compile(text, str(file), "exec")


def test_a_place_is_file_line_and_function() -> None:
    """The innermost line comes first, relative to the base, with the function that it is in."""
    words = called(ProjectFrames(base=ROOT))
    assert words[0].startswith(f"{HERE}:")
    assert words[0].endswith(" in called")
    assert words[1].endswith(" in test_a_place_is_file_line_and_function")


def test_a_renamed_checkout_folder_changes_nothing(tmp_path: Path) -> None:
    """The same project in another folder gives the same words."""
    seen = []
    for name in ("one", "another"):
        code = planted(tmp_path / name, "def view(report):\n    return report()\n")
        space: dict[str, Any] = {}
        exec(code, space)  # noqa: S102  # a module of another project, without importing it
        frames = ProjectFrames(base=tmp_path / name)
        seen.append(space["view"](lambda frames=frames: called(frames)))
    assert seen[0] == seen[1] == ("shop/views.py:2 in view",)


def test_libraries_and_the_harness_are_not_the_project(tmp_path: Path) -> None:
    """Code under site-packages, the standard library and the harness's own folder is passed over."""
    frames = ProjectFrames(base=ROOT)
    inside = tmp_path / "venv" / "lib" / "site-packages" / "lib.py"
    assert not ProjectFrames(base=tmp_path).is_project(str(inside))
    assert not frames.is_project(str(ROOT / "reglab" / "cli.py"))
    assert not frames.is_project("<string>")
    assert not frames.is_project(sys.modules["json"].__file__ or "")
    assert frames.is_project(__file__)


def test_a_root_inside_an_excluded_folder_is_the_project() -> None:
    """The innermost folder decides: a suite's own code counts although the harness around it does not."""
    frames = ProjectFrames(base=ROOT, roots=[ROOT, ROOT / "reglab" / "testing"])
    assert frames.is_project(str(ROOT / "reglab" / "testing" / "dataset.py"))
    assert not frames.is_project(str(ROOT / "reglab" / "cli.py"))


def test_the_walk_stops_at_its_limit() -> None:
    """No more frames are kept than asked for."""
    assert len(called(ProjectFrames(base=ROOT), limit=1)) == 1


def test_a_comprehension_is_its_function() -> None:
    """A line in a comprehension is told once, as the function's, on every interpreter."""
    frames = ProjectFrames(base=ROOT)
    (words,) = [called(frames) for _ in range(1)]
    assert words[1].endswith(" in test_a_comprehension_is_its_function")
    assert not any("listcomp" in word for word in words)
    assert sum("test_a_comprehension" in word for word in words) == 1


def test_a_template_line_is_a_place(tmp_path: Path) -> None:
    """What a template asks for is told with the template's line, before the Python that rendered it."""
    (tmp_path / "page.html").write_text("<p>\n{{ rows.load }}\n", encoding="utf-8")
    frames = ProjectFrames(base=ROOT, roots=[ROOT, tmp_path])
    seen: list[tuple[str, ...]] = []

    class Rows:
        def load(self) -> str:
            seen.append(called(frames))
            return ""

    Engine(dirs=[str(tmp_path)]).get_template("page.html").render(Context({"rows": Rows()}))
    assert "page.html:2" in seen[0]


def test_a_serializer_is_named_with_its_field() -> None:
    """A query inside a library's method names the project's class that it ran for, and the field."""
    from rest_framework import serializers

    frames = ProjectFrames(base=ROOT)
    seen: list[tuple[str, ...]] = []

    class Row:
        @property
        def owner(self) -> str:
            marks: tuple[Mark, ...] = frames.capture(sys._getframe(1))
            seen.append(frames.words(marks))
            return "x"

    class RowSerializer(serializers.Serializer[Row]):
        owner_name = serializers.CharField(source="owner")

    assert RowSerializer(Row()).data == {"owner_name": "x"}
    assert seen[0][0].startswith(f"{HERE}:")
    assert seen[0][0].endswith("RowSerializer.to_representation (field owner_name)")


def test_middleware_that_hands_on_is_no_cause(tmp_path: Path, rf: RequestFactory) -> None:
    """What a library's view does has no line of the project; what the middleware does itself, before or after, has."""
    code = planted(
        tmp_path,
        "def middleware(get_response):\n    def handed_on(request):\n        request.seen = request.look()\n"
        "        return get_response(request)\n    return handed_on\n",
    )
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102  # a module of another project, without importing it
    frames = ProjectFrames(base=tmp_path)
    found: list[tuple[str, ...]] = []

    def library_view(request: HttpRequest) -> HttpResponse:
        found.append(called(frames))
        raise PermissionDenied

    def look() -> None:
        found.append(called(frames))

    request = rf.get("/")
    request.look = look  # type: ignore[attr-defined]  # what its own middleware calls
    handler = convert_exception_to_response(space["middleware"](convert_exception_to_response(library_view)))
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=True), suppress(PermissionDenied):
        handler(request)
    assert found == [("shop/views.py:3 in middleware.<locals>.handed_on",), ()]


def test_a_traceback_begins_behind_middleware(tmp_path: Path) -> None:
    """The line that handed a request on is not where a library's view raised."""
    space: dict[str, Any] = {}
    exec(planted(tmp_path, "def hand_on(get_response):\n    return get_response()\n"), space)  # noqa: S102
    frames = ProjectFrames(base=tmp_path)

    def raising() -> None:
        raise LookupError

    def inner() -> None:
        raising()

    handled = inner.__code__.replace(co_filename=exception.__file__)
    places = []
    for called_by in (raising, FunctionType(handled, {}, "inner", None, inner.__closure__)):
        try:
            space["hand_on"](called_by)
        except LookupError as error:
            places.append(raised_at(error.__traceback__, frames))
    assert places == [("shop/views.py:2 in hand_on",), ()]


def test_what_a_library_raises_for_nobody_has_the_librarys_line(tmp_path: Path) -> None:
    """A parser that fails for many endpoints is one thing; where a line of the project is there, it comes first."""
    frames = ProjectFrames(base=tmp_path)
    try:
        Engine().from_string("{% nothing %}")
    except TemplateSyntaxError as error:
        (place,) = raised_in(error.__traceback__, frames)
    assert place.startswith("django/template/base.py:")
    assert place.endswith(" in Parser.invalid_block_tag")


@pytest.mark.django_db
def test_what_the_database_refuses_is_the_views_affair(tmp_path: Path) -> None:
    """A line of the driver would blame nobody: where no line of the project asked, the view that answers is named."""
    with pytest.raises(DatabaseError) as caught:
        connection.cursor().execute("SELECT nothing_of_the_kind")
    assert raised_in(caught.tb.tb_next, ProjectFrames(base=tmp_path)) == ()


def test_what_a_parser_raises_for_whoever_asks_has_the_parsers_line_first(tmp_path: Path) -> None:
    """Ten views that ask for the body are ten lines of one fault; what the project itself raises is its own."""
    space: dict[str, Any] = {}
    source = "def ask(parse):\n    return parse()\ndef fail():\n    raise LookupError\n"
    exec(planted(tmp_path, source), space)  # noqa: S102
    frames = ProjectFrames(base=tmp_path)
    places = []
    for asked in (lambda: Engine().from_string("{% nothing %}"), space["fail"]):
        try:
            space["ask"](asked)
        except (TemplateSyntaxError, LookupError) as error:
            places.append(parsed_in(error.__traceback__, frames))
    (library, project), own = places
    assert library.endswith(" in Parser.invalid_block_tag")
    assert project == "shop/views.py:2 in ask"
    assert own == ("shop/views.py:4 in fail", "shop/views.py:2 in ask")
