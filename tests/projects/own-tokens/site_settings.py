"""A site without sessions, whose API knows its users by tokens in a table of its own, and sends messages to a queue."""

from pathlib import Path

from celery import Celery

BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "a small site for tests"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "errands",
]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "site_urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "site.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# Nobody answers there.
queue = Celery("site", broker="amqp://127.0.0.1:1//", backend="redis://127.0.0.1:1/0", set_as_current=True)
