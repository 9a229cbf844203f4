"""Configuration of NetBox: the parameters that it requires, PostgreSQL and redis on this machine."""

import os

ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"NAME": "netbox", "USER": "netbox", "PASSWORD": "netbox", "HOST": "localhost", "PORT": ""}}
_REDIS = {"HOST": "127.0.0.1", "PORT": int(os.environ.get("FIELD_REDIS_PORT", "6379")), "SSL": False}
REDIS = {"tasks": {**_REDIS, "DATABASE": 0}, "caching": {**_REDIS, "DATABASE": 1}}
SECRET_KEY = "a site for field tests, of at least fifty characters, says NetBox"
API_TOKEN_PEPPERS = {1: "a pepper for field tests, of at least fifty characters, says NetBox"}
