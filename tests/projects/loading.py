"""Check a small project, and apply its migrations on a database that the caller names in SMALL_PROJECT_DATABASE.

Runs in a process of its own, in the project's folder: `python -P loading.py SETTINGS`.
"""

import importlib
import os
import sys
from urllib.parse import unquote, urlsplit


def main(settings_name: str) -> None:
    """Load the settings with every alias at the caller's database, then check and migrate."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # as Python itself spells the present folder
    settings = importlib.import_module(settings_name)
    settings.DATABASES = {alias: {**_database(), "TEST": {}} for alias in settings.DATABASES}
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_name

    import django
    from django.core.management import call_command
    from django.urls import get_resolver

    django.setup()
    call_command("check")
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
    call_command("migrate", verbosity=0)
    print(f"{len(get_resolver().url_patterns)} URL patterns")


def _database() -> dict[str, str]:
    url = urlsplit(os.environ.get("SMALL_PROJECT_DATABASE", ""))
    if not url.scheme:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.netloc.rpartition("@")[2].rpartition(":")[0]),
        "PORT": str(url.port or ""),
    }


if __name__ == "__main__":
    main(sys.argv[1])
