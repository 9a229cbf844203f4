"""Loading of the audited project's settings: whatever they raise is one sentence."""

import os
import sys
import sysconfig
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from reglab.errors import SettingsError
from reglab.postgres.database_url import NO_SERVER_URL, VARIABLE

SETTINGS_VARIABLE = "DJANGO_SETTINGS_MODULE"
_NOT_THE_PROJECTS: Final = ("<", sysconfig.get_path("stdlib"), str(Path(__file__).resolve().parents[1]))


def load_settings(name: str, *, environment: Mapping[str, str]) -> None:
    """Load the settings module called `name`, or the one in DJANGO_SETTINGS_MODULE, and set Django up.

    `environment` is set first, where its variables are not set already. Raises SettingsError.
    """
    for variable, value in environment.items():
        os.environ.setdefault(variable, value)
    if name:
        os.environ[SETTINGS_VARIABLE] = name
    chosen = os.environ.get(SETTINGS_VARIABLE, "")
    if not chosen:
        raise SettingsError(
            'no settings are named: give --settings MODULE, set DJANGO_SETTINGS_MODULE, or write settings = "MODULE" '
            f"in reglab.toml or below [tool.reglab] in pyproject.toml{_configured_above()}"
        )
    if find_spec("psycopg") or find_spec("psycopg2"):
        # Settings that read it load; where they ask for PostgreSQL, the audit starts one.
        os.environ.setdefault(VARIABLE, NO_SERVER_URL)
    _find_sources(chosen)
    try:
        import django
        from django.conf import settings

        # As Django's own tests run: before any app or URLconf asks, so that URLs of development never exist.
        settings.DEBUG = False
        django.setup()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # settings are anybody's code: they may even exit
        raise SettingsError(f"the settings {chosen} cannot be loaded: {_described(error)}") from error


def _find_sources(chosen: str) -> None:
    """Put the folder that holds the settings module on the path, as a `manage.py` does for a layout with `src/`.

    Only where the module is not found otherwise, and in a folder of the working folder's own.
    """
    parts = chosen.split(".")
    if find_spec(parts[0]) is not None:
        return
    inside = Path(*parts)
    for folder in sorted(Path.cwd().iterdir()):
        if not folder.name.startswith(".") and folder.is_dir() and _is_module(folder / inside):
            sys.path.insert(0, str(folder))
            return


def _is_module(path: Path) -> bool:
    return path.with_name(f"{path.name}.py").is_file() or (path / "__init__.py").is_file()


def _configured_above() -> str:
    """Name the configuration that lies further up, where a command is given in a folder below it."""
    above = next((one for one in Path.cwd().parents if (one / "reglab.toml").is_file()), None)
    return f"; {above / 'reglab.toml'} is further up: give the command there" if above else ""


def _described(error: BaseException) -> str:
    """Describe an exception with its cause and the innermost line that is neither Python's nor a library's."""
    cause = error.__cause__
    because = f", because of {type(cause).__name__}: {_first_line(cause)}" if cause is not None else ""
    hint = ""
    if isinstance(error, KeyError) and str(error.args[0] if error.args else "").isupper():
        hint = f"; set {error.args[0]} in the environment, or in `environment` below [tool.reglab]"
    if isinstance(error, ModuleNotFoundError) and _is_of_settings(error):
        hint = "; it lies neither here nor in a folder of this one: name the folder that holds it in PYTHONPATH"
    place = _place(error)
    return f"{type(error).__name__}: {_first_line(error)}{because}{f' ({place})' if place else ''}{hint}"


def _is_of_settings(error: ModuleNotFoundError) -> bool:
    chosen = os.environ.get(SETTINGS_VARIABLE, "")
    return bool(error.name) and (chosen == error.name or chosen.startswith(f"{error.name}."))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def _place(error: BaseException) -> str:
    """Return "file:line" of the innermost frame of the project, or an empty text where none is on the way."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith(_NOT_THE_PROJECTS) and "site-packages" not in name:
            found = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
