"""The characters of a text that somebody has to be able to read."""

# Line ends and controls (Unicode's categories Cc, Zl and Zp): nowhere in a name.
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
# Nothing is seen of these alone: blanks (Zs), formats (Cf), private use (Co), and letters, marks and symbols that are
# drawn as nothing (fillers, joiners, variation selectors). Surrogates (Cs) are refused before. A test holds the list
# against Python's own table of Unicode.
_INVISIBLE = (
    r"\x20\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    r"\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
# At least one character that shows, and no control character. What comes before the first that shows cannot be one, so
# that no text is looked through twice: validators run on texts that are far too long as well.
VISIBLE = rf"^[{_INVISIBLE}]*[^{_CONTROLS}{_INVISIBLE}][^{_CONTROLS}]*\Z"
# The same as far as ASCII goes: what the API's schema says.
VISIBLE_IN_ASCII = r"^\x20*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
