"""Faults of a caption that need no clip to be seen, and take its score to 0, as sentences for a model."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from tracekit.captions.llm import prompts
from tracekit.captions.llm.claims import Read
from tracekit.captions.llm.known import Evidence, plain
from tracekit.captions.llm.numbers import QUOTE_MARK

WORDS: Mapping[str, tuple[int, int]] = {"semantic": (12, 140), "regular": (9, 140), "detailed": (14, 200)}
"""Fewest and most words of each tier: about a fifth of the paper's means (55, 52, 76 words, Neural Computers, Table 3),
as a still screen has little to tell, and two and a half times of them."""
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "a an the is are was be been of to in on at by for from with as and or but then after before while when which "
        "that this it its into out up down no not all each one two three some more than over through",
    )
)
_LEAST_ENGLISH = 0.15
"""Share of the little words above among the words outside quotations. English prose has 0.35 to 0.5, captions that list
names 0.2 and more; other languages and word salad less than a tenth."""
_LEAST_LATIN = 0.9
"""Share of ASCII letters among the letters outside quotations."""
_LEAKED = 9
"""So many words in a row may not be from the prompt."""
_SENTENCE = 4
"""A sentence of so many words may not come twice, unless it quotes something."""
_MOST_REPEATED = 0.5
"""Share of word triples that may be repetitions of others. Captions by rules stay under 0.4, in lists of deeds."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

_MISSING = re.compile(
    r"\b(?:not|n't|never) (?:\w+ )?(?:specified|provided|mentioned|stated|disclosed|indicated|described|discernible|"
    r"legible|given|visible|shown|known|clear|possible to (?:tell|determine|say|see))\b"
    r"|\b(?:unspecified|undisclosed|unclear|undetermined|indeterminate|unidentified)\b"
    r"|\b(?:is|are|remains?) (?:unknown|omitted|left out|hidden from view|illegible|unreadable)\b"
    r"|\b(?:no|without|lacks?|lacking|insufficient|missing) (?:\w+ )?(?:information|details?|context|specifics)\b"
    r"|\b(?:cannot|can't|could not|couldn't|can not|unable to) (?:be )?"
    r"(?:determined?|inferred|infer|tell|seen?|made out|identif(?:y|ied)|known|discern(?:ed)?)\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\b(?:user(?:name)?@host(?:name)?|username@\w+|\w+@hostname)\b"
    r"|\b(?:your|my)[_-](?:\w+[_-])*(?:name|user|host|key|token|password|file|path|project|repo|domain)\b"
    r"|<(?!(?:enter|return|esc|escape|tab|space|cr|backspace|up|down|left|right|ctrl|alt|shift|c|f\d+)\b)"
    r"(?:\w+[ _-]?){1,3}>"
    r"|\[(?:user ?name|host ?name|path|file ?name|command|output|name|date|time|number|text|placeholder|directory|"
    r"redacted|insert[^\]]*)\]|\{\{?\w+\}?\}"
    r"|\bplace-?holders?\b|\blorem ipsum\b|\bTODO\b|\bN/A\b|\bXX+\b|\bfoo ?bar\b",
    re.IGNORECASE,
)
_LEAK = re.compile(
    r"\bas an? (?:AI|language model|assistant)\b|\bI (?:am|'m|cannot|can't|will|have|apologi[sz]e)\b|\bI'm sorry\b"
    r"|\bhere (?:is|are) (?:the|a|your) (?:\w+ )?(?:captions?|descriptions?|json)\b"
    r"|^\W*(?:semantic|regular|detailed|caption)\W*:"
    r"|[{,]\s*\"?(?:semantic|regular|detailed)\"?\s*:|</?(?:s|think|tool_call|assistant|user|system)>|<\|.{0,40}\|>"
    r"|\[/?INST\]|```|^#{1,4} |\b(?:the|this) (?:record(?:ed)? (?:text|material)|evidence|transcript|json object)\b"
    r"|\b(?:as|was) instructed\b|\b(?:semantic|regular|detailed) (?:caption|tier)\b|\bbehind (?:a|the) bars?\b",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def form_faults(caption: str, read: Read, tier: str, evidence: Evidence) -> Iterator[str]:
    """What is wrong with a caption as a piece of text.

    Args:
        caption: the text.
        read: the same taken apart.
        tier: semantic, regular or detailed.
        evidence: of the clip: what stands on its screen may be said, even if it looks like a placeholder.
    """
    words = caption.split()
    least, most = WORDS[tier]
    if len(words) < least:
        yield f"it has only {len(words)} words; write at least {least}"
    if len(words) > most:
        yield f"it has {len(words)} words; write at most {most}"
    if any(map(_is_control, caption.strip())) or "\ufffd" in read.prose:
        yield "it holds line ends or control characters; write one paragraph of plain text"
    if "`" in read.prose or '"' in read.prose:
        yield "a backtick or quotation mark is opened and not closed"
    yield from _language(read.prose)
    if found := _MISSING.search(read.prose):
        yield f"it talks about what is not known ({found[0]!r}); leave out what the clip does not show"
    for found in _PLACEHOLDER.finditer(caption):
        if not evidence.shows(found[0]) and not evidence.names(found[0]):
            yield f"{found[0]!r} is a placeholder; name only what stands on the screen, or nothing"
    if (found := _LEAK.search(caption)) and not evidence.shows(found[0]):
        yield f"it talks about the task or repeats its marks ({plain(found[0])!r}); describe only the clip"
    if (copied := _copied(caption)) and not evidence.names(copied):
        yield f"it repeats the instructions or the example ({copied!r}); describe this clip"
    yield from _repetition(read.prose)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _language(prose: str) -> Iterator[str]:
    letters = [char for char in prose if char.isalpha()]
    words = [word.lower() for word in _WORD.findall(prose)]
    english = sum(word in _ENGLISH for word in words)
    if letters and sum(map(str.isascii, letters)) < _LEAST_LATIN * len(letters):
        yield "it is not in English; write English"
    elif english < _LEAST_ENGLISH * len(words) or not words:
        yield "it does not read as English sentences; write plain English sentences"


def _copied(caption: str) -> str:
    """The first words in a row that the prompt has, too."""
    words = [word.lower() for word in _WORD.findall(caption)]
    runs = (tuple(words[at : at + _LEAKED]) for at in range(len(words) - _LEAKED + 1))
    known = _prompt_runs()
    return next((" ".join(run) for run in runs if run in known), "")


@cache
def _prompt_runs() -> frozenset[tuple[str, ...]]:
    """Every few words in a row of every version of the prompts."""
    found: set[tuple[str, ...]] = set()
    for text in prompts.texts():
        words = [word.lower() for word in _WORD.findall(text)]
        found |= {tuple(words[at : at + _LEAKED]) for at in range(len(words) - _LEAKED + 1)}
    return frozenset(found)


def _repetition(prose: str) -> Iterator[str]:
    """Words that come again and again outside quotations: those of a screen may repeat."""
    sentences = Counter(text for text in _SENTENCE_END.split(prose.lower()) if QUOTE_MARK not in text)
    again = [text for text, count in sentences.items() if count > 1 and len(text.split()) >= _SENTENCE]
    words = _WORD.findall(prose.lower())
    triples = Counter(tuple(words[at : at + 3]) for at in range(len(words) - 2))
    if len(triples) < (1 - _MOST_REPEATED) * triples.total():
        again.append(" ".join(triples.most_common(1)[0][0]))
    if again:
        yield f"it repeats itself ({again[0]!r}); say each thing once"
