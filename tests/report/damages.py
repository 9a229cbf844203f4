"""Damages to a record's text: what a disk, an editor, or a bad merge leaves."""


def edit_a_value(text: str) -> str:
    return text.replace('"values":[900]', '"values":[901]')


def cut_the_footer(text: str) -> str:
    return text[: text.rstrip("\n").rindex("\n") + 1]


def cut_in_a_line(text: str) -> str:
    return text[:-40]


def double_a_line(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:2], *lines[1:]])


def swap_two_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([lines[0], lines[2], lines[1], *lines[3:]])


def raise_the_version(text: str) -> str:
    return text.replace('"schema_version":1', '"schema_version":2')


def misspell_a_metric(text: str) -> str:
    return text.replace('"metric":"requests"', '"metric":"reqests"')


def empty(_: str) -> str:
    return ""


def strip_the_digests(text: str) -> str:
    bodies = (line.rpartition(',"chain":')[0] for line in text.splitlines())
    return "".join(f"{body}}}\n" for body in bodies)
