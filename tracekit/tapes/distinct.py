"""How many of a stream of things are different ones, in little memory."""

import hashlib

_BYTES = 8
"""Of a fingerprint: two of a million texts fall together by chance in one of some forty million corpora."""


class Distinct:
    """Counts texts, and the different ones among them."""

    def __init__(self) -> None:
        self.total = 0
        self._seen: set[bytes] = set()

    def add(self, text: str) -> bool:
        """Take a text in; whether it is a new one."""
        self.total += 1
        fingerprint = hashlib.blake2b(text.encode(), digest_size=_BYTES).digest()
        new = fingerprint not in self._seen
        self._seen.add(fingerprint)
        return new

    @property
    def different(self) -> int:
        """How many different texts there were."""
        return len(self._seen)

    @property
    def share(self) -> float:
        """The different ones of all, 0 to 1; 1 where there were none."""
        return self.different / self.total if self.total else 1.0
