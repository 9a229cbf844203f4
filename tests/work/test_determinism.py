"""Two audits of the same code agree on every counter that gates, byte for byte."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from reglab.report.record_files import read_record
from tools.planted.copies import planted_copy
from tools.planted.instruments import work
from tools.planted.processes import Processes

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def _gated(copy: Path, *, seed: str) -> str:
    assert work(copy, only="*order*", processes=Processes(), PYTHONHASHSEED=seed).is_pass
    (path,) = copy.glob("runs/*/work.jsonl")
    record = read_record(path)
    # Without evidence: where a new row lands, and so the blocks of a write's plan, depends on rows rolled back before.
    lines = [repr(replace(one, evidence=())) for one in record.measurements if one.gates]
    assert lines
    return hashlib.blake2b("\n".join(lines).encode()).hexdigest()


def test_two_processes_agree(tmp_path: Path) -> None:
    """Fresh processes with different hash seeds record the same counters."""
    first, second = (_gated(planted_copy(tmp_path / seed), seed=seed) for seed in ("1", "2"))
    assert first == second
