"""A cast made to do harm ends in bounded time and memory, as clips or as a rejection."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from data_sets import RECIPE, write

from tracekit.casts.model import Header
from tracekit.core.events import Event

MOST_CPU_S, MOST_BYTES = 100, 4 << 30
"""Several times what the slowest of these takes; and address space, of which libraries reserve more than they use."""


def outputs(text: str, count: int, step_s: float = 0.1) -> Iterable[tuple[float, str, str]]:
    return ((place * step_s, "o", text) for place in range(count))


def resizes(columns: int, rows: int) -> Iterable[tuple[float, str, str]]:
    for place in range(2000):
        size = f"{10 + place % columns}x{5 + place % rows}"
        yield place * 0.003, "ro"[place % 2], "hello\r\n" if place % 2 else size


HOSTILE: dict[str, Iterable[tuple[float, str, str]]] = {
    "megabytes of escape sequences": outputs("\x1b[31m\x1b[2K\x1b[H\x1b[L\x1b[M\x1b[38;5;200m" * 2000, 10),
    "repetitions without end": outputs("a\x1b[99999999b" * 500 + "a\x1b[" + "9" * 5000 + "b", 10),
    "scrolling without end": outputs("\x1b[99999999S\x1b[99999999T\x1b[99999999L\x1b[99999999@" * 500, 20),
    "fifty thousand events": ((place * 1e-4, "o", "x") for place in range(50_000)),
    "fifty thousand keystrokes": ((place * 1e-4, "io"[place % 2], "x") for place in range(50_000)),
    "a storm of resizes": resizes(300, 80),
    "a day with an event an hour": ((place * 3600.0, "o", f"{place}\r\n") for place in range(24)),
    "a letter with 100,000 marks": outputs("a" + "\u0301" * 100_000, 5),
    "joined emoji without end": outputs("\U0001f469\u200d" * 20_000, 5),
    "a flood of wide characters": outputs("漢字" * 50_000, 5),
    "endless strings": outputs("\x1b]0;" + "t" * 300_000 + "\x1bP" + "q" * 300_000, 5),
    "a hundred thousand parameters": outputs("\x1b[" + "1;" * 100_000 + "m", 5),
    "escape, and again": outputs("\x1b" * 100_000, 5),
    "tabs and line feeds": outputs("\t\n" * 50_000 + "\x1b[999999I\x1b[99999Z" * 1000, 5),
    "a line without end": outputs("x" * 900_000, 3),
    "mail addresses": outputs(" ".join(f"user{place}@example{place}.com" for place in range(1000)), 5),
    "one secret that never ends": outputs("token=" * 80_000, 20),
    "a list of keys": ((place * 0.01, "o", f"sk-{place:030}\r\n" * 20) for place in range(20_000)),
    "prompts for passwords": ((place * 0.01, "o", f"password: s3cret{place}\r\n") for place in range(1000)),
}

REJECTED = {"one secret that never ends", "a list of keys"}


def bounds() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_cast_ends_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    events = [Event(round(time_s * 1e9), code, data) for time_s, code, data in HOSTILE[name]]
    cast = write(tmp_path / "hostile.cast", events, Header(2, 80, 24))
    command = [sys.executable, "-m", "tracekit", "build", RECIPE, "--set", f"source.paths=[{json.dumps(str(cast))}]"]
    command += ["--out", tmp_path / "out", "--workers", "0", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=bounds, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["inputs_kept"] + summary["inputs_rejected"] == 1
    assert summary["clips"] >= 1 or name in REJECTED
