"""The code host that a CI job runs for: its branch, and the addresses of a line of the project and of the artifacts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from reglab.errors import GitError
from reglab.git.command import Git


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHost:
    """The address that files of one revision begin with, and that of the job; both empty where no CI job is known.

    `branch` is the one that is judged, at a desk the one that is checked out. `folder` is the working folder as it is
    seen from the repository's top, for a project that is a part of it.
    """

    files: str = ""
    artifacts: str = ""
    folder: str = ""
    branch: str = ""

    @classmethod
    def of_job(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the host of this job: GitHub's or GitLab's variables name it."""
        if environment.get("GITHUB_ACTIONS") == "true" and "GITHUB_REPOSITORY" in environment:
            project = f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{environment['GITHUB_REPOSITORY']}"
            return cls(
                files=f"{project}/blob/{environment.get('GITHUB_SHA', 'HEAD')}",
                artifacts=f"{project}/actions/runs/{environment.get('GITHUB_RUN_ID', '')}#artifacts",
                folder=_folder(environment.get("GITHUB_WORKSPACE", "")),
                branch=environment.get("GITHUB_HEAD_REF") or environment.get("GITHUB_REF_NAME", ""),
            )
        if environment.get("GITLAB_CI") == "true" and "CI_PROJECT_URL" in environment:
            return cls(
                files=f"{environment['CI_PROJECT_URL']}/-/blob/{environment.get('CI_COMMIT_SHA', 'HEAD')}",
                artifacts=f"{environment.get('CI_JOB_URL', environment['CI_PROJECT_URL'])}/artifacts/browse",
                folder=_folder(environment.get("CI_PROJECT_DIR", "")),
                branch=environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
                or environment.get("CI_COMMIT_REF_NAME", ""),
            )
        return cls(branch=_checked_out())

    def path(self, file: str) -> str:
        """Return a file's path as the repository knows it."""
        return f"{self.folder}/{file}" if self.folder and not Path(file).is_absolute() else file

    def line(self, file: str, line: int) -> str:
        """Return the address of a line; empty where no host is known, and for a file outside of the project."""
        if not self.files or Path(file).is_absolute() or ".." in Path(file).parts:
            return ""
        return f"{self.files}/{self.path(file)}#L{line}"


NO_HOST: Final = CodeHost()


def _checked_out() -> str:
    try:
        name = Git(folder=Path.cwd()).text("rev-parse", "--abbrev-ref", "HEAD")
    except GitError:
        return ""
    return "" if name == "HEAD" else name


def _folder(top: str) -> str:
    here = Path.cwd()
    if not top or not here.is_relative_to(Path(top).resolve()):
        return ""
    below = here.relative_to(Path(top).resolve()).as_posix()
    return "" if below == "." else below
