"""An account on the stand-in: moto's server on 127.0.0.1, all stacks on it, and AWS's own command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.deploy.material import ROOT
from tests.deploy.standin.clients import client
from tests.deploy.standin.registration import register

AWS = Path(sys.executable).parent / "aws"
REVISION = "b" * 40
HOST_NAME = "orders.example.com"


def image(letter: str) -> str:
    """Return the address of an image whose digest is 64 times `letter`."""
    return f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders/service@sha256:{letter * 64}"


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a fresh account; every client of AWS in this process and its children talks to it."""
    register()
    # The default address is every interface of the machine.
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    try:
        yield url
    finally:
        server.stop()


def aws(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run AWS's own command line."""
    return subprocess.run([str(AWS), *arguments], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)


def certificate() -> str:
    """Return the ARN of a certificate for the host."""
    arn: str = client("acm").request_certificate(DomainName=HOST_NAME)["CertificateArn"]
    return arn


def parameters(environment: str, **others: str) -> dict[str, str]:
    """Return the parameters of an environment's service stack."""
    return {
        "Environment": environment,
        "Image": image("a"),
        "PoolerImage": image("f"),
        "Revision": REVISION,
        "HostName": HOST_NAME,
        "CertificateArn": certificate(),
        "AlarmEmail": "ops@example.com",
        **others,
    }


def deploy(stack: str, template: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Deploy one stack as docs/deploy.md says."""
    overrides = [f"{name}={value}" for name, value in values.items()]
    return aws(
        *("cloudformation", "deploy", "--stack-name", stack, "--template-file", str(template)),
        *("--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", *overrides),
    )


def create(stack: str, template: str, **values: str) -> None:
    """Make one stack through the interface: as `deploy`, but without the command line's seconds of waiting."""
    client("cloudformation").create_stack(
        StackName=stack,
        TemplateBody=(ROOT / f"deploy/stack/{template}.yaml").read_text(encoding="utf-8"),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
    )
