"""Every command that the docs show is one that there is, with options that it has."""

import argparse
import configparser
import subprocess
import sys

import pytest
from django.core.management import get_commands, load_command_class

from reglab.cli import parser
from reglab.commands import COMMANDS as REGLAB
from tests.docs.documented import ROOT, Documented, documented

COMMANDS = documented()
# What stands for any command in a sentence.
PLACEHOLDERS = {"COMMAND", ""}


# A page shows how it is refused.
REFUSED = {("audit", "--only", "delete-item", "--accept", " ")}


def of(*programs: str) -> list[Documented]:
    shown = [each for each in COMMANDS if each.program in programs and each.words not in REFUSED]
    return [each for each in shown if each.words and each.words[0] not in PLACEHOLDERS]


def parsed(command: argparse.ArgumentParser, words: tuple[str, ...]) -> str:
    """Return what the parser complains of."""
    try:
        command.parse_args(list(words))
    except SystemExit as end:
        return "" if not end.code else f"exits {end.code}"
    except Exception as error:  # noqa: BLE001  # Django's parser raises CommandError
        return str(error)
    return ""


def test_there_are_commands_to_check() -> None:
    """An empty collection would pass everything below."""
    assert len(of("reglab")) > 20
    assert len(of("manage.py")) > 15
    assert len(of("tox")) > 8


@pytest.mark.parametrize("shown", of("reglab"), ids=str)
def test_reglab_takes_what_is_documented(shown: Documented, capsys: pytest.CaptureFixture[str]) -> None:
    """`reglab …` as a page shows it is understood; one word alone is its name."""
    if len(shown.words) == 1:
        assert shown.words[0] in {command.name for command in REGLAB}
        return
    complaint = parsed(parser(), shown.words)
    assert not complaint, capsys.readouterr().err


@pytest.mark.parametrize("shown", of("manage.py"), ids=str)
def test_manage_takes_what_is_documented(shown: Documented, capsys: pytest.CaptureFixture[str]) -> None:
    """`manage.py …` as a page shows it is understood, with the parser of reglab where the command is reglab's."""
    name, *rest = shown.words
    if name in {command.name for command in REGLAB}:
        test_reglab_takes_what_is_documented(shown, capsys)
        return
    assert name in get_commands(), shown
    command = load_command_class(get_commands()[name], name)
    complaint = parsed(command.create_parser("manage.py", name), tuple(rest))
    assert not complaint, complaint + capsys.readouterr().err


@pytest.mark.parametrize("shown", of("tox"), ids=str)
def test_tox_has_what_is_documented(shown: Documented) -> None:
    """Each environment that a page names is declared."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "tox.ini", encoding="utf-8")
    names = [
        name
        for word, after in zip(shown.words, shown.words[1:], strict=False)
        if word == "-e"
        for name in after.split(",")
    ]
    assert names or shown.words == ("list",), shown
    declared = {section.removeprefix("testenv:") for section in ini.sections()} | {"py313-django61", "ENV"}
    assert set(names) <= declared


@pytest.mark.parametrize("module", sorted({each.words[0] for each in of("module")}))
def test_modules_have_what_is_documented(module: str) -> None:
    """Each option and each subcommand that a page gives a module is one that its help tells of."""
    said = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for shown in of("module"):
        if shown.words[0] == module:
            for word in shown.words[1:]:
                if word.startswith("--"):
                    assert word in said or module == "deploy", f"{shown}: {word} is no option"
