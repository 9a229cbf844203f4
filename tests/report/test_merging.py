"""Shards become one run where they are a whole, and are refused with a sentence where they are not."""

from dataclasses import replace
from pathlib import Path

import pytest

from reglab.errors import RunError
from reglab.metrics import METRICS
from reglab.report.parts.merging import merge
from reglab.report.parts.shards import Shard
from reglab.report.record_files import read_record, recording
from reglab.report.records import SHARD, Completion, Environment, Header, Measurement
from reglab.report.runs import LEDGER_PATCH, ledger_patch

HEADER = Header(
    instrument="work",
    run="run",
    subject="shop",
    revision="abc",
    environment=Environment(
        machine="ci",
        python="3.11.7",
        implementation="CPython",
        platform="Linux",
        cpu_count=2,
        packages={"Django": "5.2"},
    ),
    started_at="2026-06-15T12:00:00+00:00",
    context={"suite": "scenarios"},
)
OF_ALL = Measurement(scenario="audit", metric=METRICS["uncovered_endpoints"], values=(0,))


def shard(tmp_path: Path, text: str, *, header: Header = HEADER) -> Path:
    """Write the record of a shard, with one scenario of its own and a line that every shard has."""
    folder = tmp_path / text.replace("/", "-of-")
    context = {**header.context, SHARD: text}
    with recording(folder / "work.jsonl", replace(header, context=context)) as record:
        record.write(OF_ALL)
        record.write(Measurement(scenario=f"list-{text[0]}", metric=METRICS["audit_errors"], values=(0,)))
    return folder


def test_shards_become_the_record_of_the_whole(tmp_path: Path) -> None:
    """Each line is there once, in the order of the shards, and nothing says any more that it was a part."""
    merge([shard(tmp_path, "2/2"), shard(tmp_path, "1/2")], tmp_path / "whole")
    record = read_record(tmp_path / "whole" / "work.jsonl")
    assert [line.scenario for line in record.measurements] == ["audit", "list-1", "list-2"]
    assert record.header.chosen == ""
    assert record.header.run == "whole"
    assert record.footer.completion is Completion.COMPLETE


def test_what_one_shard_says_twice_stays_twice(tmp_path: Path) -> None:
    """Merging hides no damage: the judge refuses a measurement that is there twice."""
    twice = shard(tmp_path, "1/2")
    again = Measurement(scenario="list-1", metric=METRICS["audit_errors"], values=(0,))
    context = {**HEADER.context, SHARD: "1/2"}
    (twice / "work.jsonl").unlink()
    with recording(twice / "work.jsonl", replace(HEADER, context=context)) as record:
        record.write(again)
        record.write(again)
    merge([twice, shard(tmp_path, "2/2")], tmp_path / "whole")
    lines = read_record(tmp_path / "whole" / "work.jsonl").measurements
    assert [line.scenario for line in lines].count("list-1") == 2


def test_a_missing_shard_is_no_whole(tmp_path: Path) -> None:
    """A pass of three quarters would be a silent one."""
    with pytest.raises(RunError, match=r"shards 1/3, 3/3 are no whole; expected 1/3 to 3/3, each once"):
        merge([shard(tmp_path, "1/3"), shard(tmp_path, "3/3")], tmp_path / "whole")


def test_shards_of_two_revisions_are_refused(tmp_path: Path) -> None:
    """What was measured on different code is no run."""
    other = shard(tmp_path, "2/2", header=replace(HEADER, revision="def"))
    with pytest.raises(RunError, match="the revision is def, and abc in"):
        merge([shard(tmp_path, "1/2"), other], tmp_path / "whole")


def test_an_interrupted_shard_makes_an_interrupted_run(tmp_path: Path) -> None:
    """The worst end of the shards is the end of the whole."""
    folder = tmp_path / "cut"
    header = replace(HEADER, context={**HEADER.context, SHARD: "2/2"})
    with pytest.raises(KeyboardInterrupt), recording(folder / "work.jsonl", header):
        raise KeyboardInterrupt
    merge([shard(tmp_path, "1/2"), folder], tmp_path / "whole")
    assert read_record(tmp_path / "whole" / "work.jsonl").footer.completion is Completion.INTERRUPTED


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", ""])
def test_what_is_no_shard_is_said(text: str) -> None:
    """The first of two is 1/2, the last 2/2."""
    with pytest.raises(ValueError, match="expected NUMBER/COUNT"):
        Shard.parsed(text)


def test_shards_hold_every_item_once() -> None:
    """Whatever the count, also where it is more than there are items."""
    for count in range(1, 7):
        parts = [Shard(number=number, count=count).of(range(5)) for number in range(1, count + 1)]
        assert sorted(item for part in parts for item in part) == [0, 1, 2, 3, 4]


def test_the_ledgers_change_is_that_of_all_shards(tmp_path: Path) -> None:
    """Each shard's patch is in the whole run's, once: that a scenario is gone, each of them says."""
    gone = "--- a/ledger/gone.json\n+++ /dev/null\n@@ -1 +0,0 @@\n-{}\n"
    folders = [shard(tmp_path, "1/2"), shard(tmp_path, "2/2")]
    own = [f"--- a/ledger/{name}.json\n+++ b/ledger/{name}.json\n@@ -1 +1 @@\n-1\n+2\n" for name in ("one", "two")]
    for folder, change in zip(folders, own, strict=True):
        (folder / LEDGER_PATCH).write_text(gone + change)
    merge(folders, tmp_path / "whole")
    assert ledger_patch(tmp_path / "whole") == gone + "".join(own)
