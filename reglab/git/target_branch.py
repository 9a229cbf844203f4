"""Branch that a pull request goes to, as the CI server names it in a job's environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Each server's documented variable; a revision comes before a name, because the branch may have gone on since.
_VARIABLES: Final = (
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",  # GitLab
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "GITHUB_BASE_REF",  # GitHub, Gitea, Forgejo
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",  # Azure Pipelines
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "CHANGE_TARGET",  # Jenkins, multibranch
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a variable of the job's environment says a pull request goes to."""

    variable: str
    value: str

    @property
    def names(self) -> tuple[str, ...]:
        """Return what git may know it as: a clone in a job often has no local branches."""
        name = self.value.removeprefix("refs/heads/")
        return (f"origin/{name}", name)


def targets_of_job(environment: Mapping[str, str]) -> tuple[Target, ...]:
    """Return what the job's environment says; nothing where it is no job of a pull request."""
    found = ((name, environment.get(name, "")) for name in _VARIABLES)
    return tuple(Target(variable=name, value=value) for name, value in found if value)
