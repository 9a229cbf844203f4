"""Locustfile of the orders service: open arrivals from a profile, headless or with the web page.

Alone, as `--master` or as `--worker`; `manage.py load` runs the same and watches over it.
"""

from reglab.load.generator.locustfile import ArrivalsUser, ProfileShape

__all__ = ["ArrivalsUser", "ProfileShape"]
