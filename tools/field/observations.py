"""Figures of one step, read from the files that the harness wrote for everybody: verdict, record and suite."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SUITE: Final = Path("regression-lab") / "scenarios"
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WORDS_KEPT: Final = 300
_KNOWN_KEPT: Final = 60
_PLACES: Final = ("The whole report: ", "If all of it is meant: git apply ")
# What differs between two waivers of one reason: paths, numbers, and what was quoted.
_OWN: Final = re.compile(r"/\S*|\d+|'[^']*'|\"[^\"]*\"|`[^`]*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What a step showed. `planted_rank` is the planted N+1's place among the findings, 0 where it is not there.

    `gets` and `writes`: how many endpoints are measured, and how many there are, pages of Django's own left out.
    """

    gets: tuple[int, int] = (0, 0)
    writes: tuple[int, int] = (0, 0)
    waived_by_reason: Mapping[str, int] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    planted_rank: int = 0
    last_words: str = ""


def observed(site: Path, records: Path, *, output: Path, planted_at: str = "") -> Observations:
    """Read what a step left in the site's suite and in its folder of records; what is not there counts as nothing."""
    findings = _failed(records / "verdict.json")
    measured, uncovered = _endpoints(records / "work.jsonl")
    waivers = list(_waivers(site / SUITE))
    seen = [
        *(measured | uncovered).items(),
        *((method, False) for method, reason in waivers if not _is_left_out(reason)),
    ]
    reasons = Counter(reason for _, reason in waivers)
    return Observations(
        gets=_shares(is_measured for endpoint, is_measured in seen if endpoint.startswith("GET")),
        writes=_shares(is_measured for endpoint, is_measured in seen if not endpoint.startswith("GET")),
        waived_by_reason=dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        known=_known(site),
        findings=tuple(_sentence(finding) for finding in findings),
        planted_rank=next((rank for rank, one in enumerate(findings, start=1) if _names(one, planted_at)), 0),
        last_words=_last_words(output),
    )


def _shares(are_measured: Iterable[bool]) -> tuple[int, int]:
    found = list(are_measured)
    return sum(found), len(found)


def _is_left_out(reason: str) -> bool:
    """Return whether there is nothing of the project's to measure, as the draft counts."""
    return reason.endswith("with no code of the project") or reason.startswith("…: the view does not answer")


def _known(site: Path) -> tuple[str, ...]:
    """Return the causes that the first audit has kept, as the ledger groups them."""
    found = sorted(site.glob("regression-lab/**/known.json"))
    causes = [cause for path in found for cause in json.loads(path.read_text(encoding="utf-8"))["known"]]
    return tuple(cause[:_WORDS_KEPT] for cause in causes[:_KNOWN_KEPT])


def _failed(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    verdict = json.loads(path.read_text(encoding="utf-8"))
    return [finding for finding in verdict["findings"] if finding["outcome"] == "fail"]


def _endpoints(path: Path) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return the endpoints of the scenarios, each with whether one of them measured it, and those that none covers."""
    scenarios: dict[str, bool] = {}
    uncovered: dict[str, bool] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        told = json.loads(line)
        if told.get("metric") == "audit_errors" and told.get("endpoint"):
            is_measured = not any(told["values"])
            scenarios[told["endpoint"]] = scenarios.get(told["endpoint"], True) and is_measured
        if told.get("metric") == "uncovered_endpoints" and told.get("part"):
            uncovered[told["part"]] = False
    return scenarios, uncovered


def _waivers(folder: Path) -> Iterator[tuple[str, str]]:
    """Give each method that the draft waives, with the reason, without what only one endpoint has."""
    for path in sorted(folder.glob("**/*.toml")):
        for waiver in tomllib.loads(path.read_text(encoding="utf-8")).get("waiver", ()):
            for method in waiver.get("methods", _METHODS):
                yield method, _OWN.sub("…", str(waiver["reason"]))


def _sentence(finding: Mapping[str, Any]) -> str:
    return f"{finding['title']}: {finding['found']}; {finding['cause']}"[:_WORDS_KEPT]


def _names(finding: Mapping[str, Any], place: str) -> bool:
    """Tell whether a finding names a line, and not one whose number only begins alike."""
    return bool(place) and re.search(re.escape(place) + r"(?!\d)", json.dumps(finding)) is not None


def _last_words(output: Path) -> str:
    """Return the last line, without those that only name a place on this machine; other places begin at the project."""
    text = output.read_text(encoding="utf-8", errors="replace").replace(f"{Path.cwd()}/", "")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(_PLACES)]
    return lines[-1][:_WORDS_KEPT] if lines else ""
