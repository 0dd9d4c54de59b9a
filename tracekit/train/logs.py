"""What a run tells: to people, to machines, to TensorBoard, and to the file that the others can be made from again."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch.utils.tensorboard import SummaryWriter

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.train.run_folder import RunFolder

Record = dict[str, float]
"""A line of the log: ``step``, ``time`` (seconds since 1970), and what was measured, by name."""

_NOT_DRAWN = {"step", "time"}
_TOLD = ("loss", "flow", "contrast", "predict", "cursor", "held")


class Show(Protocol):
    """Who is told while a run goes on."""

    def begin(self, steps: int, done: int) -> None:
        """Training begins, with so many steps done from before."""

    def advance(self, step: int) -> None:
        """So many steps are done."""

    def record(self, record: Record) -> None:
        """A line of the log."""

    def remark(self, text: str) -> None:
        """Something that is no number."""

    def close(self) -> None:
        """It ends; may be called twice."""


class Silent:
    """Says nothing: for ranks but the first, and for callers who read the log."""

    def begin(self, steps: int, done: int) -> None:
        """As `Show.begin`."""

    def advance(self, step: int) -> None:
        """As `Show.advance`."""

    def record(self, record: Record) -> None:
        """As `Show.record`."""

    def remark(self, text: str) -> None:
        """As `Show.remark`."""

    def close(self) -> None:
        """As `Show.close`."""


class Bar(Silent):
    """A bar with the last line of the log and the time left."""

    def __init__(self, console: Console) -> None:
        columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console)

    def begin(self, steps: int, done: int) -> None:
        """As `Show.begin`."""
        self._progress.start()
        self._task = self._progress.add_task("steps", total=steps, completed=done, told="")

    def advance(self, step: int) -> None:
        """As `Show.advance`."""
        self._progress.update(self._task, completed=step)

    def record(self, record: Record) -> None:
        """As `Show.record`."""
        self._progress.update(self._task, told=_told(record))

    def remark(self, text: str) -> None:
        """As `Show.remark`."""
        self._progress.console.print(text, markup=False)

    def close(self) -> None:
        """As `Show.close`."""
        self._progress.stop()


class Lines(Silent):
    """A line for each of the log's."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, steps: int, done: int) -> None:
        """As `Show.begin`."""
        self._steps, self._done, self._begun = steps, done, time.monotonic()

    def record(self, record: Record) -> None:
        """As `Show.record`."""
        step = int(record["step"])
        left_s = (time.monotonic() - self._begun) / max(1, step - self._done) * (self._steps - step)
        left = f", {left_s:.0f} s left" if step > self._done else ""
        self._console.print(f"step {step}/{self._steps}: {_told(record)}{left}", markup=False)

    def remark(self, text: str) -> None:
        """As `Show.remark`."""
        self._console.print(text, markup=False)


class JsonLines(Silent):
    """A JSON object for each line of the log, on what is standard output when this is made."""

    def __init__(self) -> None:
        self._out = sys.stdout

    def record(self, record: Record) -> None:
        """As `Show.record`."""
        self._write(record)

    def remark(self, text: str) -> None:
        """As `Show.remark`."""
        self._write({"remark": text})

    def _write(self, value: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()


class Log:
    """``log.jsonl``, and the event files of TensorBoard, which are made from it whenever a run is gone on with.

    Args:
        folder: of the run.
        step: what was logged of later steps is forgotten: they will be made again; at 0 all is, the first line too.

    Raises:
        TracekitError: a line can't be read, or the folder can't be written.
    """

    def __init__(self, folder: RunFolder, step: int) -> None:
        kept = [record for record in read_log(folder.log) if step and record["step"] <= step]
        Folder(folder.path).write(folder.log.name, b"".join(map(to_json, kept)))
        self._file = folder.log.open("ab", buffering=0)
        for old in folder.tensorboard.glob("events.out.tfevents.*"):
            old.unlink()
        self._board = SummaryWriter(str(folder.tensorboard))
        for record in kept:
            self._draw(record)

    def write(self, record: Record) -> None:
        """Append a line."""
        self._file.write(to_json(record))
        self._draw(record)

    def close(self) -> None:
        """End the files."""
        self._file.close()
        self._board.close()

    def _draw(self, record: Record) -> None:
        for name in record.keys() - _NOT_DRAWN:
            self._board.add_scalar(name, record[name], int(record["step"]), walltime=record["time"])


def read_log(path: Path) -> list[Record]:
    """The lines of a run's log, without a last one that was cut off by a kill; none where there is no file.

    Raises:
        TracekitError: another line is not whole.
    """
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    if lines and not lines[-1].endswith(b"\n"):
        del lines[-1]
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(json.loads(line))
        except ValueError as error:
            remedy = "delete this line"
            raise TracekitError("not a line of a log", place=f"{path}:{number}", remedy=remedy) from error
    return records


class Window:
    """Means over the steps between two lines of the log: sums, which a checkpoint takes along, and times, which not.

    Args:
        state: of an earlier one.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self._steps = int(state["steps"]) if state else 0
        self._sums: dict[str, float] = dict(state["sums"]) if state else {}
        self._begun = time.perf_counter()
        self._samples = self._tokens = 0
        self._spent_s = {"data": 0.0, "encode": 0.0}

    def spend(self, name: str, seconds: float) -> None:
        """Time that was not spent on the model: ``data``, waiting for it, or ``encode``, in the frozen encoders."""
        self._spent_s[name] += seconds

    def add(self, values: Mapping[str, float], samples: int, tokens: int) -> None:
        """A step is done.

        Args:
            values: to be averaged.
            samples: that it took, of all ranks.
            tokens: of latents, likewise.
        """
        self._steps += 1
        self._samples, self._tokens = self._samples + samples, self._tokens + tokens
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value

    def means(self) -> Record:
        """The means, the rates and the shares of time."""
        seconds = time.perf_counter() - self._begun
        record = {name: total / self._steps for name, total in self._sums.items()}
        record |= {"samples_per_s": self._samples / seconds, "tokens_per_s": self._tokens / seconds}
        record |= {f"{name}_share": spent_s / seconds for name, spent_s in self._spent_s.items()}
        return record

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"steps": self._steps, "sums": self._sums}


def _told(record: Record) -> str:
    parts = [f"{name} {record[name]:.4g}" for name in _TOLD if name in record]
    if "samples_per_s" in record:
        parts += [f"{record['samples_per_s']:.3g} samples/s", f"{record['tokens_per_s']:.0f} tokens/s"]
        parts += [f"{record['data_share']:.0%} waiting for data"]
    return ", ".join(parts)
