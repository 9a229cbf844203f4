"""Variables of the environment that configure what a load test starts, or would: each is said."""

import os
from collections.abc import Iterator
from typing import Final

# The command line of ours that starts the generator says everything; these would change it unseen.
LEFT_OUT_PREFIX: Final = "LOCUST_"
_SERVER: Final = ("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "UVICORN_WORKERS", "GRANIAN_WORKERS")
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")


def said_variables(*, is_ours: bool) -> Iterator[str]:
    """Yield a sentence for each kind that is set; `is_ours`: the service is started here, and inherits them."""
    for name in _SERVER if is_ours else ():
        if value := os.environ.get(name):
            yield f"{name}={value!r} configures the service's server as well"
    if names := sorted(name for name in os.environ if name.startswith(LEFT_OUT_PREFIX)):
        yield f"left out of the load generator's environment: {', '.join(names)}"
    if names := sorted(name for name in os.environ if name.lower() in _PROXIES):
        yield f"requests go straight to the target, not through the proxy of {', '.join(names)}"
