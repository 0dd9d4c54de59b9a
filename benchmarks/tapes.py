"""Tapes: how exactly the virtual clock repeats itself, how exact its times are, and how fast it goes.

    python benchmarks/tapes.py [--tapes FOLDER...] [--sandboxes bwrap docker] [--runs N] [--real] [--json OUT]

Every tape of the folders (default: the project's, vhs_scripts/) is run N times alone, and N times more while both cores
(all, where there are more) are kept busy. Printed: how many tapes gave the same bytes every time, the worst distance
of a key from its nominal instant, wall seconds per nominal second and tapes per second at one, two and four in
parallel, wall time per key, and with --real (which takes as long as the tapes are) where the last screen differs from
that of a run on the real clock.
"""

import argparse
import io
import json
import multiprocessing
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from tracekit.casts.write import write_cast
from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.sandbox.base import Limits, Sandbox, open_sandbox
from tracekit.tapes.driver.drive import Clock, Run, run_tape
from tracekit.tapes.driver.schedule import Strike, schedule
from tracekit.tapes.language.parser import load_tape
from tracekit.tapes.language.program import Program, Wait
from tracekit.terminal.engine import open_engine
from tracekit.terminal.text import screen_lines

HERE = Path(__file__).parent
OWN = HERE.parent / "vhs_scripts"
PARALLEL = 1, 2, 4
CORPUS, CORES = 250_000, 64
"""What the time of a corpus is worked out for."""


@dataclass
class Tape:
    """A tape, and what its runs in one sandbox gave."""

    path: Path
    program: Program
    casts: set[str] = field(default_factory=set)
    runs: int = 0
    worst_ns: int = 0
    flags: set[str] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    screen: list[str] = field(default_factory=list)

    @property
    def nominal_ns(self) -> int:
        return schedule(self.program).nominal_ns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tapes", nargs="+", type=Path, default=[OWN], metavar="FOLDER")
    parser.add_argument("--sandboxes", nargs="+", default=["bwrap", "docker"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--real", action="store_true", help="compare with runs on the real clock")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures here, too")
    asked = parser.parse_args()
    found = sorted(path for folder in asked.tapes for path in folder.rglob("*.tape"))
    figures: dict[str, Any] = {"tapes": len(found), "cores": os.cpu_count()}
    for name in asked.sandboxes:
        tapes = [Tape(path, load_tape(path)) for path in found]
        try:
            with closing(open_sandbox(name)) as sandbox:
                figures[name] = measure(sandbox, tapes, asked.runs, asked.real)
        except TracekitError as error:
            figures[name] = None
            print(f"\n{name}: not measured: {error}")
            continue
        print(f"\n{name}: {len(tapes)} tapes, {sum(tape.nominal_ns for tape in tapes) / NS_PER_S:,.1f} nominal s")
        show(figures[name])
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(sandbox: Sandbox, tapes: Sequence[Tape], runs: int, real: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {"speed": {}}
    go(sandbox, tapes, 1)  # what is read from disk once
    for _ in range(runs):
        figures["speed"][1] = best(figures["speed"].get(1), speed(tapes, go(sandbox, tapes, 1)))
    alone = {tape.path: len(tape.casts) for tape in tapes}
    with busy():
        for _ in range(runs):
            go(sandbox, tapes, 1)
    for parallel in PARALLEL[1:]:
        figures["speed"][parallel] = speed(tapes, go(sandbox, tapes, parallel))
    figures["key_ms"] = 1000 * figures["speed"][1]["wall_s"] / sum(map(keys, tapes))
    figures["same_alone"] = sum(count == 1 for count in alone.values())
    figures["same_always"] = sum(len(tape.casts) == 1 for tape in tapes)
    figures["differ"] = {tape.path.name: sorted(tape.flags) for tape in tapes if len(tape.casts) > 1}
    figures["flagged"] = {tape.path.name: sorted(tape.flags) for tape in tapes if tape.flags}
    figures["problems"] = {tape.path.name: sorted(tape.problems) for tape in tapes if tape.problems}
    figures["worst_error_ns"] = max((tape.worst_ns for tape in tapes), default=0)
    figures["runs"] = {"alone": runs + 1, "busy": runs, "parallel": len(PARALLEL) - 1}
    if real:
        figures["real"] = compare(sandbox, tapes)
    return figures


def go(sandbox: Sandbox, tapes: Sequence[Tape], parallel: int) -> float:
    """Run all tapes and keep account of what they gave; returns the wall seconds."""
    start_s = time.monotonic()
    with ThreadPoolExecutor(parallel) as pool:
        done = list(pool.map(lambda tape: run_tape(tape.program, sandbox), tapes))
    wall_s = time.monotonic() - start_s
    for tape, run in zip(tapes, done, strict=True):
        take(tape, run)
    return wall_s


def take(tape: Tape, run: Run) -> None:
    text = io.StringIO()
    write_cast(text, run.header, run.events)
    tape.casts.add(text.getvalue())
    tape.runs += 1
    tape.flags |= set(run.flags)
    tape.problems |= {run.problem.reason} if run.problem else set()
    tape.worst_ns = max(tape.worst_ns, worst_ns(tape.program, run))
    tape.screen = last_screen(run)


def worst_ns(program: Program, run: Run) -> int:
    """How far a key is from its nominal instant at most; of a tape that waits, up to the first Wait."""
    plan = schedule(program)
    instants = accumulate(step.after_ns for step in plan.steps)
    nominal = []
    for step, time_ns in zip(plan.steps, instants, strict=True):
        if not isinstance(step, Strike):
            if type(step).__name__ == "Await":
                break
        elif step.stroke.text():
            nominal.append(time_ns)
    seen = [event.time_ns for event in run.events if event.code == "i"]
    errors = [abs(was - meant) for was, meant in zip(seen, nominal, strict=False)]
    if not any(isinstance(command, Wait) for command in program.commands):
        errors.append(abs(run.duration_ns - plan.nominal_ns))
    return max(errors, default=0)


def keys(tape: Tape) -> int:
    return sum(isinstance(step, Strike) for step in schedule(tape.program).steps)


def speed(tapes: Sequence[Tape], wall_s: float) -> dict[str, float]:
    nominal_s = sum(tape.nominal_ns for tape in tapes) / NS_PER_S
    return {"wall_s": wall_s, "wall_per_nominal_s": wall_s / nominal_s, "tapes_per_s": len(tapes) / wall_s}


def best(before: dict[str, float] | None, now: dict[str, float]) -> dict[str, float]:
    return now if before is None or now["wall_s"] < before["wall_s"] else before


def last_screen(run: Run) -> list[str]:
    engine = open_engine("pyte", run.header.columns, run.header.rows)
    engine.feed("".join(event.data for event in run.events if event.code == "o"))
    return screen_lines(engine)


def compare(sandbox: Sandbox, tapes: Sequence[Tape]) -> dict[str, Any]:
    """Last screens on the real clock beside those on the virtual one, ten tapes at a time."""
    real: Clock = "real"
    limits = Limits(wall_s=600)
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda tape: run_tape(tape.program, sandbox, clock=real, limits=limits), tapes))
    differ: defaultdict[str, list[str]] = defaultdict(list)
    late_ms = []
    for tape, run in zip(tapes, done, strict=True):
        late_ms.append(worst_ns(tape.program, run) / 1e6)
        pairs = zip(tape.screen, last_screen(run), strict=True)
        differ[tape.path.name] += [f"{virtual!r} | {was!r}" for virtual, was in pairs if virtual != was]
    return {
        "same": sum(not rows for rows in differ.values()),
        "differ": {name: rows for name, rows in differ.items() if rows},
        "worst_error_ms": max(late_ms),
        "median_error_ms": statistics.median(late_ms),
    }


@contextmanager
def busy() -> Iterator[None]:
    """Keep every core busy."""
    spinners = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for spinner in spinners:
        spinner.start()
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.join()


def spin() -> None:
    while True:
        pass


def show(figures: dict[str, Any]) -> None:
    runs = figures["runs"]
    print(f"  same bytes in {runs['alone']} runs alone: {figures['same_alone']}")
    print(f"  and in {runs['busy']} more on busy cores, {runs['parallel']} in parallel: {figures['same_always']}")
    print(f"  worst error of a key against nominal: {figures['worst_error_ns']} ns")
    for parallel, told in figures["speed"].items():
        rate = f"{told['tapes_per_s']:.1f} tapes/s, {told['wall_per_nominal_s']:.4f} wall s per nominal s"
        print(f"  {parallel} in parallel: {rate}")
    print(f"  wall time per key, the session's start included: {figures['key_ms']:.2f} ms")
    most = max(told["tapes_per_s"] for told in figures["speed"].values()) / (os.cpu_count() or 1)
    print(f"  {CORPUS:,} tapes on {CORES} cores at that rate a core: {CORPUS / most / CORES / 60:,.1f} min")
    for what in ("differ", "flagged", "problems"):
        for name, why in figures[what].items():
            print(f"  {what}: {name}: {', '.join(why) or 'no flag'}")
    if real := figures.get("real"):
        print(f"  last screen as on the real clock: {real['same']}")
        print(f"  keys there are late by up to {real['worst_error_ms']:.1f} ms")
        for name, rows in real["differ"].items():
            print(f"    {name}: " + "; ".join(rows[:3]))


if __name__ == "__main__":
    main()
