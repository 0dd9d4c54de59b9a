"""How fast the terminal engines are: megabytes of output a CPU second, and how many times stock pyte.

    python benchmarks/emulators.py [--engine NAME ...] CAST_OR_FOLDER...

Stock pyte is fed event by event, as its users do, and its screen is not read. Ours are fed once a frame (1/15 s), and
every row that changed is read as cells, as the painter does. All run in one process on the same recordings, one after
the other for each recording, so that whatever else the machine does falls on all of them alike.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path

import pyte

from tracekit.casts.read import read_cast
from tracekit.core.clock import frame_of
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.terminal.engine import open_engine

STOCK = "stock pyte"


def stock(columns: int, rows: int, events: list[Event]) -> None:
    """Upstream pyte, event by event; what it raises on is left out."""
    stream = pyte.Stream(pyte.Screen(columns, rows))
    for event in events:
        try:
            stream.feed(event.data)
        except (IndexError, KeyError, TypeError, ValueError):
            continue


def ours(name: str, columns: int, rows: int, frames: list[str]) -> None:
    """An engine of ours, a frame at a time, with every changed row read."""
    engine = open_engine(name, columns, rows)
    for output in frames:
        for row in engine.feed(output):
            engine.cells(row)


def at_end(name: str, columns: int, rows: int, frames: list[str]) -> None:
    """An engine of ours, fed as fast as it takes it, the screen read once at the end."""
    engine = open_engine(name, columns, rows)
    engine.feed("".join(frames))
    for row in range(engine.rows):
        engine.cells(row)


def cpu_s(run: Callable[[], None]) -> float:
    """CPU seconds of the best of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casts", nargs="+", type=Path)
    parser.add_argument("--engine", action="append", help="an engine of ours (default: pyte and ghostty)")
    arguments = parser.parse_args()
    names: list[str] = arguments.engine or ["pyte", "ghostty"]
    for name in list(names):
        try:
            open_engine(name, 80, 24)
        except TracekitError as error:
            print(f"{name} is left out: {error}")
            names.remove(name)

    spent_s = dict.fromkeys([STOCK, *names, *(f"{name}, at end" for name in names)], 0.0)
    read, output_bytes, event_count, frame_count = 0, 0, 0, 0
    for path in [
        file for given in arguments.casts for file in (sorted(given.glob("*")) if given.is_dir() else [given])
    ]:
        try:
            header, events, _ = read_cast(path)
        except Rejected:
            continue
        columns, rows = header.columns, header.rows
        events = [event for event in events if event.code == "o"]
        by_frame = groupby(events, key=lambda event: frame_of(event.time_ns))
        frames = ["".join(event.data for event in group) for _, group in by_frame]
        spent_s[STOCK] += cpu_s(partial(stock, columns, rows, events))
        for name in names:
            spent_s[name] += cpu_s(partial(ours, name, columns, rows, frames))
            spent_s[f"{name}, at end"] += cpu_s(partial(at_end, name, columns, rows, frames))
        read += 1
        output_bytes += sum(len(event.data.encode()) for event in events)
        event_count += len(events)
        frame_count += len(frames)

    print(f"{read} casts, {output_bytes / 1e6:.2f} MB of output, {event_count:,} events in {frame_count:,} frames")
    for name, used_s in spent_s.items():
        print(f"{name:<16}{output_bytes / 1e6 / used_s:8.2f} MB/s {spent_s[STOCK] / used_s:7.1f} x stock pyte")


if __name__ == "__main__":
    main()
