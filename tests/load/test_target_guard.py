"""Nothing is sent to what has not proven to be a test target, and what stops proving it gets nothing more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from reglab.config.targets import Target
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.profiles import find_profile
from reglab.load.target.allowlist import allowed_target, check_caps
from reglab.report.outcomes import Outcome
from tests.load.conftest import ROOT, WRITES, Bench

IDENTITY = "/healthz/identity"


@pytest.mark.parametrize("identity", ["none", "wrong-key", "redirect"])
def test_a_target_without_proof_gets_no_load(bench: Bench, identity: str) -> None:
    """No identity, a signature by another key, a redirect: the target is asked who it is, and nothing else."""
    stub = bench.stub(identity=identity)
    finished = bench.load(stub.origin, bench.profile())
    assert {line[1].partition("?")[0] for line in stub.requests()} == {IDENTITY}
    assert finished.status == 2
    assert "did not prove to be a test target" in finished.output
    assert finished.outcome("load-unsafe") is Outcome.INCONCLUSIVE


def test_another_origin_gets_no_request_at_all(bench: Bench) -> None:
    """An origin that is not in the list, even the same server under another name, is not even asked who it is."""
    stub = bench.stub()
    bench.environment(stub.origin)
    profile = bench.profile()
    other = stub.origin.replace("127.0.0.1", "localhost")
    process = bench.start(stub.origin, profile, "--target", other)
    finished = bench.finish(process)
    assert not (stub.folder / "requests.log").read_text(encoding="utf-8")
    assert (finished.status, "is not in" in finished.output) == (2, True)


def test_without_the_key_nothing_is_sent(bench: Bench) -> None:
    """Without LOADTEST_KEY no target can prove anything, so none is asked."""
    stub = bench.stub()
    finished = bench.load(stub.origin, bench.profile(), LOADTEST_KEY="")
    assert not (stub.folder / "requests.log").read_text(encoding="utf-8")
    assert (finished.status, "LOADTEST_KEY is not set" in finished.output) == (2, True)


@pytest.mark.slow
def test_plain_locust_sends_nothing_either(bench: Bench) -> None:
    """`locust -f loadtests/locustfile.py` keeps the same guard: no request but the question."""
    stub = bench.stub(identity="wrong-key")
    command = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless", "--host", stub.origin]
    finished = subprocess.run(
        [*command, "--load-profile", str(bench.profile()), "-t", "5s"],
        cwd=ROOT,
        env=bench.environment(stub.origin) | {"PYTHONDEVMODE": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert {line[1].partition("?")[0] for line in stub.requests()} == {IDENTITY}
    assert finished.returncode != 0


@pytest.mark.slow
def test_a_target_that_turns_into_another_server_ends_the_run_as_unsafe(bench: Bench) -> None:
    """When a later signature is wrong, the run stops, and its exit code says that there is no verdict on the code."""
    stub = bench.stub(identity="lost")
    finished = bench.load(stub.origin, bench.profile(seconds=30))
    assert any("during the run" in text for text in finished.remarks("unsafe"))
    assert finished.outcome("load-unsafe") is Outcome.INCONCLUSIVE
    assert finished.status == 2


@pytest.mark.slow
def test_an_overloaded_target_is_no_other_server(bench: Bench) -> None:
    """Asked who it is it answers a signed 503: what it failed at before counts against it, and nothing is deleted."""
    stub = bench.stub(identity="overloaded", refuse_every=2)
    finished = bench.load(stub.origin, bench.profile(mix=WRITES, seconds=4))
    assert finished.outcome("slo-errors") is Outcome.FAIL
    assert finished.status == 1, finished.output
    assert not finished.remarks("unsafe")
    assert any("answered 503 when it was asked who it is" in text for text in finished.remarks("inconclusive"))
    assert not any(line[0] == "DELETE" and "/orders/" in line[1] for line in stub.requests())
    assert (finished.run / "load" / "left-behind.json").exists()


@pytest.mark.slow
def test_the_first_unproven_answer_ends_everything_and_the_rest_is_cleaned_later(bench: Bench) -> None:
    """One answer without proof: no more requests, no deletion, the rows are listed, and `load clean` removes them."""
    stub = bench.stub(unsigned_after=40)
    finished = bench.load(stub.origin, bench.profile(mix=WRITES, seconds=20))
    lines = stub.requests()
    assert finished.status == 2, finished.output
    assert any("without the target's proof" in text for text in finished.remarks("unsafe")), finished.output
    assert not any(line[0] == "DELETE" and "/orders/" in line[1] for line in lines)
    # What was in flight: the answers to at most 40 others that were under way, on a machine of any speed.
    assert sum(line[-1] == "1" for line in lines) <= 80
    left = json.loads((finished.run / "load" / "left-behind.json").read_text(encoding="utf-8"))
    assert left["clean_with"] == f"reglab load clean {finished.run}"
    assert left["rows"]
    cleaned = bench.clean(stub.origin, finished.run)
    assert cleaned.returncode == 2, "the stub still gives no proof"
    assert len(stub.requests()) <= len(lines) + 3


@pytest.mark.slow
def test_what_was_left_is_removed_by_its_own_command(bench: Bench) -> None:
    """A run whose target was lost for its end leaves its rows; with the target back, `load clean RUN` removes them.

    As long as another database is behind the same origin, with the same key, nothing is taken for removed.
    """
    stub = bench.stub(another_place_after=6)
    finished = bench.load(stub.origin, bench.profile(mix=WRITES, seconds=2))
    assert finished.status == 2, finished.output
    elsewhere = bench.clean(stub.origin, finished.run)
    assert elsewhere.returncode == 2
    assert "has another database behind it than the run had" in elsewhere.stderr
    assert (finished.run / "load" / "left-behind.json").exists()
    (stub.folder / "back").touch()
    again = bench.clean(stub.origin, finished.run)
    assert again.returncode == 0, again.stdout + again.stderr
    listed = urllib3.request("GET", f"{stub.origin}/api/customers/").json()
    assert listed["results"] == []
    assert not (finished.run / "load" / "left-behind.json").exists()


@pytest.mark.slow
def test_a_run_that_is_under_way_is_not_cleaned(bench: Bench) -> None:
    """Its rows are in use: `load clean` refuses, and the run ends as if nobody had asked."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(mix=WRITES, seconds=6))
    bench.wait_until_loaded(stub)
    refused = bench.clean(stub.origin, bench.folder / "run")
    assert refused.returncode == 2
    assert "its load test is under way" in refused.stderr
    finished = bench.finish(process)
    assert finished.status == 0, finished.output
    assert bench.clean(stub.origin, bench.folder / "run").returncode == 0


@pytest.mark.slow
def test_a_deployment_during_the_run_is_inconclusive(bench: Bench) -> None:
    """When the revision changes, the figures belong to no revision."""
    finished = bench.load(bench.stub(redeploy_after_s=2).origin, bench.profile(seconds=30))
    assert any("deployed anew" in text for text in finished.remarks("inconclusive"))
    assert finished.measured("target_revisions") == 2


@pytest.mark.parametrize(
    ("caps", "word"),
    [({"rate_rps_max": 10}, "arrivals a second"), ({"seconds_max": 3}, "seconds"), ({"writes_max": 5}, "writes")],
)
def test_a_profile_beyond_the_caps_is_refused(bench: Bench, caps: dict[str, float], word: str) -> None:
    """Rate, duration and writes each have a cap, and the refusal names which."""
    most = {"rate_rps_max": 1000, "seconds_max": 1000, "writes_max": 1000} | caps
    target = Target(origin="http://127.0.0.1:8000", environment="test", **most)  # type: ignore[arg-type]
    profile = find_profile(str(bench.profile(mix=WRITES)))
    with pytest.raises(LoadTestError, match=word):
        check_caps(target, profile=profile, planned=PlannedCounts(arrivals=200, writes=100, judged=160))


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000/", "http://127.0.0.1", "https://127.0.0.1:8000", "http://user@127.0.0.1:8000"]
)
def test_an_origin_counts_only_as_it_is_written(tmp_path: Path, origin: str) -> None:
    """A path, another port, another scheme, a user: none of them is the listed origin."""
    with pytest.raises(UnsafeTargetError):
        allowed_target(origin, targets=ROOT / "loadtests" / "targets.toml")


def test_the_token_and_the_key_are_printed_nowhere(bench: Bench) -> None:
    """Neither the output nor any file of a run holds the token or the key."""
    token = "a-token-nobody-may-see"
    finished = bench.load(bench.stub(identity="wrong-key").origin, bench.profile(), LOADTEST_TOKEN=token)
    written = finished.output + "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in finished.run.rglob("*") if path.is_file()
    )
    assert token not in written
    assert bench.environment("http://x")["LOADTEST_KEY"] not in written
    assert os.environ.get("LOADTEST_TOKEN", "") != token
