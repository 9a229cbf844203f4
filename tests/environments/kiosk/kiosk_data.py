"""The kiosk's rows for the audit."""

from stock.models import Paper


def build(*, papers: int) -> None:
    """Make `papers` papers."""
    Paper.objects.bulk_create(Paper(title=f"Paper {number}", copies=9) for number in range(papers))
