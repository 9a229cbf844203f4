"""A week of a team in a repository: four branches from main, each accepted on its own, merged in every order."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Final

from tests.docs.followed import Repository, blocks_of

GET, POST, REVIEW, LOAD = (block.text for block in blocks_of("new-endpoint.md") if block.language == "diff")
EXTRA_QUERY, REFACTORING, _ = (block.text for block in blocks_of("accepting.md") if block.language == "diff")
BRANCHES: Final = ("new-get", "new-post", "extra-query", "refactoring")
_LEDGER: Final = "bench/ledger"


def made_week(
    folder: Path, *, new_endpoint: str, extra_query: str, variables: Mapping[str, str] | None = None
) -> Repository:
    """Return the repository on Friday: main, and four branches from it that have each been accepted on their own.

    `new_endpoint` and `extra_query` are the lines with which these branches are accepted.
    """
    repository = Repository.made(folder, variables=variables)
    repository.git("config", "merge.reglab-ledger.driver", "reglab ledger merge %O %A %B %P")
    _add_branch(repository, "new-get", [GET], new_endpoint)
    _add_branch(repository, "new-post", [POST], new_endpoint, then=[REVIEW, LOAD])
    _add_branch(repository, "extra-query", [EXTRA_QUERY], extra_query)
    _add_branch(repository, "refactoring", [REFACTORING], 'reglab audit --only change-customer --accept "A helper"')
    return repository


def _add_branch(
    repository: Repository, name: str, diffs: Sequence[str], accept: str, *, then: Sequence[str] = ()
) -> None:
    repository.git("switch", "--quiet", "--create", name, "main")
    for diff in diffs:
        repository.apply(diff)
    done = repository.shell(accept)
    assert done.returncode == 0, done.stdout
    for diff in then:
        repository.apply(diff)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", name)


def changed_ledger(repository: Repository, branch: str) -> list[str]:
    """Return what a branch changed of the ledger: "A" or "M", and the file's name."""
    lines = repository.git("diff", "--name-status", f"main...{branch}", "--", _LEDGER).splitlines()
    return [line.replace("\t", " ").replace(f"{_LEDGER}/", "") for line in lines]


def merged_trees(repository: Repository) -> Iterator[tuple[tuple[str, ...], str]]:
    """Merge the branches in every order, each beginning but once; yield the tree of each order."""
    heads: dict[tuple[str, ...], str] = {(): repository.git("rev-parse", "main").strip()}
    for order in permutations(BRANCHES):
        for count in range(1, len(order) + 1):
            if order[:count] in heads:
                continue
            repository.git("checkout", "--quiet", "--detach", heads[order[: count - 1]])
            repository.git("merge", "--quiet", "--no-edit", order[count - 1])
            heads[order[:count]] = repository.git("rev-parse", "HEAD").strip()
        yield order, repository.git("rev-parse", f"{heads[order]}^{{tree}}").strip()
