"""Lines of keys in TOML files."""

from reglab.config.toml_lines import line_of

TEXT = '''# a comment
schema_version = 1
[axes.orders]
sizes = [1]
[[scenario]]
name = "a"
text = """
[[scenario]]
name = "not one"
"""
[[scenario]]
name = "b"
writes.orders_order = { update = 1 }
[[scenario.growth]]
counter = "queries"
'''


def test_a_key_at_the_top() -> None:
    """A top-level key has its own line."""
    assert line_of(TEXT, ("schema_version",)) == 2


def test_a_key_of_the_second_table_of_an_array() -> None:
    """Arrays of tables are counted, and what a long string holds is not."""
    assert line_of(TEXT, ("scenario", 1, "name")) == 12


def test_a_key_inside_an_inline_table() -> None:
    """What has no line of its own is shown at the line that holds it."""
    assert line_of(TEXT, ("scenario", 1, "writes", "orders_order", "update")) == 13


def test_a_nested_array() -> None:
    """An array inside an array of tables belongs to the last one before it."""
    assert line_of(TEXT, ("scenario", 1, "growth", 0, "counter")) == 15


def test_a_whole_array_is_at_its_first_table() -> None:
    """A complaint about all tables of a name, such as that the name is unknown, is shown where the name is first."""
    assert line_of(TEXT, ("scenario",)) == 5


def test_a_table_that_is_only_there_in_parts_is_at_its_first_part() -> None:
    """`[axes.orders]` is where `axes` begins."""
    assert line_of(TEXT, ("axes",)) == 3
