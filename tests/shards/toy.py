"""A small data set, whole and right, that tests then damage."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from tracekit.core.clock import FPS, frame_time_ns
from tracekit.core.events import Event
from tracekit.shards.events import dump_events
from tracekit.shards.index import clip_row, input_row, write_index
from tracekit.shards.manifest import Manifest, ShardRecord
from tracekit.shards.write import write_shard
from tracekit.terminal.cells import Cursor, Style
from tracekit.terminal.grid import Grid, GridBuilder

FRAMES, WIDTH, HEIGHT, COLUMNS, ROWS = 75, 64, 48, 20, 4


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def video(frames: int = FRAMES, fps: int = FPS, width_px: int = WIDTH) -> bytes:
    """A short grey film."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width_px, HEIGHT, "yuv420p"
        for number in range(frames):
            picture = np.full((HEIGHT, width_px, 3), 3 * number % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def grid(text: str = "$ ls", frames: int = FRAMES) -> Grid:
    """A line that is typed, one character a frame."""
    builder = GridBuilder()
    for frame in range(frames):
        rows = [np.full(COLUMNS, 32, np.uint64) for _ in range(ROWS)]
        shown = text[: frame + 1]
        rows[0][: len(shown)] = [ord(character) for character in shown]
        builder.frame(rows, None, Cursor(min(len(shown), COLUMNS - 1), 0))
    return builder.build([Style()], [])


def sample(recording: str, clip: int, split: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a sample but for KEY.json, and KEY.json as a value but for its hashes."""
    captions = {
        "semantic": "A shell lists a folder.",
        "regular": "The user runs `ls`.",
        "detailed": "The screen shows `$ ls`.",
    }
    events = [Event(frame_time_ns(2), "i", "l"), Event(frame_time_ns(3), "o", "l")]
    files = {
        "mp4": video(),
        "txt": captions["detailed"].encode(),
        "events.jsonl": dump_events(events),
        "cells.npz": grid().save(),
    }
    described = {
        "key": f"{recording}_{clip:04d}",
        "kind": "terminal",
        "split": split,
        "provenance": {"kind": "casts", "uri": f"{recording}.cast", "sha256": sha256(recording.encode()),
                       "recording": recording, "licence": "MIT"},
        "geometry": {"columns": COLUMNS, "rows": ROWS, "cell_width_px": 3, "cell_height_px": 12, "screen_width_px": 60,
                     "screen_height_px": 48, "width_px": WIDTH, "height_px": HEIGHT},
        "look": {"theme": "asciinema", "font": "DejaVuSansMono.ttf", "font_size_px": 13, "engine": "pyte"},
        "clock": {"frames": FRAMES, "start_ns": 0, "end_ns": frame_time_ns(FRAMES), "fitted": "exact",
                  "source_time_ns": [frame_time_ns(frame) for frame in range(FRAMES)]},
        "captions": {**captions, "captioner": "rules/1"},
        "statistics": {"duration_s": 5.0, "outputs": 1, "inputs": 1, "output_bytes": 1, "events_per_s": 0.4,
                       "changed_frames": 3, "changed_cells_mean": 0.04, "colors": 2, "characters": 3,
                       "screen_clears": 0, "text_density": 0.05},
        "decisions": [{"filter": "frozen", "keep": True, "score": 3.0, "threshold": 1.0, "reason": ""}],
    }  # fmt: skip
    return files, described


@dataclass
class Dataset:
    """Samples by shard, still soft; `write` makes files of them."""

    shards: dict[str, list[tuple[dict[str, bytes], dict[str, Any]]]]
    rejected: list[dict[str, Any]] = field(
        default_factory=lambda: [input_row("broken.cast", sha256(b"broken"), "not-a-cast", "there is no header")]
    )
    rows: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda rows: rows
    """What is done to the rows before they are written."""

    def write(self, folder: Path) -> Path:
        rows, records = [], []
        (folder / "shards").mkdir(parents=True)
        for name, samples in self.shards.items():
            packed = [pack(files, described) for files, described in samples]
            file = io.BytesIO()
            places = write_shard(file, packed)
            (folder / "shards" / name).write_bytes(file.getvalue())
            records.append(
                ShardRecord(name=name, samples=len(packed), bytes=len(file.getvalue()), sha256=sha256(file.getvalue()))
            )
            for (files, described), place in zip(samples, places, strict=True):
                caption = files["txt"].decode() if "txt" in files else None
                rows.append(clip_row(complete(files, described), shard=name, place=place, caption=caption))
        (folder / "shards" / "manifest.json").write_text(Manifest(shards=records).model_dump_json())
        uris = dict.fromkeys(row["uri"] for row in rows + self.rejected)
        (folder / "inputs.jsonl").write_text("".join(json.dumps({"uri": uri}) + "\n" for uri in uris))
        with (folder / "index.parquet").open("wb") as index:
            write_index(index, self.rows(rows + self.rejected))
        return folder


def complete(files: Mapping[str, bytes], described: Mapping[str, Any]) -> dict[str, Any]:
    return {"files": {extension: sha256(data) for extension, data in files.items()}, **described}


def pack(files: Mapping[str, bytes], described: Mapping[str, Any]) -> tuple[str, dict[str, bytes]]:
    return described["key"], {"json": json.dumps(complete(files, described)).encode(), **files}


def dataset() -> Dataset:
    """Two recordings to train on, one to validate with, two clips each, in three shards."""
    return Dataset({
        "train-000000.tar": [sample("one", 0, "train"), sample("one", 1, "train"), sample("two", 0, "train")],
        "train-000001.tar": [sample("two", 1, "train")],
        "validation-000000.tar": [sample("three", 0, "validation"), sample("three", 1, "validation")],
    })  # fmt: skip
