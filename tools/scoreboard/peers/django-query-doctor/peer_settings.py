"""The service's settings with query-doctor's app and middleware, as its readme has them."""

from service.settings import *  # noqa: F403
from service.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "query_doctor"]
MIDDLEWARE = [*MIDDLEWARE, "query_doctor.middleware.QueryDoctorMiddleware"]
