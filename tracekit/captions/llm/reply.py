"""From what a model said to captions by tier, or to what is wrong with it in words that the model can act on."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracekit.captions.llm.request import Reply

CUT: Final = "the answer was cut off before its end; write less"
NOT_JSON: Final = "the answer is not a JSON object with a text for each caption"
MISSING: Final = "it is missing from the answer"
EMPTY: Final = "it is empty"
REFUSED: Final = "it is a refusal; only describe what is recorded"

_REFUSAL = re.compile(
    r"(?:i['’]?\s?a?m (?:very )?sorry|sorry,|i (?:can['’]?t|can ?not|won['’]?t|am (?:not able|unable)|do not have|"
    r"don['’]t have)\b|i['’]m (?:not able|unable)|as an? (?:ai|(?:large )?language model)\b|unfortunately, i\b)",
    re.IGNORECASE,
)


class Told(NamedTuple):
    """What a reply has for one tier."""

    text: str
    fault: str = ""
    """Why it can't be a caption, whatever stands on the screen; '' if nothing is wrong with it so far."""


def read_reply(reply: Reply, tiers: Sequence[str]) -> Mapping[str, Told]:
    """Take a reply apart.

    Args:
        reply: JSON as the schema has it, or whatever else models and servers say.
        tiers: what was asked for.

    Returns:
        One for each of the tiers.
    """
    if reply.refusal or reply.finish_reason == "content_filter":
        return dict.fromkeys(tiers, Told("", REFUSED))
    if reply.finish_reason == "length":
        return dict.fromkeys(tiers, Told("", CUT))
    if not reply.text.strip():
        return dict.fromkeys(tiers, Told("", EMPTY))
    texts = _object(reply.text)
    if texts is None:
        return dict.fromkeys(tiers, Told("", REFUSED if _REFUSAL.match(reply.text.strip()) else NOT_JSON))
    return {tier: _told(texts.get(tier)) for tier in tiers}


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is, or that stands in it: servers without structured output fence it."""
    start, end = text.find("{"), text.rfind("}") + 1
    try:
        found = json.loads(text[start:end]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _told(value: Any) -> Told:
    if not isinstance(value, str):
        return Told("", MISSING)
    text = _one_line(value)
    return Told(text, "" if text else EMPTY)


def _one_line(text: str) -> str:
    """A text without line breaks, control characters and halves of surrogate pairs."""
    return "".join(char if char.isprintable() else " " * char.isspace() for char in text).strip()
