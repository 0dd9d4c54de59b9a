"""Clips whose screen is written in another language than those that are wanted.

Languages are told by py3langid: a model of 5 MB that comes with the package, asks nothing of the network, and says the
same on every machine. (lingua is better on single words, at twenty times the size; langdetect draws lots.)
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.shards.sample import Decision

MOST_LETTERS = 4000
"""Of a clip that are looked at: what costs the time."""
PASSAGE = 160
"""Characters of prose that are told at a time, about: a few lines, so that a quote in another language shows."""
LEAST_CONFIDENCE = 0.3
"""Below it a passage counts as of no language: menus and keys get about 0.1, a sentence of any language over 0.4."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Letters of scripts in which words stand without blanks between them, or are short: CJK, Thai, Lao, Burmese, Khmer."""
_CODE = re.compile(r"[{}\[\]<>|=;$\\_@#`~^*]|--|::|\.\w|/\w|\w\(|^\s*(?:[-d][-rwx]{9}|import|def|class|return)\b")
"""What prose has next to none of: brackets, sigils, options, paths, calls, names with dots."""


class Language(ClipFilter):
    """Reject clips in which too small a share of the prose on the screen is in one of these languages.

    Commands, code, paths and tables are no prose and do not count. Where there is too little prose to tell, the clip
    stays.
    """

    measure_version: ClassVar[int] = 1

    allow: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = Field(
        ["en"], min_length=1, description="ISO 639 codes, as py3langid knows them"
    )
    min_share: float = Field(0.5, ge=0, le=1, description="Share of the letters in prose that are of these languages")
    min_letters: int = Field(60, ge=1, description="Letters in prose below which nothing is told")

    @field_validator("allow")
    @classmethod
    def _are_known(cls, allow: list[str]) -> list[str]:
        known = _identifier().labels
        if unknown := sorted(set(allow) - set(known)):
            problem = "No language is known as {unknown}; known are {known}"
            raise PydanticCustomError(
                "language", problem, {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
            )
        return allow

    def measure(self, clip: StoredClip) -> dict[str, int]:
        """Letters in prose by language, the most first."""
        letters: dict[str, int] = {}
        for passage in passages(clip.lines):
            language, confidence = _identifier().classify(passage)
            if confidence >= LEAST_CONFIDENCE:
                letters[language] = letters.get(language, 0) + sum(map(str.isalpha, passage))
        return dict(sorted(letters.items(), key=lambda found: (-found[1], found[0])))

    def judge(self, candidate: Candidate) -> Decision:
        """Score: share of the letters in prose that are of the wanted languages; null where there are too few."""
        letters: dict[str, int] = candidate.measured["language"]
        total = sum(letters.values())
        if total < self.min_letters:
            return Decision(filter="language", keep=True, threshold=self.min_share)
        share = sum(letters.get(language, 0) for language in set(self.allow)) / total
        keep = share >= self.min_share
        reason = (
            "" if keep else f"{share:.0%} of its prose is in {', '.join(self.allow)}; most is in {next(iter(letters))}"
        )
        return Decision(filter="language", keep=keep, score=round(share, 4), threshold=self.min_share, reason=reason)


def passages(lines: Sequence[str]) -> Iterator[str]:
    """The prose among the lines of a screen, a few lines at a time, up to MOST_LETTERS characters of it."""
    passage, taken = "", 0
    for line in lines:
        if not is_prose(line):
            continue
        words = " ".join(_WORD.findall(line))[: MOST_LETTERS - taken]
        taken += len(words)
        passage = f"{passage} {words}".strip()
        if len(passage) >= PASSAGE or taken >= MOST_LETTERS:
            yield passage
            passage = ""
        if taken >= MOST_LETTERS:
            return
    if passage:
        yield passage


def is_prose(line: str) -> bool:
    """Whether a line is likely to be a sentence, or a piece of one, and not code, a command, a path or a table."""
    line = line[:MOST_LETTERS].strip()
    words = _WORD.findall(line)
    dense = len(_DENSE.findall(line))
    if len(words) < 4 and dense < 6:
        return False
    letters = sum(map(len, words))
    blanks = sum(map(str.isspace, line))
    return letters >= 0.8 * (len(line) - blanks) and len(_CODE.findall(line)) <= len(words) // 8


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second, for those who ask for it

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
