"""Locustfile of the orders service: open arrivals from a profile, headless or with the web page.

Alone, as `--master` or as `--worker`; `manage.py loadtest` starts the same file and watches over it.
"""

import reglab.load.generator.locust_events  # noqa: F401  # registers the listeners
from reglab.load.generator.locust_master import ProfileShape
from reglab.load.generator.users import ArrivalsUser

__all__ = ["ArrivalsUser", "ProfileShape"]
