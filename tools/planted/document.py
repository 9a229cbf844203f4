"""docs/planted.md: every planted regression and neutral change, with what caught it and how long that took."""

from collections.abc import Iterable, Iterator, Sequence
from string import Template
from typing import Final

from tools.planted.catalogue import HERE, NeutralChange, Regression
from tools.planted.copies import PROJECT
from tools.planted.judgement import Judgement, is_placed
from tools.planted.runner import Judged
from tools.planted.summary import group_of, sentence

DOCUMENT: Final = PROJECT / "docs" / "planted.md"
_TITLES: Final = {
    "queries": "Queries that grow",
    "plans": "Plans and indexes",
    "writes": "Writes and lost data",
    "payload": "Answers",
    "cpu-memory": "CPU and memory",
    "time": "Time alone",
    "concurrency": "Concurrency",
    "load": "Load and deployment",
    "correctness": "Wrong results",
    "access": "Access",
    "injection": "Injection",
    "atomicity": "Half-written data",
    "migrations": "Migrations",
    "limits": "Limits of fields",
    "variants": "Rare kinds of rows",
    "leaks": "What stays behind",
    "neutral: code": "Neutral: the code says it in another way",
    "neutral: queries": "Neutral: the ORM says the same query in another way",
    "neutral: surroundings": "Neutral: nothing changes but the surroundings",
}
_PAGE: Final = HERE / "page.md"


def written(done: Sequence[Judged], pull_requests: Sequence[Judged]) -> str:
    """Return the page, one table a category, what is missed first; `pull_requests` are those that ran whole."""
    groups: dict[str, list[Judged]] = {}
    for each in done:
        groups.setdefault(group_of(each), []).append(each)
    tables = []
    for group, members in groups.items():
        rows = _regressions(members) if isinstance(members[0].entry, Regression) else _neutral(members)
        tables.append("\n".join([f"## {_TITLES[group]}\n", *rows]))
    page = Template(_PAGE.read_text(encoding="utf-8"))
    return page.substitute(
        sentence=sentence(done),
        pull_requests="\n".join(_whole(pull_requests, of=done)),
        missed="".join(_missed(done)),
        tables="\n\n".join(tables) + "\n",
    )


def _whole(done: Sequence[Judged], *, of: Sequence[Judged]) -> Iterator[str]:
    """Tell how many went through the whole gate, how many of them fail there, and each that is not as it should be."""
    planted, neutral = _parted(done)
    all_planted, all_neutral = _parted(of)
    patches = sum(each.entry.patch is not None for each in all_neutral)
    failed = sum(each.result.sighting.is_fail for each in planted)
    placed = sum(is_placed(each.entry, each.result.sighting) for each in planted)
    caught = sum(each.judgement is Judgement.CAUGHT for each in planted)
    passed = sum(each.judgement is Judgement.PASSED for each in neutral)
    regressions = (len(all_planted), len(planted), failed, placed, caught, len(planted) - failed)
    changes = (patches, len(neutral), len(neutral) - passed, "", "", passed)
    yield "| | in the catalogue | ran | fail | at the right endpoint and counter | with their cause | do not fail |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    yield from (
        f"| {name} | {' | '.join(map(str, row))} |"
        for name, row in (("regressions", regressions), ("neutral changes", changes))
    )
    if bad := [each for each in done if not each.judgement.is_good]:
        yield "\n| not as it should be | result | why | seen with |\n|---|---|---|---|"
        yield from (
            f"| {_link(each)} | {each.judgement.value} | {_cell(each.complaint)} | {each.result.seen_with} |"
            for each in bad
        )


def _parted(done: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    planted = [each for each in done if isinstance(each.entry, Regression)]
    return planted, [each for each in done if not isinstance(each.entry, Regression)]


def _missed(done: Iterable[Judged]) -> Iterator[str]:
    bad = [each for each in done if not each.judgement.is_good and each.judgement is not Judgement.NOT_RUN]
    if bad:
        rows = [f"| {_link(each)} | {each.judgement.value} | {_cell(_why(each))} |" for each in bad]
        table = "\n".join(["| planted | result | why |", "|---|---|---|", *rows])
        yield f"## What is not caught as it should be\n\n{table}\n\n"


def _why(each: Judged) -> str:
    missed = each.entry.missed if isinstance(each.entry, Regression) else ""
    return missed or each.complaint


def _regressions(members: Iterable[Judged]) -> Iterator[str]:
    yield "| regression | the pull request | caught by | the first finding says | seconds |"
    yield "|---|---|---|---|---|"
    for each in members:
        entry = each.entry
        if isinstance(entry, Regression):
            caught = f"{entry.instrument}, `{entry.only}`: {_result(each, good=entry.finding.rule)}"
            said = ", ".join(f"`{word}`" for word in entry.finding.says)
            quick = " (quick)" if entry.quick else ""
            yield f"| {_link(each)}{quick} | {entry.title} | {caught} | {_cell(said)} | {each.result.seconds:.0f} |"


def _neutral(members: Iterable[Judged]) -> Iterator[str]:
    yield "| change | what it is | audited | result | seconds |"
    yield "|---|---|---|---|---|"
    for each in members:
        entry = each.entry
        if isinstance(entry, NeutralChange):
            result = _result(each, good=each.judgement.value)
            yield f"| {_link(each)} | {entry.title} | `{entry.only}` | {result} | {each.result.seconds:.0f} |"


def _result(each: Judged, *, good: str) -> str:
    if each.judgement is Judgement.NOT_RUN:
        return "not run"
    return good if each.judgement.is_good else f"**{each.judgement.value}**"


def _link(each: Judged) -> str:
    patch = each.entry.patch
    return f"[{each.entry.name}](../{patch.relative_to(PROJECT)})" if patch else each.entry.name


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
