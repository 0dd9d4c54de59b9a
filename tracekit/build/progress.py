"""How far a build is: a bar on a terminal, a line a part elsewhere, a JSON object a line for machines."""

import json
import sys
import time
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Steps(Protocol):
    """What a build tells while it runs."""

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        """Work begins, of which some may be done from an earlier run; ``total`` and ``done`` in units."""

    def step(self, name: str, size: int, remark: str) -> None:
        """A piece of it is done."""

    def close(self) -> None:
        """All work is done, or given up; may be called twice."""


class Silent:
    """Says nothing."""

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        """As `Steps.begin`."""

    def step(self, name: str, size: int, remark: str) -> None:
        """As `Steps.step`."""

    def close(self) -> None:
        """As `Steps.close`."""


class Bar:
    """A bar with the rate and the time left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:>8}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[remark]}"),
            console=console,
        )

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        """As `Steps.begin`."""
        self._progress.start()
        self._unit, self._begun, self._gained = unit, time.monotonic(), 0
        self._task = self._progress.add_task(work, total=total, completed=done, rate="", remark="")

    def step(self, name: str, size: int, remark: str) -> None:
        """As `Steps.step`."""
        self._gained += size
        rate = _rate(self._gained, time.monotonic() - self._begun, self._unit)
        self._progress.update(self._task, advance=size, rate=rate, remark=f"{name}: {remark}")

    def close(self) -> None:
        """As `Steps.close`."""
        self._progress.stop()


class Lines:
    """A line a piece."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        """As `Steps.begin`."""
        self._work, self._unit, self._total, self._done = work, unit, total, done
        self._begun, self._gained = time.monotonic(), 0

    def step(self, name: str, size: int, remark: str) -> None:
        """As `Steps.step`."""
        self._gained += size
        elapsed_s = time.monotonic() - self._begun
        left_s = elapsed_s / max(1, self._gained) * (self._total - self._done - self._gained)
        share = (self._done + self._gained) / max(1, self._total)
        rate = _rate(self._gained, elapsed_s, self._unit)
        self._console.print(f"{self._work} {name}: {remark}; {share:.0%}, {rate}, {left_s:.0f} s left", markup=False)

    def close(self) -> None:
        """As `Steps.close`."""


class JsonLines:
    """A JSON object a piece, on what is standard output when this is made."""

    def __init__(self) -> None:
        self._out = sys.stdout

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        """As `Steps.begin`."""
        self._work, self._unit, self._total, self._done = work, unit, total, done

    def step(self, name: str, size: int, remark: str) -> None:
        """As `Steps.step`."""
        self._done += size
        line = {
            "work": self._work,
            "name": name,
            "remark": remark,
            "done": self._done,
            "total": self._total,
            "unit": self._unit,
        }
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def close(self) -> None:
        """As `Steps.close`."""


def _rate(gained: int, elapsed_s: float, unit: str) -> str:
    per_s = gained / max(elapsed_s, 1e-3)
    return f"{per_s / 1e3:.0f} kB/s" if unit == "bytes" else f"{per_s:.1f} {unit}/s"
