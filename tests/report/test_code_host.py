"""Addresses of a CI job: of lines and artifacts, for a project that is a part of its repository, too."""

from dataclasses import replace
from pathlib import Path

import pytest

from reglab.git.code_host import CodeHost
from reglab.report.renderings import markdown
from reglab.report.renderings.ci import github, gitlab, sarif
from tests.report.examples import n_plus_one

LINE = "service/orders/serializers.py"


@pytest.fixture
def in_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CodeHost:
    """A job of GitHub whose project lies in a folder of the checkout."""
    (tmp_path / "sites" / "shop").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "sites" / "shop")
    return CodeHost.of_job(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SHA": "4055911",
            "GITHUB_RUN_ID": "7",
            "GITHUB_HEAD_REF": "faster-list",
            "GITHUB_REF_NAME": "12/merge",
            "GITHUB_WORKSPACE": str(tmp_path),
        }
    )


def test_a_line_is_linked_where_the_repository_has_it(in_github: CodeHost) -> None:
    """The comment links the line under the project's folder, at the revision that was measured, and the artifact."""
    text = markdown.render(replace(n_plus_one(), host=in_github))
    assert f"(https://github.example/acme/shop/blob/4055911/sites/shop/{LINE}#L27)" in text
    assert "(https://github.example/acme/shop/actions/runs/7#artifacts)" in text
    assert in_github.branch == "faster-list"


def test_annotations_name_the_file_as_the_repository_knows_it(in_github: CodeHost) -> None:
    """Otherwise a code host would show none of them for a project in a folder."""
    verdict = replace(n_plus_one(), host=in_github)
    assert f"file=sites/shop/{LINE},line=27" in github.render(verdict)
    assert f'"sites/shop/{LINE}"' in gitlab.render(verdict)
    assert f'"sites/shop/{LINE}"' in sarif.render(verdict)


def test_gitlab_names_its_own() -> None:
    """A job of GitLab has its addresses in other variables."""
    host = CodeHost.of_job(
        {
            "GITLAB_CI": "true",
            "CI_PROJECT_URL": "https://gitlab.example/acme/shop",
            "CI_COMMIT_SHA": "4055911",
            "CI_JOB_URL": "https://gitlab.example/acme/shop/-/jobs/7",
            "CI_PROJECT_DIR": str(Path.cwd()),
        }
    )
    assert host.line("shop/views.py", 3) == "https://gitlab.example/acme/shop/-/blob/4055911/shop/views.py#L3"
    assert host.artifacts == "https://gitlab.example/acme/shop/-/jobs/7/artifacts/browse"


@pytest.mark.parametrize("file", ["/usr/lib/python3/x.py", "../elsewhere.py"])
def test_a_file_of_another_place_has_no_address(in_github: CodeHost, file: str) -> None:
    """A library's line is not in the repository."""
    assert in_github.line(file, 3) == ""


def test_outside_of_a_job_there_is_no_address() -> None:
    """At a desk nothing is linked, and paths stay as they are."""
    host = CodeHost.of_job({})
    assert (host.line("shop/views.py", 3), host.path("shop/views.py")) == ("", "shop/views.py")
    assert "](http" not in markdown.render(n_plus_one())
