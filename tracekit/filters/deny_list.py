"""Lists of what must not be in a data set: whose owners opted out, say.

An entry a line, ``#`` begins a comment, blank lines mean nothing::

    uri:somebody__*            # the input's name in the data set; * stands for anything
    sha256:9f86d081884c7d65... # of the input's bytes
    recording:cast-9f86d081    # the recording's key, and so all of its clips
    key:cast-9f86d081-0003     # one clip
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder

KINDS = ("uri", "sha256", "recording", "key")
REASON = "opted-out"
"""By which clips are rejected that a list names."""
_ENTRY = re.compile(rf"({'|'.join(KINDS)}):\s*(\S.*)")


@dataclass(frozen=True)
class DenyList:
    """The entries of a list, by their kind."""

    exact: Mapping[str, frozenset[str]]
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    """Of uris with ``*``: as written, and what they match."""

    def entry_for(self, *, uri: str, sha256: str, recording: str = "", key: str = "") -> str | None:
        """The first entry that names a clip, or an input, as the list has it; None if none does."""
        values = {"uri": uri, "sha256": sha256, "recording": recording, "key": key}
        for kind, value in values.items():
            if value in self.exact.get(kind, ()):
                return f"{kind}:{value}"
        return next((f"uri:{text}" for text, pattern in self.patterns if pattern.fullmatch(uri)), None)


def read_deny_list(url: str) -> DenyList:
    """Read a list from a path, or from any URL that fsspec knows; errors as of `parse_deny_list`."""
    folder, _, name = url.rpartition("/")
    return parse_deny_list(Folder(folder or ("/" if url.startswith("/") else ".")).read(name), url)


def parse_deny_list(data: bytes, name: str) -> DenyList:
    """Read a list.

    Args:
        data: its bytes, UTF-8.
        name: what errors call it.

    Raises:
        TracekitError: a line is no entry. A list that is misread would keep what must go.
    """
    exact: dict[str, set[str]] = {kind: set() for kind in KINDS}
    patterns = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            text = re.sub(r"(^|\s)#.*", "", line.decode("utf-8")).strip()
        except UnicodeDecodeError as error:
            raise TracekitError("not UTF-8", place=f"{name}:{number}") from error
        if not text:
            continue
        found = _ENTRY.fullmatch(text)
        if not found:
            remedy = f"write {', '.join(f'{kind}:...' for kind in KINDS)}"
            raise TracekitError(f"not an entry: {text[:80]!r}", place=f"{name}:{number}", remedy=remedy)
        kind, value = found[1], found[2]
        if kind == "uri" and "*" in value:
            patterns.append((value, re.compile(".*".join(map(re.escape, re.split(r"\*+", value))), re.DOTALL)))
        elif kind == "sha256" and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            raise TracekitError(f"not a sha256: {value[:80]!r}", place=f"{name}:{number}",
                                remedy="give all 64 hex digits")  # fmt: skip
        else:
            exact[kind].add(value.lower() if kind == "sha256" else value)
    return DenyList({kind: frozenset(values) for kind, values in exact.items()}, tuple(patterns))
