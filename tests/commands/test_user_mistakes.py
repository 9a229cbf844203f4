"""Mistakes of a user: each is one sentence with its place, exit code 2, and never a traceback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
Mistake = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Copy the shop, so that it may be spoilt."""
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def reglab(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, as from a terminal that is not there."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    return subprocess.run(
        [sys.executable, "-m", "reglab", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PROJECT), "CI": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def assert_one_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Hold a command's end against the contract: exit 2, one line that names the parts, no traceback."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    last = done.stderr.strip().splitlines()[-1]
    for part in parts:
        assert part in last, last


AUDIT = ("audit", "--settings", "shop_settings", "--suite", "shop.toml")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("raise KeyError('SECRET_KEY')", ("KeyError", "'SECRET_KEY'", "shop_settings.py:")),
        ("int('six')", ("ValueError", "shop_settings.py:")),
        ("import no_such_package", ("ModuleNotFoundError", "no_such_package")),
        ("raise SystemExit(1)", ("SystemExit", "shop_settings.py:")),
        ("LOGGING = {'version': 'one'}", ("ValueError",)),
        ("INSTALLED_APPS += ['no_such_app']", ("no_such_app",)),
        ("broken =", ("SyntaxError",)),
    ],
)
def test_settings_that_raise_anything(shop: Path, line: str, parts: tuple[str, ...]) -> None:
    """Whatever the settings raise is one line with its kind, its words and its place."""
    settings = shop / "shop_settings.py"
    settings.write_text(settings.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    assert_one_sentence(reglab(shop, *AUDIT), "reglab audit: the settings shop_settings cannot be loaded", *parts)


def test_no_settings_at_all(shop: Path) -> None:
    """A command that needs settings says the three ways to name them."""
    assert_one_sentence(reglab(shop, "audit"), "--settings", "DJANGO_SETTINGS_MODULE", "[tool.reglab]")


def test_the_configuration_further_up_is_named(shop: Path) -> None:
    """A command that is given in a folder below it finds none, and says where it is."""
    (shop / "reglab.toml").write_text('settings = "shop_settings"\n', encoding="utf-8")
    (shop / "below").mkdir()
    assert_one_sentence(reglab(shop / "below", "audit"), f"{shop / 'reglab.toml'} is further up")


def test_a_module_that_is_none_of_settings(shop: Path) -> None:
    """Django takes any module; what it lacks is said, instead of what Django puts in its place."""
    (shop / "no_settings.py").write_text("SECRET_KEY = 'x'\n", encoding="utf-8")
    done = reglab(shop, "audit", "--settings", "no_settings", "--suite", "shop.toml")
    assert_one_sentence(done, "the settings no_settings name no database (DATABASES)")


def test_a_server_that_does_not_answer(shop: Path) -> None:
    """With `--database settings` the audit needs the server that the settings name: that is no error of the harness."""
    settings = shop / "shop_settings.py"
    named = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "HOST": "127.0.0.1", "PORT": "1"}
    settings.write_text(
        settings.read_text(encoding="utf-8") + f"\nDATABASES = {{'default': {named}}}\n", encoding="utf-8"
    )
    done = reglab(shop, *AUDIT, "--database", "settings")
    assert_one_sentence(done, "the database that the settings name does not answer", "start it")


def test_a_urlconf_that_cannot_be_imported(shop: Path) -> None:
    """An import error below the URLconf names the URLconf and the module."""
    urls = shop / "shop_urls.py"
    urls.write_text("import no_such_module\n" + urls.read_text(encoding="utf-8"), encoding="utf-8")
    assert_one_sentence(reglab(shop, *AUDIT), "no_such_module")


def test_a_database_that_nobody_serves(shop: Path) -> None:
    """An unreachable server that the settings name is said in one sentence."""
    url = "postgresql://nobody@127.0.0.1:1/none"
    assert_one_sentence(reglab(shop, *AUDIT, "--database", "settings", SHOP_DATABASE=url), "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[tool.reglab]\nsetings = 'x'\n", ("pyproject.toml:2", "unknown key 'setings'", "did you mean 'settings'")),
        ("[tool.reglab]\nsuite = 3\n", ("pyproject.toml:2", "suite")),
        ("[tool.reglab]\nsuite = ''\n", ("pyproject.toml:2", "suite")),
        ("[tool.reglab]\nreference_python = 'three'\n", ("pyproject.toml:2", "version of Python")),
        ("[tool.reglab\n", ("pyproject.toml:1", "not TOML")),
        ("<<<<<<< HEAD\n[tool.reglab]\n", ("pyproject.toml:1", "conflict markers")),
        ("[tool]\nreglab = 1\n", ("pyproject.toml", "table")),
    ],
)
def test_a_configuration_with_a_mistake(shop: Path, text: str, parts: tuple[str, ...]) -> None:
    """The configuration is refused with file, line and the nearest word."""
    (shop / "pyproject.toml").write_text(text, encoding="utf-8")
    assert_one_sentence(reglab(shop, *AUDIT), *parts)


def test_a_byte_order_mark_is_no_mistake(shop: Path) -> None:
    """An editor's byte order mark at the head of the configuration is passed over."""
    (shop / "pyproject.toml").write_text("\ufeff[tool.reglab]\nsetings = 'x'\n", encoding="utf-8")
    assert_one_sentence(reglab(shop, *AUDIT), "pyproject.toml:2")


def test_a_file_given_as_run_folder(shop: Path) -> None:
    """A run folder that is a file is refused before anything is measured."""
    (shop / "run").write_text("", encoding="utf-8")
    assert_one_sentence(reglab(shop, *AUDIT, "--run", "run"), "run: is no folder")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--suite", "none.toml"), ("none.toml", "no such suite")),
        (("--only", "no-such-scenario"), ("no-such-scenario",)),
        (("--policy", "none.toml"), ("none.toml", "no such policy")),
    ],
)
def test_a_name_that_is_not_there(shop: Path, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """What an option names and does not exist is said with that name."""
    assert_one_sentence(reglab(shop, *AUDIT, *arguments), *parts)


def test_comparing_outside_of_git(shop: Path) -> None:
    """A comparison needs a repository, and says so."""
    arguments = ("compare", "HEAD", "--settings", "shop_settings", "--suite", "shop.toml")
    assert_one_sentence(reglab(shop, *arguments, GIT_CEILING_DIRECTORIES=str(shop.parent)), "git")


@pytest.mark.parametrize(
    "command", [("report", "show", "nothing"), ("report", "judge", "nothing"), ("report", "diff", "a", "b")]
)
def test_a_run_that_is_not_there(shop: Path, command: tuple[str, ...]) -> None:
    """The judge names the run that it did not find, and the command that lists those there are."""
    assert_one_sentence(reglab(shop, *command), "reglab report list")


def test_output_that_takes_ascii_alone(shop: Path) -> None:
    """A terminal without UTF-8 costs letters, never the run."""
    done = reglab(shop, "report", "list", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
