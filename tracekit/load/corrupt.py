"""Samples that can't be read: named, counted, and passed over up to a limit."""

import logging

from tracekit.core.errors import TracekitError

log = logging.getLogger("tracekit.load")


class Corrupt:
    """Those found so far. A sample counts once, however many epochs it is met in.

    Args:
        limit: how many are passed over.
        found: from a run that is taken up again.
    """

    def __init__(self, limit: int, found: dict[str, str] | None = None) -> None:
        self.limit = limit
        self.found = dict(found or {})
        """What is wrong by place: shard and key."""

    def add(self, error: TracekitError) -> None:
        """Count a sample, and tell it by the log ``tracekit.load``.

        Raises:
            TracekitError: there are more than the limit.
        """
        if error.place in self.found:
            return
        self.found[error.place] = error.message
        log.warning("passed over: %s", error)
        if len(self.found) > self.limit:
            raise TracekitError(
                f"{error.message}; {len(self.found)} samples can't be read, and {self.limit} may be passed over",
                place=error.place,
                remedy="run `tracekit shards verify` on the data set, or raise max_corrupt",
            ) from error
