"""Hook of mkdocs: a link out of the docs' folder leads to nothing on the site, so that its words alone are shown."""

import re
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./[^)]*|schema/[^)]*|decisions/)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return a page whose links into the repository are code."""
    return _OUTSIDE.sub(lambda match: match[1] if "`" in match[1] else f"`{match[1]}`", markdown)
