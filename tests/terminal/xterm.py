"""xterm.js as an oracle: what it shows of a recording at every second, and what an engine does."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from components import missing, require

from tracekit.core.clock import NS_PER_S
from tracekit.core.events import Event
from tracekit.terminal.cells import CLUSTER, DEFAULT, WIDE_TAIL, codes, style_ids
from tracekit.terminal.engine import Engine

ORACLE = Path(__file__).parent / "xterm_oracle"
Step = tuple[str, *tuple[Any, ...]]
CHECK: Step = ("?",)
Styles = list[tuple[int, int, int, int, int, int]]
"""Runs of cells of one style: cells, fg, bg, attributes, underline, underline colour."""


class Shown(NamedTuple):
    """What a terminal shows at an instant."""

    cursor: tuple[int, int, bool]
    rows: list[tuple[str, Styles]]


def steps_of(events: Iterable[Event]) -> Iterator[Step]:
    """The steps of a recording, with a check before each second's first event and at the end."""
    second = 0
    for event in events:
        if event.time_ns > (second + 1) * NS_PER_S:
            second = (event.time_ns - 1) // NS_PER_S
            yield CHECK
        if event.code == "o":
            yield "o", event.data
        elif event.code == "r":
            columns, _, rows = event.data.partition("x")
            yield "r", int(columns), int(rows)
    yield CHECK


def xterm(jobs: Sequence[tuple[int, int, list[Step]]], **options: object) -> Iterator[list[Shown]]:
    """What xterm.js shows at each check of each job (columns, rows, steps); one process for all of them."""
    folder = installed()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for columns, rows, steps in jobs:
            json.dump({"columns": columns, "rows": rows, "steps": steps, "options": options}, file)
            file.write("\n")
        file.seek(0)
        with subprocess.Popen(["node", "oracle.mjs"], cwd=folder, stdin=file, stdout=subprocess.PIPE) as process:
            assert process.stdout
            try:
                for _ in jobs:
                    yield list(_shown(process.stdout))
            except BaseException:
                process.kill()
                raise
        assert process.returncode == 0


def _shown(lines: Iterable[bytes]) -> Iterator[Shown]:
    rows: dict[int, tuple[str, Styles]] = {}
    for line in lines:
        found = json.loads(line)
        if found is None:
            return
        rows = {y: row for y, row in rows.items() if y < found["height"]}
        rows.update({int(y): (text, [tuple(run) for run in styles]) for y, (text, styles) in found["rows"].items()})
        yield Shown(tuple(found["cursor"]), [rows[y] for y in range(found["height"])])


def engine(terminal: Engine, steps: Iterable[Step]) -> Iterator[Shown]:
    """What an engine shows at each check."""
    rows: dict[int, tuple[str, Styles]] = {}
    changed: set[int] = set(range(terminal.rows))
    for code, *data in steps:
        if code == "o":
            changed |= set(terminal.feed(*data))
        elif code == "r":
            changed |= set(terminal.resize(*data))
        else:
            rows |= {y: _row(terminal, y) for y in changed if y < terminal.rows}
            changed.clear()
            cursor = terminal.cursor
            yield Shown((cursor.x, cursor.y, cursor.visible), [rows[y] for y in range(terminal.rows)])


def _row(terminal: Engine, y: int) -> tuple[str, Styles]:
    cells = terminal.cells(y)
    text = "".join(
        terminal.clusters[code - CLUSTER] if code >= CLUSTER else chr(code)
        for code in codes(cells).tolist()
        if code != WIDE_TAIL
    )
    styles = [terminal.styles[number] for number in style_ids(cells).tolist()]
    styles = [style if style.underline else style._replace(underline_color=DEFAULT) for style in styles]
    return text, [(len(list(run)), *style) for style, run in groupby(styles)]


def installed() -> Path:
    """The folder of the oracle with its packages installed, outside the checkout."""
    require("node", remedy="apt install nodejs npm")
    require("node", program="npm", remedy="apt install nodejs npm")
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(ORACLE.glob("*.*")))).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "tracekit" / f"xterm-oracle-{digest}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "tracekit").mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache / "tracekit") as made:
            fresh = Path(made) / "oracle"
            shutil.copytree(ORACLE, fresh)
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=fresh, capture_output=True, text=True)
            if done.returncode:
                missing("node", f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")
            if not folder.exists():
                fresh.rename(folder)
    return folder
