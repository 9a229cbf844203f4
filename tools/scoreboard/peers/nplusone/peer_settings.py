"""The service's settings with nplusone's app and middleware, raising, as its readme has it for automated tests."""

from service.settings import *  # noqa: F403
from service.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "nplusone.ext.django"]
MIDDLEWARE = ["nplusone.ext.django.NPlusOneMiddleware", *MIDDLEWARE]
NPLUSONE_RAISE = True
