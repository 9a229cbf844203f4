"""Clients of AWS, made once: each reads megabytes of descriptions before it can be asked anything."""

import os
from functools import lru_cache
from typing import Any

import boto3


def client(service: str, region: str | None = None) -> Any:
    """Return the client of `service` on the stand-in that is there now."""
    return _client(service, region, os.environ.get("AWS_ENDPOINT_URL"))


@lru_cache
def _client(service: str, region: str | None, endpoint: str | None) -> Any:
    return boto3.client(service, region, endpoint_url=endpoint)
