"""Text from a record, made safe to print: no control character moves a cursor or hides a word."""


def one_line(text: str) -> str:
    """Return `text` on one line, each unprintable character as U+FFFD."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))


def lines(text: str) -> list[str]:
    """Return the lines of `text`, each unprintable character as U+FFFD."""
    spaced = text.replace("\t", "    ")
    return ["".join(each if each.isprintable() else "\ufffd" for each in line) for line in spaced.splitlines()]
