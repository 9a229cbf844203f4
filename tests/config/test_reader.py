"""The strict reader: every mistake in a file is one line with its place and, where a word is near, that word."""

from pathlib import Path

import pytest

from reglab.config.profile import Profile
from reglab.config.reader import read_toml
from reglab.config.suite import Suite
from reglab.config.targets import Targets
from reglab.errors import ConfigError, LoadTestError

SUITE = """\
schema_version = 1
clock = 2026-06-15T12:00:00Z

[axes.orders]
sizes = [5, 50]

[[scenario]]
name = "first"
request = "GET /things/"

[[scenario]]
name = "second"
steps = [{ request = "POST /things/", status = 201 }]
writes.thing = { insert = 1 }
"""
PROFILE = """\
schema_version = 1
name = "small"
reason = "A test."
seed = 1

[data]
things = 4

[[stage]]
name = "steady"
seconds = 3
from_rps = 5
to_rps = 5
judged = true

[mix]
list-things = 1
"""
TARGETS = """\
schema_version = 1

[[target]]
origin = "http://127.0.0.1:8000"
environment = "test"
rate_rps_max = 5
seconds_max = 6
writes_max = 7
"""
TEXTS = {Suite: SUITE, Profile: PROFILE, Targets: TARGETS}


def complaint(folder: Path, model: type, text: str) -> str:
    path = folder / "file.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_toml(path, model)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize("model", TEXTS)
def test_a_correct_file_is_read(tmp_path: Path, model: type) -> None:
    """The text that the other tests damage is valid itself, with and without a byte order mark."""
    for encoding in ("utf-8", "utf-8-sig"):
        path = tmp_path / f"{encoding}.toml"
        path.write_text(TEXTS[model], encoding=encoding)
        assert read_toml(path, model).content.schema_version == 1


@pytest.mark.parametrize(
    ("model", "valid", "damaged", "line", "said"),
    [
        (Suite, "sizes = [5, 50]", "size = [5, 50]", 5, "unknown key 'size'; did you mean 'sizes'?"),
        (Suite, 'name = "second"', 'nmae = "second"', 12, "scenario 2: unknown key 'nmae'; did you mean 'name'?"),
        (Suite, "insert = 1", "isnert = 1", 14, "scenario 'second': unknown key 'isnert'; did you mean 'insert'?"),
        (Suite, "insert = 1", "insert = 1.5", 14, "writes.thing.insert"),
        (Suite, "status = 201", "staus = 201", 13, "unknown key 'staus'; did you mean 'status'?"),
        (Suite, '"GET /things/"', '"FETCH /things/"', 9, "a request is a method"),
        (Suite, 'request = "GET /things/"\n', "", 7, "scenario 'first': a scenario has either a request or steps"),
        (
            Suite,
            'request = "GET /things/"\n',
            'content_type = "text/csv"\nsteps = [{ request = "GET /things/" }]\n',
            7,
            "scenario 'first': a scenario of steps has no content_type of its own: each step has its own",
        ),
        (Suite, "[axes.orders]", "[axis.orders]", 4, "unknown key 'axis'; did you mean 'axes'?"),
        (Suite, "schema_version = 1\n", "", 1, "the key 'schema_version' is missing"),
        (Suite, "schema_version = 1", "schema_version = ", 1, "not TOML"),
        (Suite, "schema_version = 1", "<<<<<<< HEAD\nschema_version = 1", 1, "has conflict markers of git"),
        (Profile, "judged = true", "judged = false", 9, "no stage is judged"),
        (Profile, "seconds = 3", 'seconds = "3"', 11, "stage 'steady': seconds"),
        (Profile, "things = 4", "things = -4", 7, "data.things"),
        (Profile, "[mix]", "[mxi]", 16, "unknown key 'mxi'; did you mean 'mix'?"),
        (Targets, '"test"', '"tests"', 5, "did you mean 'test'?"),
        (Targets, "writes_max", "write_max", 8, "unknown key 'write_max'; did you mean 'writes_max'?"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_word(
    tmp_path: Path, *, model: type, valid: str, damaged: str, line: int, said: str
) -> None:
    """A mistake in a file of any kind is refused at its line; a word that is near is named."""
    text = TEXTS[model].replace(valid, damaged, 1)
    assert text != TEXTS[model]
    message = complaint(tmp_path, model, text)
    assert message.startswith(f"{line}: "), message
    assert said in message


def test_a_file_that_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are a complaint with the line that they are on."""
    (tmp_path / "file.toml").write_bytes(b"schema_version = 1\nname = '\xff'\n")
    with pytest.raises(ConfigError, match=r"file\.toml:2: is not text in UTF-8"):
        read_toml(tmp_path / "file.toml", Suite)


def test_a_complaint_is_of_the_kind_that_the_caller_asks_for(tmp_path: Path) -> None:
    """An instrument's own kind of error is raised where it reads its own file."""
    (tmp_path / "file.toml").write_text("schema_version = 2\n", encoding="utf-8")
    with pytest.raises(LoadTestError):
        read_toml(tmp_path / "file.toml", Targets, error=LoadTestError)
