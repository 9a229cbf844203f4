"""The manifests of a fleet on Kubernetes: valid by the published schemas, without privilege, and of one size."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.load.conftest import ROOT

MANIFESTS = ROOT / "deploy" / "load" / "fleet.yaml"
SCHEMA = Path(__file__).with_name("kubernetes-1.37.json")
KINDS = {"Job": "io.k8s.api.batch.v1.Job", "Service": "io.k8s.api.core.v1.Service"}


@cache
def documents() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the manifests by kind and name."""
    read = yaml.safe_load_all(MANIFESTS.read_text(encoding="utf-8"))
    return {(document["kind"], document["metadata"]["name"]): document for document in read}


def errors_of(document: dict[str, Any]) -> list[str]:
    """Return what the published schema has against a manifest."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["$ref"] = f"#/definitions/{KINDS[document['kind']]}"
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(document)]


def container(name: str) -> dict[str, Any]:
    """Return the one container of a Job."""
    (found,) = documents()["Job", name]["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_each_manifest_is_valid() -> None:
    """A master with its Service, and workers: nothing that the cluster would refuse."""
    assert list(documents()) == [("Service", "load-master"), ("Job", "load-master"), ("Job", "load-workers")]
    assert {name: errors_of(document) for name, document in documents().items() if errors_of(document)} == {}


def test_the_schema_refuses_a_misspelt_key() -> None:
    """What keeps the test above honest: one letter more is an error."""
    document = json.loads(json.dumps(documents()["Job", "load-workers"]))
    document["spec"]["parallelisms"] = 4
    assert errors_of(document)


def test_as_many_workers_come_as_the_master_expects() -> None:
    """`parallelism` and `--expect-workers` are one number, and the master does not wait for ever."""
    workers = documents()["Job", "load-workers"]["spec"]
    arguments = container("load-master")["args"]
    assert f"--expect-workers={workers['parallelism']}" in arguments
    assert workers["completions"] == workers["parallelism"]
    assert any(argument.startswith("--expect-workers-max-wait=") for argument in arguments)
    assert (
        f"--master-host={documents()['Service', 'load-master']['metadata']['name']}"
        in container("load-workers")["args"]
    )


@pytest.mark.parametrize("name", ["load-master", "load-workers"])
def test_no_container_has_a_privilege_and_each_has_a_core_of_its_own(name: str) -> None:
    """Not root, no capability, a root that is read only; requests equal limits; key and token are secrets."""
    pod = documents()["Job", name]["spec"]["template"]["spec"]
    security = container(name)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert (security["allowPrivilegeEscalation"], security["readOnlyRootFilesystem"]) == (False, True)
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert container(name)["resources"]["requests"] == container(name)["resources"]["limits"]
    variables = {one["name"]: one for one in container(name)["env"]}
    assert all("secretKeyRef" in variables[secret]["valueFrom"] for secret in ("LOADTEST_KEY", "LOADTEST_TOKEN"))
