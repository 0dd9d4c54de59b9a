"""The fenced blocks of the documents, as a reader copies them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(
    r"^```(?P<kind>\w*)(?: +title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """A fenced block of a document."""

    kind: str
    """Language: ``python``, ``text``, ``yaml``, ``console``, ..."""
    title: str
    """Of a file that a reader is to write, its path; '' of others."""
    text: str
    line: int
    """Of the document, at which its text begins, from 1."""


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(found["kind"], found["title"] or "", found["text"], text.count("\n", 0, found.start("text")) + 1)
        for found in _FENCE.finditer(text)
    ]
