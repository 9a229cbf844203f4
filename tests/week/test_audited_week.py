"""The same week by the audit alone, on a database in memory: quick enough for every change of this repository."""

import pytest

from tests.docs.followed import Repository
from tests.week.weeks import BRANCHES, changed_ledger, made_week, merged_trees

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository on Friday: the callers' matrix is left as it is, because no audit of the work judges it."""
    return made_week(
        tmp_path_factory.mktemp("week") / "repository",
        new_endpoint="reglab init --update",
        extra_query='reglab audit --only delete-item --accept "Shipped lines stay"',
        variables={"DATABASE_URL": "sqlite:///:memory:"},
    )


def test_branches_merge_in_every_order_to_one_tree_that_passes_the_audit(week: Repository) -> None:
    """A branch touches the ledger of its own scenario alone; 24 orders give one tree, and the whole audit passes it."""
    assert {branch: changed_ledger(week, branch) for branch in BRANCHES} == {
        "new-get": ["A get-api-customers-pk-total.json"],
        "new-post": ["A post-api-orders-pk-reopen.json"],
        "extra-query": ["M delete-item.json"],
        "refactoring": [],
    }
    trees = dict(merged_trees(week))
    assert len(trees) == 24
    assert len(set(trees.values())) == 1, trees
    done = week.shell("reglab audit")
    assert done.returncode == 0, done.stdout
