"""Time and size limits of the server, each above the one that it has to outlast.

The database's own limits (5 s for a lock, 10 s for a statement) end first, then the watchdog's; a load balancer that
keeps idle connections for 60 s must never meet one that the server has just closed.
"""

HEADERS_S = 10.0
BODY_S = 30.0
# For one read or write of a thread: what a client takes slowly holds a thread for no longer.
SOCKET_S = 10.0
# A request that waited for longer is answered 503 at once: its client has probably gone.
QUEUE_S = 3.0
REQUEST_S = 20.0
KEEP_ALIVE_S = 75
SILENT_WORKER_S = 30
STOP_S = 25
LINGER_S = 2.0

CONNECTIONS_MAX = 1000
HEADER_BYTES_MAX = 64 * 1024
# The application refuses more than 1 MiB itself, in JSON; the server need not hold much more.
BODY_BYTES_MAX = 2 * 1024 * 1024
