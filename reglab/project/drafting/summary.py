"""Summary of a draft for the terminal: what is measured, and why the rest is not, grouped."""

from collections.abc import Iterator

from reglab.project.drafting.draft import Draft

_EXAMPLES: int = 3


def summary_of(draft: Draft) -> Iterator[str]:
    """Yield the lines of the summary."""
    for is_get, kind in ((True, "GET"), (False, "writing")):
        measured, total = draft.counted(is_get=is_get)
        share = f" ({100 * measured // total} %)" if total else ""
        yield f"{measured} of {total} {kind} endpoints measured{share}"
    for group, count in draft.reasons().items():
        examples = [one for one in draft.outcomes if one.group == group][:_EXAMPLES]
        yield f"  waived: {count} × {group}"
        for one in examples:
            yield f"    {one.endpoint.name}: {one.reason}"
    if draft.baked.empty:
        yield f"{len(draft.baked.empty)} models have no rows:"
        for label, reason in sorted(draft.baked.empty.items()):
            yield f"  {label}: {reason}"
    for problem in draft.baked.problems:
        yield f"  {problem}"
