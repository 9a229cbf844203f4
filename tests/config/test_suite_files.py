"""A suite in a folder of files is one suite, and each complaint names the file that is to be mended."""

from pathlib import Path

import pytest

from reglab.config.suite import SuiteFile, read_suite
from reglab.errors import AuditError

SHARED = 'schema_version = 1\ndataset = "data:build"\n[axes.things]\nsizes = [1, 2]\n'
FIRST = 'schema_version = 1\n[[scenario]]\nname = "first"\nrequest = "GET /a/"\n'
SECOND = FIRST.replace("first", "second").replace("/a/", "/b/") + '[bindings.thing]\nmodel = "app.Thing"\n'


def suite(folder: Path, **texts: str) -> SuiteFile:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_suite(folder)


def test_the_files_of_a_folder_are_one_suite(tmp_path: Path) -> None:
    """Scenarios, axes and bindings of all files stand in one suite, in the order of the files' names."""
    read = suite(tmp_path, shared=SHARED, a=FIRST, b=SECOND).suite
    assert [scenario.name for scenario in read.scenario] == ["first", "second"]
    assert (read.dataset, list(read.axes), list(read.bindings)) == ("data:build", ["things"], ["thing"])


def test_a_complaint_names_the_file_that_holds_the_place(tmp_path: Path) -> None:
    """The second scenario of the whole is the first of its own file, and that is where a complaint points."""
    file = suite(tmp_path, a=FIRST, b=SECOND)
    assert str(file.complaint("odd", "scenario", 1, "request")) == f"{tmp_path / 'b.toml'}:4: odd"
    assert str(file.complaint("odd", "bindings", "thing")) == f"{tmp_path / 'b.toml'}:5: odd"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"a": FIRST, "b": FIRST}, "b.toml:3: a second scenario is called 'first'"),
        ({"a": SHARED, "b": SHARED}, "b.toml:2: 'dataset' stands in another file of the suite too"),
        (
            {"a": SHARED, "b": SHARED.replace('dataset = "data:build"\n', "")},
            "b.toml:2: axes.things stands in another file of the suite too",
        ),
        ({"a": FIRST.replace("name", "nmae")}, "a.toml:3: "),
    ],
)
def test_what_stands_twice_is_refused(tmp_path: Path, texts: dict[str, str], said: str) -> None:
    """A name or a key in two files of a suite leaves open which is meant."""
    with pytest.raises(AuditError) as caught:
        suite(tmp_path, **texts)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_suite_that_is_not_there_is_one_sentence(tmp_path: Path, name: str) -> None:
    """No file, or a folder without any, is a sentence that names the command that writes one."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(AuditError, match="`reglab init` writes a first one"):
        read_suite(tmp_path / name)
