"""cfn-lint has no complaint about any template."""

from tests.deploy.linters import lint
from tests.deploy.material import STACKS, Material


def test_templates_pass_cfn_lint(material: Material) -> None:
    """Types, properties, values and references of every template are ones that CloudFormation knows."""
    assert {name: found for name in STACKS if (found := lint(material.texts[f"deploy/stack/{name}.yaml"]))} == {}
