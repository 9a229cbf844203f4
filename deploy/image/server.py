"""Gunicorn's settings in the container. Time limits in seconds, in the order of docs/deploy.md."""

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = 2
threads = 8
# Longer than the load balancer's 60, so that it never sends a request into a connection that is being closed.
keepalive = 75
# A worker that has not answered for this long is replaced; statements end before.
timeout = 30
# Requests under way when the container is stopped get this long. Then the container's own limit of 60 comes.
graceful_timeout = 40
# The root file system is read-only.
worker_tmp_dir = "/dev/shm"  # noqa: S108
# The load balancer is the one client, and speaks for the others; tasks take connections from it alone.
forwarded_allow_ips = "*"
# The control socket wants a folder to write to, and nobody uses it here.
control_socket_disable = True
accesslog = None
errorlog = "-"
