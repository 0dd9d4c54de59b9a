"""What is known of a clip: what a model is told of it, and what a caption's claims are checked against."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

_SHORT = 40
"""Up to so many characters a text must stand on the screen as words of its own, not within others."""
_FLOWING = 8
"""From so many on, blanks left aside, it may also run over the end of a row."""
_ALIKE = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—―−", '\'\'\'\'""""""-------')
_PARTED = re.compile(r"< (?=[^\s<>]{1,40}>|[|])|(?<=[|]) (?=>)")
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|\[\.\.\.\])\s*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@dataclass(frozen=True)
class Evidence:
    """One clip. Words of a caption may be said if they stand here."""

    kind: Literal["terminal", "desktop"]
    text: str
    """For the prompt, within its budget; recorded text behind bars."""
    screens: tuple[tuple[str, ...], ...]
    """The rows of each distinct screen; of a desktop the titles of its windows."""
    typed: str = ""
    """All that was typed, and what the source says the clip is to do; a line each."""
    keys: frozenset[str] = frozenset()
    """Every key pressed, by name: ``Ctrl-C``, ``Enter``, ``q``."""
    told: str = ""
    """What we say of the clip ourselves: its programs, its deeds."""
    counts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Numbers that a caption may give of things, by the singular of the thing: ``row``, ``click``."""
    times_s: tuple[float, ...] = ()
    """Instants and lengths of time that a caption may give."""
    colors: frozenset[str] = frozenset()
    """Names of colours, as `tracekit.captions.colors` gives them."""

    @property
    def screen(self) -> str:
        """Every line shown, once each."""
        return "\n".join(dict.fromkeys(line for screen in self.screens for line in screen))

    @cached_property
    def lines(self) -> str:
        """Every line shown or typed, normalised by `plain`, a line each."""
        return "\n".join(filter(None, map(plain, f"{self.screen}\n{self.typed}".splitlines())))

    @cached_property
    def folded(self) -> str:
        """The same, and what is told, in small letters."""
        return f"{self.lines}\n{plain(self.told)}".casefold()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number shown, typed or told; of one with several points, as of a version, its beginnings, too."""
        found = set(numbers_in(f"{self.lines}\n{self.told}"))
        versions = [number.split(".") for number in found if number.count(".") > 1]
        return frozenset(found | {".".join(parts[:end]) for parts in versions for end in range(1, len(parts))})

    @property
    def has_words(self) -> bool:
        """Whether there is anything to quote: a word of three letters."""
        return bool(re.search(r"[^\W\d_]{3}", self.lines))

    def shows(self, text: str) -> bool:
        """Whether a piece of text stands on the screen or was typed.

        Blanks count as one, quotation marks and dashes as their plain kin, and a stop at the end not at all. An
        ellipsis stands for whatever is between two pieces. A text of eight characters or more may run on from row to
        row, as wrapped lines do. Letters keep their case, but for the first. What was typed may be cut anywhere.
        """
        wanted = plain(text)
        if not wanted or wanted in self.keys or wanted in self._input or self._has(wanted):
            return True
        pieces = [piece for piece in _ELLIPSIS.split(wanted) if piece]
        if len(pieces) > 1 or pieces != [wanted]:
            return bool(pieces) and all(len(piece) > 1 and self.shows(piece) for piece in pieces)
        shorter = wanted.rstrip(".,;:!?")
        return any(self._has(variant) for variant in (shorter, wanted[:1].swapcase() + wanted[1:]) if variant != wanted)

    def names(self, word: str) -> bool:
        """Whether a word stands anywhere, in letters of either case, as a word of its own."""
        return _stands(plain(word).casefold(), self.folded)

    def _has(self, wanted: str) -> bool:
        if not wanted:
            return False
        if _stands(wanted, self.lines):
            return True
        squeezed = wanted.replace(" ", "")
        return len(squeezed) >= _FLOWING and _stands(squeezed, self._flow, within=r"\d")

    @cached_property
    def _input(self) -> str:
        return plain(self.typed)

    @cached_property
    def _flow(self) -> str:
        """Each screen without blanks, its rows run together."""
        return "\n".join(plain("".join(screen)).replace(" ", "") for screen in self.screens)


def plain(text: str) -> str:
    """Text for comparing: NFKC, quotation marks and dashes as ASCII, blanks as one, marks of templates whole again."""
    text = " ".join(unicodedata.normalize("NFKC", text).translate(_ALIKE).split())
    return _PARTED.sub(lambda found: found[0].strip(), text)


def numbers_in(text: str) -> list[str]:
    """The numbers in a text, without the commas that group digits and zeros that say nothing."""
    return [_tidy(number) for number in _NUMBER.findall(_GROUPING.sub("", text))]


def _tidy(number: str) -> str:
    return number.rstrip("0").rstrip(".") if number.count(".") == 1 and "," not in number else number


def _stands(wanted: str, text: str, within: str = "") -> bool:
    """Whether a text holds a piece; a short one not as a part of a longer word, or of what ``within`` matches."""
    is_part = re.compile(within or r"\w", re.ASCII).match
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        cut = (text[at - 1 : at], wanted[0]), (wanted[-1], text[end : end + 1])
        if len(wanted) > _SHORT or not any(is_part(left) and is_part(right) for left, right in cut):
            return True
        at = text.find(wanted, at + 1)
    return False
