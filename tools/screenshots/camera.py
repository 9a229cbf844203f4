"""Pictures of the report's first screen: small, and with the words that they show, so that a stale one is found."""

from io import BytesIO
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page

_COLOURS: Final = 24  # the page has few; the edges of letters need some
_WORDS: Final = "words"


def first_words(page: Page) -> str:
    """Return the answer and the first cause as text: what a fresh picture would show, whatever the machine's fonts."""
    parts = page.evaluate(
        "[document.querySelector('h1'), document.querySelector('article dl')?.parentElement]"
        ".filter(Boolean).map((each) => each.innerText)"
    )
    return " ".join(" ".join(parts).split())


def picture_of(page: Page) -> bytes:
    """Return the window of a page as a PNG of few colours, which holds its first words."""
    shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
    information = PngInfo()
    information.add_itxt(_WORDS, first_words(page))
    stream = BytesIO()
    shot.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True, pnginfo=information
    )
    return stream.getvalue()


def words_of(picture: bytes) -> str:
    """Return the words that a picture was taken of."""
    return str(Image.open(BytesIO(picture)).info.get(_WORDS, ""))
