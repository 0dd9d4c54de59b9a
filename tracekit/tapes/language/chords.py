"""Keys that go with Ctrl, Alt and Shift: which of them vhs takes, and how a tape writes them.

vhs reads the key after a modifier as it reads any word. So ``Ctrl+s`` and ``Ctrl+1`` are none (a unit of time and a
number), ``Ctrl+"s"`` and ``Ctrl+S`` are; and ``Alt+"s"`` presses nothing, since vhs finds its text among its keywords.
"""

from tracekit.tapes.language.lexer import KEYWORDS, UNITS, Token
from tracekit.tapes.language.program import Place
from tracekit.tapes.language.quotes import quoted

SWITCHES = ("Alt", "Shift")
"""The modifiers that go with Ctrl, and stand alone too."""

_NOWHERE = Place(1, 1)
_CTRL_NAMES = ("Enter", "Space", "Backspace", "Left", "Right", "Up", "Down")
_CTRL_SYMBOLS = ("-", "@", "[", "]", "^", "\\")
_SWITCH_WORDS = ("Enter", "Tab", "[", "]")
_CONTROLS = {"\t": "Tab", "\b": "Backspace", "\x1b": "Escape"}
_CHARACTERS = _CONTROLS | {" ": "Space", "←": "Left", "↑": "Up", "→": "Right", "↓": "Down"}
"""Characters for which vhs presses a key by name; of others that go with Alt or Shift it presses printable ASCII."""
_NO_TEXT = KEYWORDS | UNITS | {"true", "false"}


def ctrl_key(token: Token) -> str | None:
    """The key that a word after ``Ctrl+`` stands for; None if it is none."""
    text = token.text
    if token.kind == "keyword" and text in _CTRL_NAMES:
        return text
    if token.kind == "symbol" and text in _CTRL_SYMBOLS:
        return text
    if token.kind == "string" and len(text) == 1 and text.isascii() and text != " ":  # vhs falls over a space
        return _CONTROLS.get(text, text)
    return None


def switch_keys(token: Token) -> list[str] | None:
    """The keys that a word after ``Alt+`` or ``Shift+`` stands for, [''] if it presses none; None if it is no key."""
    text = token.text
    if token.kind in ("keyword", "symbol", "string") and text in _SWITCH_WORDS:
        return [text]
    if token.kind != "string":
        return None
    if text in _NO_TEXT:
        return [""]
    return [_CHARACTERS.get(char, char) for char in text if char in _CHARACTERS or " " <= char <= "~"] or [""]


def write_ctrl_key(key: str) -> str:
    """A key as it stands after ``Ctrl+``.

    Raises:
        ValueError: it can't stand there.
    """
    if key in _CTRL_NAMES or key in _CTRL_SYMBOLS:
        return key
    text = {name: char for char, name in _CONTROLS.items()}.get(key, key)
    return _written(text, ctrl_key(Token("string", text, _NOWHERE)) == key, "Ctrl")


def write_switch_key(key: str) -> str:
    """A key as it stands after ``Alt+`` and ``Shift+``.

    Raises:
        ValueError: it can't stand there.
    """
    if key in _SWITCH_WORDS:
        return key
    text = {name: char for char, name in _CHARACTERS.items()}.get(key, key)
    return _written(text, switch_keys(Token("string", text, _NOWHERE)) == [key], "Alt or Shift")


def _written(text: str, can_be: bool, modifier: str) -> str:
    if not can_be or text in ("\0", "\n", "\r"):
        raise ValueError(f"{text!r} is not a key that goes with {modifier}")
    bare = text == "." or (text.isalpha() and text not in UNITS)
    return text if bare else quoted(text)
