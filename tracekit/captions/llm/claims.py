"""What a caption claims that can be checked: quotations, literals in plain words, numbers, keys, colours, topics."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tracekit.captions.llm.known import Evidence
from tracekit.captions.llm.numbers import QUOTE_MARK, numbers_of
from tracekit.captions.llm.topics import COLOR, ERROR, TOPICS, kin

Kind = Literal["quote", "literal", "error", "number", "key", "color", "topic"]

_QUOTES = re.compile(
    r"(?P<ticks>`+)(?P<a>[^`]+)(?P=ticks)(?!`)|“(?P<b>[^“”]*)”|\"(?P<c>[^\"]*)\"|«(?P<d>[^«»]*)»|‘(?P<e>[^‘’]*)’(?!\w)"
    r"|(?<![\w'])'(?P<f>[^'\n]+)'(?!\w)"
)
_LITERAL = re.compile(
    r"(?P<url>\b(?:https?|ftp|ssh|git)://[^\s,;)]+|\bwww\.[\w.-]+[^\s,;)]*)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)*(?::[~/][^\s,;)]*)?)"
    r"|(?P<path>(?<![\w/.])(?:~|\.{1,2})?/[\w.@+~-]+(?:/[\w.@+~-]+)*/?|(?<![\w/.])~/|(?<![\w/])[\w.-]+(?:/[\w.-]+){2,}"
    r"|(?<![\w/])[\w-]+/[\w.-]*\.\w+)"
    r"|(?P<option>(?<![\w-])--?[A-Za-z][\w-]*(?:=[^\s,;)]+)?)"
    r"|(?P<call>\b\w[\w.]*\(\))"
    r"|(?P<file>(?<![\w.])\.?[\w-]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,7}(?![\w.]*\())"
    r"|(?P<name>\b\w*[a-z0-9]_\w+|\b[A-Z]+_\w+|\b[a-z]+[a-z0-9]*[A-Z]\w*|\b\w+(?:Error|Exception)\b"
    r"|\b(?:SIG[A-Z]{3,}|E(?:NOENT|ACCES|EXIST|INVAL|PERM|PIPE|ADDRINUSE|CONN[A-Z]+))\b"
    r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b|\$[A-Z_]{2,})"
)
_ABBREVIATIONS = {"e.g", "i.e", "a.m", "p.m", "etc", "vs", "node.js", "u.s"}
_BRANDS = {"macOS", "iOS", "iPad", "iPhone", "eBPF", "iTerm", "iTerm2", "kB", "kHz", "mA", "pH", "eBay"}
_RUN = re.compile(
    r"\b(?:runs?|running|executes?|executing|types?|typing|enters?|entering|invokes?|issues?|launches)\s+(?:the\s+)?"
    r"(?:command\s+)?(?P<command>(?:sudo\s+)?(?:git|docker|kubectl|npm|pip3?|cargo|apt(?:-get)?|brew|make|curl|wget|ssh|"
    r"python3?|node|ls|cd|cat|grep|echo|mkdir|rm|cp|mv|chmod|sed|awk|tail|head|find|pytest|systemctl|go)\b"
    r"(?:\s+(?!and\b|or\b|to\b|in\b|on\b|at\b|with\b|which\b|that\b|the\b|a\b|command\b|is\b)[\w./~=:@*+-]+){0,3})"
)
_KEY = re.compile(r"\b(?:(?:Ctrl|Control|Alt|Super|Meta)(?:[-+]\w+)+|F(?:[1-9]|1[0-2]))\b", re.IGNORECASE)
_PLAIN_KEYS = {"enter", "tab", "space", "backspace", "escape", "up", "down", "left", "right"}
_KEY_NAMES = {"return": "enter", "esc": "escape", "cr": "enter", "up arrow": "up", "down arrow": "down",
              "left arrow": "left", "right arrow": "right"}  # fmt: skip


class Claim(NamedTuple):
    """Something that a caption says and that holds or doesn't."""

    kind: Kind
    text: str
    """As the caption has it."""
    holds: bool


class Read(NamedTuple):
    """A caption taken apart."""

    quotes: list[str]
    """What stands between marks of quotation, backticks among them."""
    prose: str
    """The rest; where a quotation stood, there is a mark that is no word."""


def read(caption: str) -> Read:
    """Tell what a caption quotes from what it says in its own words."""
    quotes: list[str] = []

    def take(found: re.Match[str]) -> str:
        quotes.append(next(text for text in found.group("a", "b", "c", "d", "e", "f") if text is not None))
        return QUOTE_MARK

    return Read(quotes, _QUOTES.sub(take, caption))


def claims_of(caption: str, evidence: Evidence) -> list[Claim]:
    """All that a caption claims, checked: each once."""
    found = read(caption)
    claims = [Claim("quote", quote, _is_shown(quote, evidence)) for quote in found.quotes if quote.strip()]
    prose = found.prose
    for kind, text in literals(prose):
        claims.append(Claim(kind, text, evidence.shows(text) or evidence.names(text)))
        prose = prose.replace(text, QUOTE_MARK)
    claims += [Claim("number", text, holds) for text, holds in numbers_of(prose, found.quotes, evidence)]
    claims += [Claim("key", key[0], _is_pressed(key[0], evidence)) for key in _KEY.finditer(prose)]
    claims += [Claim("color", word, _is_colored(word, evidence)) for word in COLOR.findall(prose)]
    claims += _topics(prose, evidence)
    return list(dict.fromkeys(claims))


def literals(prose: str) -> Iterator[tuple[Kind, str]]:
    """What looks copied from a screen, though nothing marks it: paths, names, options, commands, errors."""
    for found in _RUN.finditer(prose):
        yield "literal", found["command"].rstrip(".")
    for found in _LITERAL.finditer(prose):
        text = found[0].rstrip(".")
        if text.lower().rstrip(".") not in _ABBREVIATIONS and text not in _BRANDS:
            yield "literal", text
    for found in ERROR.finditer(prose):
        yield "error", found[0]


def _is_shown(quote: str, evidence: Evidence) -> bool:
    """Whether a quotation stands there; the name of a key may be quoted, too."""
    is_key = _KEY.fullmatch(quote) or _key(quote) in _PLAIN_KEYS
    return evidence.shows(quote) or (bool(is_key) and _is_pressed(quote, evidence))


def _is_pressed(key: str, evidence: Evidence) -> bool:
    """Whether a key was pressed, however its name is written; on a screen, ^C says it, too."""
    wanted = _key(key)
    if not evidence.keys and wanted in _PLAIN_KEYS:  # most recordings have no keystrokes, and still they are pressed
        return True
    return any(_key(known) == wanted for known in evidence.keys) or evidence.names(key) or (
        wanted.startswith("ctrl+") and evidence.shows("^" + wanted[-1].upper())
    )  # fmt: skip


def _key(name: str) -> str:
    name = name.casefold().strip("<>[] ").replace("-", "+").replace("control+", "ctrl+")
    return _KEY_NAMES.get(name, name)


def _is_colored(word: str, evidence: Evidence) -> bool:
    """Whether a colour is to be seen, by a name of like hue, or named on the screen."""
    seen = {name for color in evidence.colors for name in color.split()}
    return bool(seen.intersection(kin(word))) or evidence.names(word)


def _topics(prose: str, evidence: Evidence) -> Iterator[Claim]:
    for topic, vouched in TOPICS:
        if found := topic.search(prose):
            yield Claim("topic", found[0], bool(vouched.search(evidence.folded)))
