"""Locustfile of every load test: open arrivals from a profile; a project's own locustfile imports it.

Alone, as `--master` or as `--worker`, headless or with the web page.
"""

import reglab.load.generator.locust_events  # noqa: F401  # registers the listeners
from reglab.load.generator.locust_master import ProfileShape
from reglab.load.generator.users import ArrivalsUser

__all__ = ["ArrivalsUser", "ProfileShape"]
