"""The service's settings with zeal's app and middleware, as its readme has them for tests."""

from service.settings import *  # noqa: F403
from service.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = [*MIDDLEWARE, "zeal.middleware.zeal_middleware"]
