"""The rows that one worker reads and writes during a run. Every one of them carries the run's id."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Item:
    """A line of an order that this worker wrote, and so is the only one to change."""

    id: int
    sku: str


@dataclass(slots=True, kw_only=True)
class Rows:
    """What there is to work on. A line is taken out while a request changes it, and put back afterwards."""

    run: str
    worker: str
    customers: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    hot_orders: list[int] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    made: int = 0

    def next_key(self) -> str:
        """Return a key that no other write of any run has: it becomes part of an email or a sku."""
        self.made += 1
        return f"{self.run}-{self.worker}-{self.made}"


def email_of(key: str) -> str:
    """Return the address of the customer that a run made under `key`; `.invalid` is nobody's (RFC 2606)."""
    return f"{key}@load.invalid"
