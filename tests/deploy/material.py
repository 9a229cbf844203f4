"""The files that production is made of, as texts, so that a fault can be planted in one of them."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import yaml
from cfnlint.decode.cfn_yaml import loads

ROOT = Path(__file__).parents[2]
STACKS = ("registry", "network", "data", "service", "canary")
LIMITS = "service/server/limits.py"
FILES = (
    *(f"deploy/stack/{name}.yaml" for name in STACKS),
    "deploy/image/Dockerfile",
    "deploy/image/Dockerfile.pooler",
    "deploy/image/Dockerfile.load",
    "deploy/image/Dockerfile.dockerignore",
    "deploy/image/Dockerfile.load.dockerignore",
    "deploy/image/pgbouncer.ini",
    "deploy/image/compose.yaml",
    LIMITS,
    ".github/workflows/ci.yml",
    ".github/workflows/deploy.yml",
    "reglab/report/policy.toml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One text for each file."""

    texts: dict[str, str]

    @classmethod
    def read(cls) -> Self:
        return cls(texts={name: (ROOT / name).read_text(encoding="utf-8") for name in FILES})

    def edited(self, file: str, before: str, after: str) -> Self:
        """Return a copy in which `before`, that occurs in `file`, is `after` at its first place."""
        assert before in self.texts[file], f"{file} holds no {before!r}"
        return replace(self, texts={**self.texts, file: self.texts[file].replace(before, after, 1)})

    def template(self, stack: str) -> dict[str, Any]:
        return parsed(self.texts[f"deploy/stack/{stack}.yaml"])

    def resources(self, stack: str, kind: str = "") -> dict[str, Any]:
        """Return the properties of the stack's resources of one type, or of all, by logical name."""
        resources = self.template(stack)["Resources"].items()
        return {name: each.get("Properties", {}) for name, each in resources if not kind or each["Type"] == kind}

    def containers(self, stack: str = "service") -> dict[str, Any]:
        """Return the definitions of all containers of a stack, by name."""
        tasks = self.resources(stack, "AWS::ECS::TaskDefinition").values()
        return {each["Name"]: each for task in tasks for each in task["ContainerDefinitions"]}

    def default(self, stack: str, parameter: str) -> Any:
        return self.template(stack)["Parameters"][parameter]["Default"]

    def pgbouncer(self) -> dict[str, str]:
        lines = (line.partition("=") for line in self.texts["deploy/image/pgbouncer.ini"].splitlines())
        return {key.strip(): value.strip() for key, equals, value in lines if equals and not key.startswith((";", "#"))}

    def server(self) -> dict[str, Any]:
        """Return the server's limits, by name."""
        names: dict[str, Any] = {}
        exec(compile(self.texts[LIMITS], LIMITS, "exec"), names)  # noqa: S102
        return names

    def workflow(self, name: str = "deploy") -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.texts[f".github/workflows/{name}.yml"])
        return found


@lru_cache
def parsed(template: str) -> dict[str, Any]:
    """Return a template with short forms written out: `!Ref x` as {"Ref": "x"}."""
    found: dict[str, Any] = loads(template)
    return found


def variables(container: dict[str, Any], kind: str = "Environment") -> dict[str, Any]:
    """Return a container's environment, or its secrets, by name; what only staging has is among them."""
    found = {}
    for each in container.get(kind, []):
        each = each["Fn::If"][1] if "Fn::If" in each else each  # noqa: PLW2901
        found[each["Name"]] = each["Value" if kind == "Environment" else "ValueFrom"]
    return found


def as_list(value: Any) -> list[Any]:
    """Return a policy's value, that may be one or several, as several."""
    return value if isinstance(value, list) else [value]
