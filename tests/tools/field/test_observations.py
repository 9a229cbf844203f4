"""The figures of a step are those of the files that the harness wrote."""

import json
from pathlib import Path

from tools.field.observations import SUITE, observed

SUITE_TEXT = """
[[scenario]]
name = "get-hosts"
request = "GET /hosts/"

[[waiver]]
endpoint = "/hosts/{pk}/"
methods = ["GET", "DELETE"]
reason = "302 to /login/ also as superuser"

[[waiver]]
endpoint = "/repos/{pk}/"
methods = ["GET"]
reason = "302 to /other/ also as superuser"

[[waiver]]
endpoint = "/admin/"
methods = ["GET"]
reason = "a page of django.contrib.admin.sites, with no code of the project"
"""


def finding(outcome: str, source: str) -> dict[str, object]:
    return {
        "outcome": outcome,
        "title": "growth-law",
        "found": "10 queries at 4 rows",
        "cause": "SELECT",
        "evidence": [{"text": "SELECT", "source": source}],
    }


def step(tmp_path: Path, *sources: str) -> tuple[Path, Path, Path]:
    """Write what a step leaves; return the site, the records and the output."""
    site, records = tmp_path / "site", tmp_path / "records"
    (site / SUITE).mkdir(parents=True)
    (site / SUITE / "hosts.toml").write_text(SUITE_TEXT)
    known = {"known": {"growth: SELECT at a.py:1": {"get-hosts queries (rows=16)": 12.0}}}
    (site / "regression-lab" / "ledger").mkdir()
    (site / "regression-lab" / "ledger" / "known.json").write_text(json.dumps(known))
    records.mkdir()
    verdict = {"findings": [finding("pass", ""), *(finding("fail", source) for source in sources)]}
    (records / "verdict.json").write_text(json.dumps(verdict))
    lines = [
        {"type": "header"},
        {"endpoint": "GET /hosts/", "metric": "audit_errors", "values": [0]},
        {"endpoint": "GET /hosts/", "metric": "audit_errors", "values": [0]},
        {"endpoint": "GET /repos/", "metric": "audit_errors", "values": [1]},
    ]
    (records / "work.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    output = records / "output.txt"
    output.write_text(
        "first\nlast words\n"
        "If all of it is meant: git apply /srv/runs/ledger.patch, and say why in the ledger\n"
        "The whole report: /srv/runs/report.html\n\n"
    )
    return site, records, output


def test_endpoints_are_measured_failed_or_waived(tmp_path: Path) -> None:
    """An endpoint whose scenario failed is not measured; waivers of one reason are counted together."""
    site, records, output = step(tmp_path)
    seen = observed(site, records, output=output)
    # GET: two of scenarios, two of waivers, and a page of Django's own, which does not count. DELETE: of a waiver.
    assert (seen.gets, seen.writes) == ((1, 4), (0, 1))
    assert seen.waived_by_reason["… to … also as superuser"] == 3
    assert seen.known == ("growth: SELECT at a.py:1",)
    assert seen.last_words == "last words"


def test_the_planted_line_is_ranked_among_what_fails(tmp_path: Path) -> None:
    """A passing rule is no finding, and line 36 is not line 3."""
    site, records, output = step(tmp_path, "hosts/serializers.py:36 in f", "hosts/serializers.py:3 in f")
    assert observed(site, records, output=output, planted_at="hosts/serializers.py:3").planted_rank == 2
    assert observed(site, records, output=output, planted_at="hosts/serializers.py:36").planted_rank == 1
    assert observed(site, records, output=output, planted_at="hosts/serializers.py:9").planted_rank == 0


def test_a_step_that_left_nothing_shows_nothing(tmp_path: Path) -> None:
    """Without a record, nothing is measured and nothing is found."""
    output = tmp_path / "output.txt"
    output.write_text("reglab init: no settings\n")
    seen = observed(tmp_path, tmp_path, output=output, planted_at="a.py:1")
    assert (seen.gets, seen.writes, seen.findings, seen.planted_rank) == ((0, 0), (0, 0), (), 0)
    assert seen.last_words == "reglab init: no settings"
