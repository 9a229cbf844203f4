"""Wrong options of every command: exit 2, and a last line that names the word, its place and what helps."""

import sys
from pathlib import Path

import pytest

from reglab.cli import main
from tests.commands.test_user_mistakes import shop

__all__ = ["shop"]

WORKERS = "is no number of processes; expected 1 to 64"
SHARD = "is no shard; expected NUMBER/COUNT, as in 1/4 for the first of four"
WHY = 'argument --accept: say why, as in --accept "the list shows one field more"'
WRONG = [
    ("audt", "there is no 'audt'; did you mean 'audit'?"),
    ("audit --onyl x", "unrecognized arguments: --onyl x; did you mean '--only'?"),
    ("audit --acept why", "unrecognized arguments: --acept why; did you mean '--accept'?"),
    ("race --polcy x.toml", "did you mean '--policy'?"),
    ("compare HEAD --baseline-pyton x", "did you mean '--baseline-python'?"),
    ("load smoke --agianst x", "did you mean '--against'?"),
    ("audit --only a --only b", "--only is given twice; one pattern may match several: --only 'get-*'"),
    ("audit --workers 0", f"argument --workers: '0' {WORKERS}"),
    ("audit --workers two", f"argument --workers: 'two' {WORKERS}"),
    ("audit --workers -1", "argument --workers"),
    ("gate --workers 65", f"argument --workers: '65' {WORKERS}"),
    ("load smoke --workers many", f"argument --workers: 'many' {WORKERS}"),
    ("audit --shard 3/2", f"argument --shard: '3/2' {SHARD}"),
    ("audit --shard 0/2", f"argument --shard: '0/2' {SHARD}"),
    ("audit --shard first", f"argument --shard: 'first' {SHARD}"),
    ("audit --accept", "argument --accept: expected one argument"),
    ("audit --accept=", WHY),
    ("probe --accept=", WHY),
    ("audit --database owned", "argument --database: there is no 'owned'; did you mean 'own'?"),
    ("probe acess", "argument AUDIT: there is no audit 'acess'; did you mean 'access'?"),
    ("probe access lims", "argument AUDIT: there is no audit 'lims'; did you mean 'limits'?"),
    ("compare", "the following arguments are required: BASE"),
    ("compare HEAD --seed abc", "argument --seed: invalid int value: 'abc'"),
    ("bisect GOOD BAD", "the following arguments are required: --only"),
    ("load", "the following arguments are required: PROFILE"),
    ("report", "the following arguments are required: PART"),
    ("report shwo latest", "there is no 'shwo'; did you mean 'show'?"),
    (
        "report show latest --runs x",
        "unrecognized arguments: --runs x; --runs is of another command, or goes before the part",
    ),
    ("report show", "the following arguments are required: run"),
    ("report judge x --instrument wrk", "argument --instrument: there is no 'wrk'; did you mean 'work'?"),
    ("report judge x --format ful", "argument --format: there is no 'ful'; did you mean 'full'?"),
    ("report trend --last many", "argument --last: 'many' is no number of runs: 0 for all, or how many of the latest"),
    ("report diff latest", "the following arguments are required: candidate"),
    ("report show nothing", "'nothing' is neither a folder nor a run in var/runs; `reglab report list` names those"),
    ("report pin nothing", "'nothing' is neither a folder nor a run in var/runs; `reglab report list` names those"),
    ("report show pinned", "there is no history yet; `reglab report judge RUN` begins one"),
    ("report merge one two", "'one' is neither a folder nor a run in var/runs; `reglab report list` names those"),
    ("report trend", "there is no history yet; `reglab report judge RUN` begins one"),
    ("report judge . --policy none.toml", "none.toml: there is no such policy file; name one with --policy"),
    ("schema polcy", "argument name: there is no 'polcy'; did you mean 'policy'?"),
    ("schema", "one of the arguments name --write is required"),
    ("ledger", "the following arguments are required: ACTION"),
    ("ledger merg a b c", "there is no 'merg'; did you mean 'merge'?"),
    ("ledger merge a b", "the following arguments are required: THEIRS"),
    ("ledger merge a b c", "a: cannot be read: No such file or directory; git calls this with three files"),
    ("benchmark", 'no before/after pairs are named: write benchmarks = "FOLDER" below [tool.reglab] in pyproject.toml'),
    ("benchmark --benchmarks nowhere", "nowhere: there is no such folder of before/after pairs"),
    ("postgres", "the following arguments are required: run"),
    ("postgres run", "the following arguments are required: COMMAND"),
    ("postgres run --profile measurin -- true", "did you mean 'measuring'?"),
    ("audit", "no settings are named: give --settings MODULE, set DJANGO_SETTINGS_MODULE, or write settings"),
    ("gate", "regression-lab/scenarios: there is no such suite; `reglab init` writes a first one"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=[words for words, _ in WRONG])
def test_a_wrong_word_is_told_with_what_helps(
    words: str, sentence: str, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with 2, its last line has the sentence, and there is no traceback."""
    monkeypatch.chdir(shop)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    code: str | int | None
    try:
        code = main(words.split())
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    assert code == 2, told.out + told.err
    assert "Traceback" not in told.out + told.err
    assert sentence in told.err.strip().splitlines()[-1]
