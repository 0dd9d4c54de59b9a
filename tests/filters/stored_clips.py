"""Clips of terminals as filters measure them, made of the text that they show."""

import numpy as np

from tracekit.core.events import Event
from tracekit.filters.measure import StoredClip
from tracekit.shards.events import dump_events
from tracekit.terminal.cells import Cursor, Style
from tracekit.terminal.grid import GridBuilder


def stored(*lines: str, typed: str = "", **provenance: str) -> StoredClip:
    """A clip whose one screen shows these lines, and in which something is typed."""
    columns = max([1, *map(len, lines)])
    builder = GridBuilder()
    rows = [np.array([ord(one) for one in line.ljust(columns)], dtype=np.uint64) for line in lines or [""]]
    builder.frame(rows, None, Cursor(0, 0))
    files = {
        "cells.npz": builder.build([Style()], []).save(),
        "events.jsonl": dump_events([Event(0, "i", typed)] if typed else []),
    }
    return StoredClip("clip", {"kind": "terminal", "provenance": {"uri": "a.cast", **provenance}}, files)
