"""Configures the service's server: `gunicorn -c python:service.server.config service.wsgi`.

Load tests, the container and the docs start the service with this one file (docs/decisions/0030).
"""

import os

from service.server import limits

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "service.server.worker.BufferingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Each holds at most one connection to the database.
threads = int(os.environ.get("SERVICE_THREADS", "8"))
worker_connections = limits.CONNECTIONS_MAX
backlog = 2048
preload_app = True

keepalive = limits.KEEP_ALIVE_S
timeout = limits.SILENT_WORKER_S
graceful_timeout = limits.STOP_S
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108  # a heartbeat must not wait for a disk
control_socket_disable = True

limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# Nothing in front of the service may move it to another path by a header.
forwarder_headers = ""
