"""A plain closed-model FastHttpUser: what the open arrivals are compared with."""

from locust import FastHttpUser, task


class Plain(FastHttpUser):
    """Asks for the list, again and again."""

    @task
    def read(self) -> None:
        """Send one GET."""
        self.client.get("/api/orders/?page_size=20", name="GET /api/orders/")
