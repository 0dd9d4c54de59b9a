"""What an opt-out list takes out of a data set, that of derived ones included."""

import re
from typing import Protocol

import pyarrow as pa

REASON = "opted-out"
COLUMNS = ("uri", "sha256", "recording", "key")
_SUFFIXES = re.compile(r"(-[sr][0-9]+)+$")
"""Behind the keys of a selection: of the data set that a sample is from, and which repeat it is. The keys that builds
give end with the number of the clip."""


class Deny(Protocol):
    """A list of what must not be in a data set."""

    def entry_for(self, *, uri: str, sha256: str, recording: str = "", key: str = "") -> str | None:
        """The entry that names a clip, or an input; None if none does."""


def is_denied(index: pa.Table, deny: Deny) -> list[bool]:
    """Whether a list names each row.

    Args:
        index: rows with COLUMNS, those of inputs that were rejected whole without recording and key.
        deny: an entry for a key also names the copies of that sample that a selection made.
    """
    rows = zip(*(index[name].to_pylist() for name in COLUMNS), strict=True)
    return [_names(deny, uri or "", sha256 or "", recording or "", key or "") for uri, sha256, recording, key in rows]


def _names(deny: Deny, uri: str, sha256: str, recording: str, key: str) -> bool:
    keys = {key, _SUFFIXES.sub("", key)}
    return any(deny.entry_for(uri=uri, sha256=sha256, recording=recording, key=one) is not None for one in keys)
