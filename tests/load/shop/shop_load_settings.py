"""The shop's settings for a load test: the database of DATABASE_URL, and the ready middleware first of all."""

import os

os.environ["SHOP_DATABASE"] = os.environ.get("DATABASE_URL", "")
from shop_settings import *  # noqa: F403  # a settings module is made of another
from shop_settings import MIDDLEWARE

ALLOWED_HOSTS = ["127.0.0.1"]
MIDDLEWARE = ["reglab.load.identity_middleware.IdentityMiddleware", "shelf.Shelf", *MIDDLEWARE]
WSGI_APPLICATION = "shop_wsgi.application"
