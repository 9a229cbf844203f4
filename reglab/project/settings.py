"""Loading of the audited project's settings: whatever they raise is one sentence."""

import os
from collections.abc import Mapping

from reglab.errors import SettingsError
from reglab.postgres.database_url import NO_SERVER_URL, VARIABLE

SETTINGS_VARIABLE = "DJANGO_SETTINGS_MODULE"


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
            "below [tool.reglab] in pyproject.toml"
        )
    # Settings that read it load; where they ask for PostgreSQL, the audit starts one.
    os.environ.setdefault(VARIABLE, NO_SERVER_URL)
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


def _described(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or ["no message"]
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_filename}:{place.tb_lineno})" if place is not None else ""
    return f"{type(error).__name__}: {lines[0]}{where}"
