"""Walk along a list, a row a page, by the link to the next page that each answer gives."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from reglab.project.requests.json_content import json_content
from reglab.project.requests.test_client import Answer, Request

# As Django REST Framework, JSON:API and django-ninja name it.
_NEXT: Final = "next"
_LINKS: Final = "links"
_CURSOR: Final = "cursor"


def walk(request: Request, send: Callable[[Request], Answer], count: int) -> None:
    """Send the request for the first page, and those for at most `count` pages in all that follow one another."""
    page = _of_one_row(request)
    for _ in range(count):
        link = _next_of(send(page))
        if not link:
            return
        parts = urlsplit(link)
        page = replace(request, path=f"{parts.path}?{parts.query}")


def _of_one_row(request: Request) -> Request:
    """Ask for one row a page, from the beginning: each number of the query is 1, whichever says how many there are."""
    parts = urlsplit(request.path)
    pairs = [
        (name, "" if name == _CURSOR else "1" if value.isdecimal() else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return replace(request, path=parts._replace(query=urlencode(pairs)).geturl())


def _next_of(answer: Answer) -> str:
    try:
        content: Any = json_content(answer.body)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    links = content.get(_LINKS)
    link = content.get(_NEXT) or (links.get(_NEXT) if isinstance(links, dict) else None)
    return link if isinstance(link, str) and "?" in link else ""
