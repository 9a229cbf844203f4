"""The service's one settings file: secure by default, and whatever differs comes from the environment.

`SERVICE_ENVIRONMENT` is development, test, staging or production (when unset). `service.environment` reads and
checks the rest; docs/service.md lists the variables.
"""

from pathlib import Path
from typing import Any

from environs import Env

from service.environment import read_database, read_environment, read_hosts, read_secret_key

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read_environment(env)

DEBUG = ENVIRONMENT.name == "development"
SECRET_KEY = read_secret_key(env, environment=ENVIRONMENT)
ALLOWED_HOSTS = read_hosts(env, environment=ENVIRONMENT)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
DEV_ENDPOINTS = ENVIRONMENT.dev_endpoints
SILK = ENVIRONMENT.profiler
SERVER_TIMING: bool = env.bool("SERVER_TIMING", False)

DATABASES = {"default": read_database(env)}
CACHES = {"default": env.dj_cache_url("CACHE_URL", "locmem://")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER: str = env.str("TEST_RUNNER", "django.test.runner.DiscoverRunner")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "service.orders",
    "service.web",
    *(["silk"] if SILK else []),
    *env.list("EXTRA_APPS", []),
]
MIDDLEWARE = [
    # First: a health check needs no valid Host header.
    "service.health.HealthChecks",
    "service.outages.Outages",
    "service.middleware.JsonErrors",
    "service.hosts.HostPorts",
    *(["service.middleware.ServerTiming"] if SERVER_TIMING else []),
    "django.middleware.security.SecurityMiddleware",
    "service.pages.PagePolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "service.bodies.ChunkedBodies",
    *([] if ENVIRONMENT.is_open else ["service.throttling.Throttle"]),
    *(["service.profiler.Profiler"] if SILK else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "service.urls"
WSGI_APPLICATION = "service.wsgi.application"
# With it on, a POST without its last slash is a 500 in development: the API answers 404 instead.
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE: int = env.int("DATA_UPLOAD_MAX_MEMORY_SIZE_BYTES", 1024 * 1024)
LOGIN_URL = "admin:login"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
# WhiteNoise serves the apps' own files: there is no step to forget between installing and serving.
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [] if ENVIRONMENT.is_open else ["service.tokens.ExpiringTokens"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.AllowAny"
        if ENVIRONMENT.is_open
        else "service.orders.requests.permissions.ModelPermissions"
    ],
    # Failed calls of one address, in each process (or in all of them together, with a CACHE_URL that they share).
    "DEFAULT_THROTTLE_RATES": {"failures": env.str("FAILED_CALLS_RATE", "30/minute")},
    # How many proxies of ours stand in front: without one, nobody may name an address in a header.
    "NUM_PROXIES": env.int("NUM_PROXIES", 0),
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["service.orders.requests.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "service.orders.pagination.StrictPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "service.orders.exceptions.handle_exception",
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # An error message repeats the value it refuses; escaped, even a lone surrogate can be sent back.
    "UNICODE_JSON": False,
    "UNAUTHENTICATED_USER": None if ENVIRONMENT.is_open else "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Orders",
    "DESCRIPTION": "Customers, their orders, and the lines of each order. Amounts are in cents.",
    "VERSION": "1.0.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"OrderStatus": "service.orders.models.OrderStatus"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "service.orders.requests.openapi.close_objects",
        "service.orders.requests.openapi.shorten_patterns",
        "service.orders.requests.openapi.document_errors",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": []
    if ENVIRONMENT.is_open
    else ["service.tokens.ExpiringTokens", "rest_framework.authentication.SessionAuthentication"],
    "SERVE_PERMISSIONS": REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

if not ENVIRONMENT.is_open:
    SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", True)
    # A load balancer asks for health without TLS and follows no redirect.
    SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Only behind a proxy that sets this header itself and strips the client's, as in X-Forwarded-Proto=https.
    proxy_header, _, proxy_value = env.str("SECURE_PROXY_SSL_HEADER", "").partition("=")
    if proxy_header:
        SECURE_PROXY_SSL_HEADER = (f"HTTP_{proxy_header.upper().replace('-', '_')}", proxy_value or "https")

# Staff alone may read profiles: they hold every statement and every request body.
SILKY_AUTHENTICATION = True
SILKY_AUTHORISATION = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_outages": {"()": "service.outages.NoOutages"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING").upper()},
    "loggers": {
        # A client's mistake is the client's news; what failed here is ours.
        "django.request": {"level": "ERROR", "filters": ["no_outages"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
