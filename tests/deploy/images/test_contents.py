"""Contents of the service's image."""

import json
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.images.containers import LOCKED_DOWN, PODMAN, SERVICE, run
from tests.deploy.material import ROOT

pytestmark = pytest.mark.slow

MARKERS = """
import json, os, platform, sys
version = platform.python_version()
print(json.dumps({"python_full_version": version, "python_version": ".".join(version.split(".")[:2]),
                  "sys_platform": sys.platform, "os_name": os.name, "platform_system": platform.system(),
                  "platform_machine": platform.machine(), "platform_python_implementation": "CPython",
                  "implementation_name": sys.implementation.name}))
"""


def test_the_image_holds_what_it_needs_and_no_tools(images: None) -> None:
    """No compiler and no installer of packages in the service's environment, no harness, no tests, no history."""
    found = run(*PODMAN, "run", "--rm", *LOCKED_DOWN, SERVICE, "sh", "-c", "ls /app /app/venv/bin")
    names = set(found.split())
    assert {"service", "rds-ca.pem", "gunicorn"} <= names
    assert not names & {"pip", "reglab", "tests", "bench", ".git", "manage.py"}
    compilers = "command -v gcc cc g++ make || true"
    assert run(*PODMAN, "run", "--rm", *LOCKED_DOWN, SERVICE, "sh", "-c", compilers) == ""


def test_syft_lists_what_is_in_it(images: None, tmp_path: Path) -> None:
    """The bill of materials names Django, and every package of the service's lock with its version."""
    archive, bill = tmp_path / "image.tar", tmp_path / "sbom.json"
    run("podman", "save", "--quiet", "--format", "docker-archive", "--output", str(archive), SERVICE)
    syft = Path(sys.executable).parent / "syft"
    run(str(syft), "scan", f"docker-archive:{archive}", "--quiet", "--output", f"spdx-json={bill}")
    packages = {
        (each["name"].lower(), each["versionInfo"])
        for each in json.loads(bill.read_text())["packages"]
        if "versionInfo" in each
    }
    locked = [
        Requirement(line.removesuffix(" \\"))
        for line in (ROOT / "requirements/service.txt").read_text(encoding="utf-8").splitlines()
        if line[:1].isalnum()
    ]
    # The lock is for every platform: the image's own packages are those whose markers fit its interpreter.
    there = json.loads(run(*PODMAN, "run", "--rm", *LOCKED_DOWN, SERVICE, "python", "-c", MARKERS))
    names = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in locked
        if each.marker is None or each.marker.evaluate(there)
    }
    assert names[canonicalize_name("django")]
    listed = {canonicalize_name(name): version for name, version in packages}
    assert {name: listed.get(name) for name in names} == names
