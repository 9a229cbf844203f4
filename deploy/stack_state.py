"""The service's stack as CloudFormation describes it."""

from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An image by its digest, and the commit that it was built from."""

    image: str
    revision: str

    @property
    def digest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits."""
        return self.image.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{self.digest[:19]} of revision {self.revision[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """Status, parameters and outputs of the stack."""

    name: str
    status: str
    reason: str
    parameters: dict[str, str]
    outputs: dict[str, str]

    @classmethod
    def read(cls, described: dict[str, Any]) -> Self:
        """Read one stack of DescribeStacks."""
        return cls(
            name=described["StackName"],
            status=described["StackStatus"],
            reason=described.get("StackStatusReason", ""),
            parameters={each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])},
            outputs={each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])},
        )

    @property
    def current(self) -> Running:
        """Return what the stack runs, or is about to run."""
        return Running(image=self.parameters["Image"], revision=self.parameters["Revision"])

    @property
    def previous(self) -> Running | None:
        """Return what a rollback goes back to."""
        image = self.parameters.get("PreviousImage", "")
        return Running(image=image, revision=self.parameters["PreviousRevision"]) if image else None

    @property
    def in_progress(self) -> bool:
        """Return whether CloudFormation is still at work."""
        return self.status.endswith("_IN_PROGRESS")

    @property
    def rolled_back(self) -> bool:
        """Return whether the last update was undone."""
        return self.status.startswith("UPDATE_ROLLBACK")

    @property
    def settled(self) -> bool:
        """Return whether an update can begin."""
        return self.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}

    def with_image(self, wanted: Running, *, previous: Running) -> dict[str, str]:
        """Return the parameters that run `wanted`, and remember `previous`."""
        return {
            **replace(self).parameters,
            "Image": wanted.image,
            "Revision": wanted.revision,
            "PreviousImage": previous.image,
            "PreviousRevision": previous.revision,
        }
