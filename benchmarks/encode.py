"""What encoding costs: our encoder against plain x264, on the same pictures, side by side in one run.

The pictures are of a terminal, 800 x 480 pixels: text in eight colours is typed, scrolls, is redrawn, and most of the
time stands still; about as much changes as in public recordings. Making them is not measured. CPU time, one thread, the
least of several rounds.

    python benchmarks/encode.py [--clips 8] [--rounds 3]
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tracekit.core.clock import CLIP_FRAMES, FPS
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.plain import PlainEncoder
from tracekit.video.planes import PixFmt, Planes
from tracekit.video.quality import psnr
from tracekit.video.x264 import frame_planes

COLUMNS, ROWS, CELL_WIDTH_PX, CELL_HEIGHT_PX = 100, 24, 8, 20
CHARACTERS = " " + "".join(map(chr, range(33, 127)))
COLORS = (
    (204, 204, 204),
    (221, 60, 105),
    (78, 191, 34),
    (221, 175, 60),
    (38, 176, 215),
    (185, 84, 225),
    (84, 225, 185),
    (255,) * 3,
)
GROUND = 18, 19, 20

Encoder = ClipEncoder | PlainEncoder
Grid = NDArray[np.int32]
Tiles = dict[PixFmt, list[NDArray[np.uint8]]]


class Mode(NamedTuple):
    """A way to encode."""

    name: str
    open: Callable[[], Encoder]


ours = partial(ClipEncoder, COLUMNS * CELL_WIDTH_PX, ROWS * CELL_HEIGHT_PX)
plain = partial(PlainEncoder, COLUMNS * CELL_WIDTH_PX, ROWS * CELL_HEIGHT_PX)
MODES = (
    Mode("ours, ultrafast qp 20", ours),
    Mode("ours, ultrafast qp 24", partial(ours, qp=24)),
    Mode("ours, ultrafast qp 20, GOP 15", partial(ours, gop_frames=15)),
    Mode("ours, veryfast qp 24", partial(ours, preset="veryfast", qp=24)),
    Mode("ours, ultrafast qp 20, 4:4:4", partial(ours, pix_fmt="yuv444p")),
    Mode("ours, ultrafast qp 0, 4:4:4", partial(ours, pix_fmt="yuv444p", qp=0)),
    Mode("plain, ultrafast qp 20", plain),
    Mode("plain, ultrafast crf 20", partial(plain, crf=20)),
    Mode("plain, veryfast crf 20", partial(plain, crf=20, preset="veryfast")),
)


def glyphs() -> NDArray[np.uint8]:
    """Characters in all colours as RGB, shape (colours, characters, cell height, cell width, 3)."""
    package = importlib.util.find_spec("matplotlib")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "mpl-data/fonts/ttf/DejaVuSansMono.ttf"
    font = ImageFont.truetype(path, 13)
    tiles = np.empty((len(COLORS), len(CHARACTERS), CELL_HEIGHT_PX, CELL_WIDTH_PX, 3), np.uint8)
    for color, rgb in enumerate(COLORS):
        for code, character in enumerate(CHARACTERS):
            image = Image.new("RGB", (CELL_WIDTH_PX, CELL_HEIGHT_PX), GROUND)
            ImageDraw.Draw(image).text((0, 2), character, rgb, font)
            tiles[color, code] = np.asarray(image)
    return tiles.reshape(-1, CELL_HEIGHT_PX, CELL_WIDTH_PX, 3)


def to_planes(rgb: NDArray[np.uint8], pix_fmt: PixFmt) -> list[NDArray[np.uint8]]:
    """Tiles, shape (tiles, height, width, 3), as Y, U and V tiles (BT.709, limited range)."""
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    chroma = [(blue - luma) / 1.8556, (red - luma) / 1.5748]
    if pix_fmt == "yuv420p":
        chroma = [(c[:, ::2, ::2] + c[:, 1::2, ::2] + c[:, ::2, 1::2] + c[:, 1::2, 1::2]) / 4 for c in chroma]
    return [np.rint(16 + 219 * luma).astype(np.uint8), *(np.rint(128 + 224 * c).astype(np.uint8) for c in chroma)]


def recording(frames: int, seed: int) -> Iterator[Grid | None]:
    """The screen at each frame, shape (rows, columns) of glyphs; None where it has not changed."""
    random = np.random.default_rng(seed)
    grid = np.zeros((ROWS, COLUMNS), np.int32)

    def line() -> Grid:
        words = random.integers(0, len(CHARACTERS), COLUMNS) * (random.random(COLUMNS) < 0.8)
        colors = np.repeat(random.integers(0, len(COLORS), COLUMNS // 10), 10)
        return np.where(np.arange(COLUMNS) < random.integers(0, COLUMNS), colors * len(CHARACTERS) + words, 0)

    for row in range(ROWS):
        grid[row] = line()
    column = 0
    for frame in range(frames):
        what = random.random()
        if frame and what > 0.24:
            yield None
            continue
        if what < 0.18:  # a character is typed
            grid[-1, column] = random.integers(1, len(CHARACTERS))
            column = (column + 1) % COLUMNS
        elif what < 0.205:  # a row changes: a progress bar, a status line
            grid[random.integers(ROWS)] = line()
        elif what < 0.235:  # a few lines of output
            count = random.integers(1, 4)
            grid = np.vstack([grid[count:], *(line()[None] for _ in range(count))])
            column = 0
        else:  # another screen
            grid = np.stack([line() for _ in range(ROWS)])
        yield grid.copy()


def paint(planes: Planes, tiles: list[NDArray[np.uint8]], grid: Grid) -> None:
    for plane, tile in zip(planes, tiles, strict=True):
        plane[:] = tile[grid].swapaxes(1, 2).reshape(plane.shape)


class Cost(NamedTuple):
    """Of one round of a mode."""

    cpu_s: float
    video: list[bytes]


def encode(mode: Mode, screens: list[Grid | None], tiles_of: Tiles) -> Cost:
    """Encode clips, measuring nothing but the encoder."""
    cpu_s, video = 0.0, []
    encoder = mode.open()
    tiles = tiles_of[encoder.planes.pix_fmt]
    for first in range(0, len(screens), CLIP_FRAMES):
        for screen in screens[first : first + CLIP_FRAMES]:
            if screen is not None:
                paint(encoder.planes, tiles, screen)
            start_s = time.process_time()
            encoder.frame(screen is not None)
            cpu_s += time.process_time() - start_s
        start_s = time.process_time()
        video.append(encoder.finish())
        cpu_s += time.process_time() - start_s
    return Cost(cpu_s, video)


def luma_psnr(mode: Mode, cost: Cost, screens: list[Grid | None], tiles_of: Tiles) -> list[float]:
    """PSNR-Y of each changed frame."""
    meant = mode.open().planes
    decoded = (frame for clip in cost.video for frame in decode(clip))
    values = []
    for screen, frame in zip(screens, decoded, strict=True):
        if screen is not None:
            paint(meant, tiles_of[meant.pix_fmt], screen)
            values.append(psnr(meant.y, frame_planes(frame).y))
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    screens = list(recording(arguments.clips * CLIP_FRAMES, seed=1))
    changed = sum(screen is not None for screen in screens)
    seconds = len(screens) / FPS
    tiles: Tiles = {pix_fmt: to_planes(glyphs(), pix_fmt) for pix_fmt in get_args(PixFmt)}
    rounds = [[encode(mode, screens, tiles) for mode in MODES] for _ in range(arguments.rounds)]
    print(f"{arguments.clips} clips, {100 * changed / len(screens):.1f} % of frames changed")
    print(f"{'':32}{'CPU ms/s':>10}{'ratio':>8}{'kB/s':>8}{'PSNR-Y mean':>13}{'min':>7}")
    best = [min(costs, key=lambda cost: cost.cpu_s) for costs in zip(*rounds, strict=True)]
    for mode, cost in zip(MODES, best, strict=True):
        quality = np.minimum(luma_psnr(mode, cost, screens, tiles), 99.99)
        size = sum(map(len, cost.video)) / seconds / 1000
        print(
            f"{mode.name:32}{1000 * cost.cpu_s / seconds:10.2f}{cost.cpu_s / best[0].cpu_s:8.1f}{size:8.1f}"
            f"{np.mean(quality):13.1f}{np.min(quality):7.1f}"
        )


if __name__ == "__main__":
    main()
