"""The gate that a caption by a model must pass: what it says must stand on the screen, and it must be a caption.

The rule, in full:

* **Form** (`tracekit.captions.llm.form`): too short or long for its tier, not English, control characters, talk about
  missing information, placeholders, pieces of the prompt or of JSON, repetition, offensive words that the clip does not
  show. Each takes the score to 0.
* **Claims** (`tracekit.captions.llm.claims`): everything quoted, everything that looks copied from a screen (commands,
  paths, names of files, addresses, options, identifiers, texts of errors), numbers with what they count, keys, colours,
  and topics that need something on the screen behind them. The score is the share of claims that hold.
* A claim that does not hold halves the score, as it would teach a model of computers to read wrong; a topic does not,
  as its pattern may not know a word of the screen. So does anything copied in the semantic tier, which has no literals,
  and a regular or detailed caption of a terminal that copies nothing of a screen that has words.

With the default bar of 0.8 a caption passes if its form is right, nothing in it is made up that can be looked up, and
of all its claims one in five at most is a topic that nothing vouches for.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tracekit.captions.llm.claims import Claim, claims_of, read
from tracekit.captions.llm.form import form_faults
from tracekit.captions.llm.known import Evidence
from tracekit.core.toxic_words import weights, words_in

BAR = 0.8
"""The score from which a caption stands."""
_PENALTY = 0.5
_LONGEST = 4000
"""Characters; what is longer is not looked at, so that no text takes long."""
_COPIED = ("quote", "literal", "error")
_TOLD = {
    "quote": "it quotes `{}`, which is not on the screen; quote letter by letter or not at all",
    "literal": "it names {}, which is not on the screen; use only what stands there",
    "error": "it tells of the error {!r}, which is not on the screen",
    "number": "{!r} does not agree with the clip; give only numbers that stand there",
    "key": "the key {} is not pressed; name only keys that are",
    "color": "nothing on the screen is {}; name only colours that are given",
    "topic": "nothing on the screen is about {!r}; say what is there",
}


class Verdict(NamedTuple):
    """What the gate says of a caption."""

    score: float
    """From 0 to 1; see the rule above."""
    faults: tuple[str, ...]
    """What is wrong, each as a sentence that a model can act on; the worst first."""


def judge(text: str, tier: str, evidence: Evidence) -> Verdict:
    """Judge a caption; any text gets a verdict.

    Args:
        text: the caption.
        tier: ``semantic``, ``regular`` or ``detailed``.
        evidence: of the clip.
    """
    if not text.strip():
        return Verdict(0.0, ("it is empty; write a caption",))
    if len(text) > _LONGEST:
        return Verdict(0.0, (f"it has {len(text)} characters; write one short paragraph",))
    found = read(text)
    hard = list(form_faults(text, found, tier, evidence))
    toxic = sorted(set(words_in(text)).intersection(weights()))
    hard += [f"the word {word!r} is offensive; leave it out" for word in toxic if not evidence.names(word)]
    claims = claims_of(text, evidence)
    failed = [claim for claim in claims if not claim.holds]
    faults = [_TOLD[claim.kind].format(claim.text) for claim in failed]
    tier_faults = list(_tier_faults(tier, claims, evidence))
    invented = any(claim.kind != "topic" for claim in failed)
    score = 1 - len(failed) / len(claims) if claims else 1.0
    if invented or tier_faults:
        score *= _PENALTY
    return Verdict(0.0 if hard else score, tuple(dict.fromkeys([*hard, *tier_faults, *faults])))


def _tier_faults(tier: str, claims: list[Claim], evidence: Evidence) -> Iterator[str]:
    """What a tier must not have, or must."""
    copied = [claim.text for claim in claims if claim.kind in _COPIED]
    if tier == "semantic" and copied:
        yield f"it copies {copied[0]!r} from the screen; say in general words what happens"
    if tier != "semantic" and not copied and evidence.kind == "terminal" and evidence.has_words:
        yield "it quotes nothing of the screen; give the commands and the text that it shows in backticks"
