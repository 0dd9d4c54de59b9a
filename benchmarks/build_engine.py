"""The build engine: what Ray adds to a part, what a second worker brings, and what memory a worker takes.

    python benchmarks/build_engine.py [--clips 1000]

The recordings are those of the demo, over and over under new time stamps, so that each copy has work of its own; the
filter of near-duplicates is off. One and two workers are run in turn, on the same recordings.
"""

import argparse
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tracekit.build.pool import NoPool
from tracekit.build.progress import Silent
from tracekit.build.ray_pool import RayPool
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.casts.read import read_cast
from tracekit.casts.write import write_cast

ROOT = Path(__file__).parent.parent
EMPTY_JOBS = 200


class Times(Silent):
    """When parts were done, on the monotonic clock."""

    def __init__(self) -> None:
        self.captured_s: list[float] = []
        self._work = ""

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        self._work = work

    def step(self, name: str, size: int, remark: str) -> None:
        if self._work == "capture":
            self.captured_s.append(time.monotonic())


class MemoryWatch(threading.Thread):
    """Resident memory of Ray's workers, read off /proc about twice a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[float, float]] = []
        """Seconds on the monotonic clock and megabytes of the largest worker."""
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(0.5):
            sizes = [self._resident_mb(process) for process in Path("/proc").glob("[0-9]*")]
            if largest := max(sizes, default=0.0):
                self.seen.append((time.monotonic(), largest))

    @staticmethod
    def _resident_mb(process: Path) -> float:
        try:
            if not (process / "cmdline").read_bytes().startswith(b"ray::_answer"):
                return 0.0
            status = (process / "status").read_text()
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()


def copies(folder: Path, clips: int) -> int:
    """Copies of the demo's recordings, enough for about so many clips; returns how many."""
    sources = sorted(path for path in (ROOT / "recipes" / "demo_casts").iterdir() if ".cast" in path.name)
    read = [read_cast(path) for path in sources]
    per_round = sum(max(1, events[-1].time_ns // 5_000_000_000) for _, events, _ in read)
    made = 0
    for number in range(-(-clips // per_round)):
        for source, (header, events, _) in zip(sources, read, strict=True):
            stamped = replace(header, timestamp_s=1_700_000_000 + number)
            write_cast(folder / f"{number:04d}-{source.name.partition('.')[0]}.cast", stamped, events, version=2)
            made += 1
    return made


def nothing(job: int) -> int:
    return job


def overhead_ms() -> float:
    """What Ray adds to a job, in milliseconds of the wall clock, one worker."""
    pool, none = RayPool(1), NoPool()
    try:
        list(pool.run(nothing, range(20)))  # the worker starts
        start = time.monotonic()
        list(pool.run(nothing, range(EMPTY_JOBS)))
        middle = time.monotonic()
        list(none.run(nothing, range(EMPTY_JOBS)))
        return 1000 * (middle - start - (time.monotonic() - middle)) / EMPTY_JOBS
    finally:
        pool.close()


def timed_build(casts: Path, out: Path, workers: int) -> tuple[float, float, int]:
    """Parts a second between the first and the last, seconds in all, and clips."""
    settings = [f"source.paths={casts}", "filters.near-duplicate=false", "parts.inputs=4"]
    recipe = load_recipe(ROOT / "recipes" / "cligen_general.yaml", settings)
    times, start = Times(), time.monotonic()
    summary = build(recipe, str(out), Workers(workers), times)
    done = sorted(times.captured_s)
    return (len(done) - workers) / (done[-1] - done[workers - 1]), time.monotonic() - start, summary.clips


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clips", type=int, default=1000, help="about how many to build")
    asked = parser.parse_args()
    print(f"Ray adds {overhead_ms():.1f} ms to a part (wall clock, {EMPTY_JOBS} empty jobs)")
    with tempfile.TemporaryDirectory() as name:
        casts = Path(name) / "casts"
        casts.mkdir()
        count = copies(casts, asked.clips)
        rates, watch = {}, MemoryWatch()
        for workers in (1, 2):
            if workers == 2:
                watch.start()
            rates[workers], wall_s, clips = timed_build(casts, Path(name) / f"out{workers}", workers)
            print(f"{workers} workers: {count} recordings, {clips} clips, {wall_s:.0f} s, {rates[workers]:.2f} parts/s")
        watch.stop()
        print(f"scaling from 1 to 2 workers: {rates[2] / rates[1]:.2f}x")
        sizes = np.array([size for _, size in watch.seen])
        quarter = max(1, len(sizes) // 4)
        second, last = sizes[quarter : 2 * quarter].mean(), sizes[-quarter:].mean()
        print(f"memory of a worker: at most {sizes.max():.0f} MB; mean in the second quarter of the build", end=" ")
        print(f"{second:.0f} MB, in the last {last:.0f} MB")


if __name__ == "__main__":
    main()
