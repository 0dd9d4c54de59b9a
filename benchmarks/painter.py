"""What painting costs: CPU milliseconds a recorded second, terminals fed at 15 frames a second.

    python benchmarks/painter.py [--engine NAME] CAST...

Every changed frame is painted into yuv420p planes at 13 px; frames without output are not, as in a build.
"""

import argparse
import time
from itertools import groupby
from pathlib import Path

from tracekit.casts.read import open_cast
from tracekit.core.clock import frame_of, seconds
from tracekit.core.errors import TracekitError
from tracekit.terminal.engine import open_engine
from tracekit.terminal.painter import Look, Painter


def measure(path: Path, engine_name: str) -> tuple[float, float, float, int, int]:
    """Recorded seconds, CPU seconds of feeding and of painting, frames fed and frames that painted something."""
    with open_cast(path) as cast:
        header, events = cast.header, [event for event in cast if event.code == "o"]
    engine = open_engine(engine_name, header.columns, header.rows)
    start = time.process_time()
    painter = Painter(Look(), header.columns, header.rows)
    planes = painter.new_planes()
    paint_s, feed_s, fed, painted = time.process_time() - start, 0.0, 0, 0
    for _, group in groupby(events, key=lambda event: frame_of(event.time_ns)):
        start = time.process_time()
        changed = engine.feed("".join(event.data for event in group))
        middle = time.process_time()
        painted += painter.paint(engine, changed, planes)
        paint_s += time.process_time() - middle
        feed_s += middle - start
        fed += 1
    return seconds(events[-1].time_ns) if events else 0.0, feed_s, paint_s, fed, painted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("casts", nargs="+", type=Path)
    parser.add_argument("--engine", default="ghostty")
    options = parser.parse_args()
    rows = []
    for path in options.casts:
        try:
            rows.append(measure(path, options.engine))
        except TracekitError:
            continue  # not a recording that can be read
    recorded_s, feed_s, paint_s, fed, painted = (sum(column) for column in zip(*rows, strict=True))
    print(f"{len(rows)} recordings, {recorded_s:.0f} s, {fed} frames with output, {painted} that changed the picture")
    print(f"{options.engine} engine: {1000 * feed_s / recorded_s:.2f} ms CPU a recorded second")
    print(f"painting:  {1000 * paint_s / recorded_s:.2f} ms CPU a recorded second, {1000 * paint_s / fed:.3f} a frame")


if __name__ == "__main__":
    main()
