"""Two audits of the same code agree on every counter that gates, byte for byte."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from reports.record_files import read_record
from tests.bench.planting import audited

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def _gated(folder: Path) -> str:
    record = read_record(folder / "20260101T000000Z-000000" / "work.jsonl")
    # Without evidence: where a new row lands, and so the blocks of a write's plan, depends on rows rolled back before.
    lines = [repr(replace(one, evidence=())) for one in record.measurements if one.gates]
    assert lines
    return hashlib.blake2b("\n".join(lines).encode()).hexdigest()


def test_two_processes_agree(tmp_path: Path) -> None:
    """Fresh processes with different hash seeds record the same counters."""
    for seed in ("1", "2"):
        audited(tmp_path / seed, only="*order*", hash_seed=seed)
    assert _gated(tmp_path / "1") == _gated(tmp_path / "2")
