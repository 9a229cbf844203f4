"""Locustfile of every load test: open arrivals from a profile; a project's own locustfile imports it.

Alone, as `--master` or as `--worker`, headless or with the web page.
"""

from contextlib import suppress

import reglab.load.generator.locust_events  # noqa: F401  # registers the listeners
from reglab.errors import RegLabError
from reglab.load.generator.locust_master import ProfileShape
from reglab.load.generator.users import ArrivalsUser
from reglab.load.load_module import load_project

__all__ = ["ArrivalsUser", "ProfileShape"]

# Imported before the worker says that it is ready: on a busy machine, that takes longer than a heartbeat may be late.
# What is wrong with it is said where a run begins.
with suppress(RegLabError):
    load_project()
