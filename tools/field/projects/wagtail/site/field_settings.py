"""Settings of the site that `wagtail start` made, with the API that Wagtail's own documentation adds."""

from mysite.settings.base import *  # noqa: F403

SECRET_KEY = "a site for field tests"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS += ["wagtail.api.v2", "rest_framework"]  # noqa: F405
ROOT_URLCONF = "field_urls"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
