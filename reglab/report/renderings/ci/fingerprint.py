"""Fingerprint of a cause: equal in the next run, so that a code host knows a finding again."""

import hashlib

from reglab.report.causes.cause import Cause


def fingerprint_of(cause: Cause) -> str:
    """Return a digest of rule, function and statement; a line's number, which any edit above moves, is left out."""
    evidence, place = cause.evidence, cause.place
    words = (
        cause.first.rule,
        place.file if place else "",
        place.function if place else "",
        evidence.table if evidence else "",
        evidence.text if evidence and evidence.kind == "statement" else cause.first.metric,
        "" if place else cause.first.subject,
    )
    return hashlib.blake2b("\0".join(words).encode(), digest_size=16).hexdigest()
