"""A built data set of two short sessions, and predictions of its clips: the same videos, blurred ones."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.core.files import Folder
from tracekit.evaluate.coding import encoded
from tracekit.evaluate.pairs import clip_places, stored_clip
from tracekit.metrics.frames import read_video

Picture = NDArray[np.uint8]

RECIPE = """\
name: two-sessions
source: {kind: casts, paths: [casts]}
look: {font_size_px: 10}
split: {validation_fraction: 0}
filters: {}
"""
LINES = ("uname", "Linux", "whoami", "tester", "cat notes.txt", "remember the milk", "python3 --version", "Python 3.12")


def data_set(folder: Path) -> Path:
    """Build it: a clip of each of two recordings, in which commands are typed."""
    (folder / "casts").mkdir(parents=True)
    for name in ("first", "second"):
        header = {"version": 2, "width": 40, "height": 10, "timestamp": 1_700_000_000}
        said = [f"{line} {name}" for line in LINES]
        events = [
            line
            for second, text in enumerate(said)
            for line in ([second * 0.5, "i", "x"], [second * 0.5 + 0.1, "o", f"$ {text}\r\n"])
        ]
        (folder / "casts" / f"{name}.cast").write_text("\n".join(map(json.dumps, [header, *events])))
    (folder / "recipe.yaml").write_text(RECIPE)
    build(load_recipe(folder / "recipe.yaml"), str(folder / "set"), Workers(0))
    return folder / "set"


def videos(dataset: Path) -> dict[str, bytes]:
    """Of each clip its video, by key."""
    folder = Folder(dataset)
    return {key: stored_clip(folder, *place).files["mp4"] for key, place in clip_places(folder)}


def predictions(dataset: Path, folder: Path) -> Path:
    """The true videos themselves, byte for byte."""
    folder.mkdir(parents=True)
    for key, video in videos(dataset).items():
        (folder / f"{key}.mp4").write_bytes(video)
    return folder


def altered(dataset: Path, folder: Path, change: Callable[[Picture], Picture]) -> Path:
    """The true videos with each picture changed."""
    folder.mkdir(parents=True)
    for key, video in videos(dataset).items():
        made = np.stack([change(picture) for picture in read_video(video).video])
        (folder / f"{key}.mp4").write_bytes(encoded(made))
    return folder


def blurred(picture: Picture) -> Picture:
    """No letter of it can be read."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(4)))
