"""Drafted scenarios have unique, legal names for any path."""

import re

from reglab.project.drafting.names import Names


def test_paths_that_read_alike_get_names_of_their_own() -> None:
    """`price_list`, `price-list`, a trailing slash, the root."""
    names = Names()
    found = [
        names.for_endpoint("GET", path) for path in ("/price_list/", "/price-list/", "/parts", "/parts/", "/", "/root/")
    ]
    assert found == ["get-price-list", "get-price-list-2", "get-parts", "get-parts-2", "get-root", "get-root-2"]


def test_any_path_gives_a_legal_name() -> None:
    """Letters of other scripts and signs are left out; what is left is what a suite takes."""
    for path in ("/größe/{pk}/", "/заказы/", "/a.b/~c/", "/{slug}/"):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", Names().for_endpoint("DELETE", path))


def test_names_of_the_suite_are_not_given_again() -> None:
    """An update adds beside what is there."""
    assert Names(["get-parts"]).for_endpoint("GET", "/parts/") == "get-parts-2"
