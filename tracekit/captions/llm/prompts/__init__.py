"""The prompts, by version: what a model is told it is to do. A version's texts are never changed once they are used."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from tracekit.captions.llm.fence import defused
from tracekit.captions.llm.known import Evidence
from tracekit.core.errors import TracekitError

VERSIONS: Final = ("v1",)
TIERS: Final = ("semantic", "regular", "detailed")
_NAMES = (
    "system", "system_desktop", "semantic", "regular", "detailed", "ask", "again", "example", "example_desktop",
    *(f"{example}_{tier}" for example in ("example", "example_desktop") for tier in TIERS),
)  # fmt: skip
_CHARACTERS: Final = {"semantic": (60, 700), "regular": (45, 750), "detailed": (70, 1100)}
"""Fewest and most characters of a tier: room for twice the paper's mean lengths (55, 52, 76 words)."""


@dataclass(frozen=True)
class Prompts:
    """One version."""

    name: str
    files: dict[str, str]
    """Text by name."""

    @property
    def sha256(self) -> str:
        """Of all its texts: what decides about captions, with the model and its sampling."""
        content = json.dumps(self.files, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def messages(self, evidence: Evidence, tiers: Sequence[str], fault: str | None = None) -> list[dict[str, str]]:
        """The conversation that asks for captions: rules, an example, and the clip.

        Args:
            evidence: of the clip.
            tiers: which, in order.
            fault: what was wrong with an earlier answer, in words.
        """
        desktop = "_desktop" if evidence.kind == "desktop" else ""
        system = "\n\n".join([self.files[f"system{desktop}"], *(self.files[tier] for tier in tiers)])
        ask = self.files["ask"].replace("{tiers}", ", ".join(tiers))
        answer = {tier: self.files[f"example{desktop}_{tier}"] for tier in tiers}
        again = f"\n\n{self.files['again'].replace('{fault}', defused(fault))}" if fault else ""
        return [
            {"role": "system", "content": system},
            {"role": "user", "content": f"{self.files[f'example{desktop}']}\n\n{ask}"},
            {"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)},
            {"role": "user", "content": f"{evidence.text}\n\n{ask}{again}"},
        ]

    def schema(self, tiers: Sequence[str]) -> dict[str, Any]:
        """The JSON schema of an answer: one bounded string a tier and nothing else."""
        bounds = {tier: _CHARACTERS[tier] for tier in tiers}
        return {
            "type": "object",
            "properties": {
                tier: {"type": "string", "minLength": least, "maxLength": most}
                for tier, (least, most) in bounds.items()
            },
            "required": list(tiers),
            "additionalProperties": False,
        }


@cache
def load(name: str) -> Prompts:
    """Read a version of the prompts.

    Raises:
        TracekitError: there is none of that name.
    """
    if name not in VERSIONS:
        raise TracekitError(f"there are no prompts named {name!r}", remedy=f"known: {', '.join(VERSIONS)}")
    folder = files(__name__) / name
    return Prompts(name, {file: (folder / f"{file}.txt").read_text("utf-8").strip() for file in _NAMES})


def texts() -> list[str]:
    """All texts of all versions."""
    return [text for version in VERSIONS for text in load(version).files.values()]
