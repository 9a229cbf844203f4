"""An orders service in memory: rows, and the answers to the requests of the orders' load. Knows no HTTP."""

import copy
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TABLES: Final = ("customers", "orders", "items")
Answer = tuple[int, Any]


@dataclass(slots=True, kw_only=True)
class Shop:
    """The rows. `lose_item` acknowledges the n-th new item and forgets it."""

    lose_item: int = 0
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {table: {} for table in TABLES})
    made: int = 0
    items_made: int = 0

    def fill(self, count: int) -> None:
        """Put rows of somebody else into it, whatever ids a run may hit: each id is one of every table."""
        for row in range(1, count + 1):
            self.rows["customers"][row] = {"id": row, "name": f"Person {row}", "email": f"person{row}@example.org"}
            self.rows["orders"][row] = {"id": row, "customer": row, "status": "paid", "is_archived": False}
            self.rows["items"][row] = {"id": row, "order": row, "sku": f"S{row}", "quantity": 1, "unit_price_cents": 5}
        self.made = count

    def snapshot(self) -> dict[str, dict[int, dict[str, Any]]]:
        """Return a copy of all rows."""
        return copy.deepcopy(self.rows)

    def answer(self, method: str, target: str, body: Any) -> Answer:
        """Answer one request to the API."""
        url = urlsplit(target)
        _api, table, *rest = url.path.strip("/").split("/")
        if not rest:
            return self._create(table, body) if method == "POST" else (200, self._list(table, parse_qs(url.query)))
        if rest == ["summary"]:
            return 200, {"limit": 50, "rows": []}
        row = self.rows[table].get(int(rest[0])) if rest[0].isdigit() else None
        if row is None or rest[1:] not in ([], ["orders"], ["cancel"], ["archive"]):
            return 404, {"detail": "Not found."}
        if rest[1:]:
            return self._act(rest[1], row)
        return self._one(method, table, row, body)

    def _one(self, method: str, table: str, row: dict[str, Any], body: Any) -> Answer:
        if method == "DELETE":
            self._delete(table, row["id"])
            return 204, None
        row |= body or {}
        return 200, self._in_full(row) if table == "orders" else row

    @staticmethod
    def _act(action: str, row: dict[str, Any]) -> Answer:
        if action == "orders":
            return 200, {"results": [], "next": None}
        row |= {"status": "cancelled"} if action == "cancel" else {"is_archived": True}
        return 200, {"id": row["id"]}

    def _add(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        row = {"id": self.made, **values}
        self.rows[table][self.made] = row
        return row

    def _in_full(self, row: dict[str, Any]) -> dict[str, Any]:
        items = [item for item in self.rows["items"].values() if item["order"] == row["id"]]
        lines = [{name: item[name] for name in ("id", "sku", "quantity", "unit_price_cents")} for item in items]
        email = self.rows["customers"].get(row["customer"], {}).get("email", "")
        total = sum(line["quantity"] * line["unit_price_cents"] for line in lines)
        return {**row, "customer_email": email, "items": lines, "total_cents": total}

    def _create(self, table: str, body: dict[str, Any]) -> Answer:
        if table == "items":
            self.items_made += 1
            if self.items_made == self.lose_item:
                self.made += 1
                return 201, {"id": self.made, **body}
        if table != "orders":
            return 201, self._add(table, body)
        order = self._add("orders", {"customer": body["customer"], "status": body["status"], "is_archived": False})
        for line in body["items"]:
            self._add("items", {"order": order["id"], **line})
        return 201, self._in_full(order)

    def _list(self, table: str, query: dict[str, list[str]]) -> dict[str, Any]:
        rows = [row for row in reversed(self.rows[table].values()) if not row.get("is_archived")]
        if table == "orders":
            email = query.get("email", [""])[0]
            customers = self.rows["customers"]
            rows = [row for row in rows if email in customers.get(row["customer"], {}).get("email", "")]
        size, page = int(query.get("page_size", ["20"])[0]), int(query.get("page", ["1"])[0])
        found = rows[(page - 1) * size : page * size]
        results = [self._in_full(row) for row in found] if table == "orders" else found
        return {"results": results, "next": "more" if page * size < len(rows) else None}

    def _delete(self, table: str, row: int) -> None:
        del self.rows[table][row]
        if table == "orders":
            for item in [item["id"] for item in self.rows["items"].values() if item["order"] == row]:
                del self.rows["items"][item]
