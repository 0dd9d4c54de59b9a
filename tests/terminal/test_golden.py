"""What drawing looks like: pictures that were looked at when they were made, by tests/terminal/golden/make.py."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from components import require
from PIL import Image

GOLDEN = Path(__file__).parent / "golden"
_SPEC = importlib.util.spec_from_file_location("make_golden", GOLDEN / "make.py")
assert _SPEC is not None
assert _SPEC.loader is not None
make = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make)

MEAN_LEVELS = 1.5
"""Versions of FreeType differ in how they smooth the edges of letters: by less than this, on average over a picture."""
FAR_LEVELS, FAR_SHARE = 96, 0.01
"""Pixels that differ by more than this many of 255 levels are at most this share."""


@pytest.mark.parametrize("name", make.PICTURES)
def test_the_picture_is_still_the_one_that_was_looked_at(name: str) -> None:
    if name == "wide":
        for module in ("manimgx_fonts", "manimgx_fonts_cjk"):
            require("fonts", module=module, remedy="pip install 'tracekit[fonts]'")
    golden = np.asarray(Image.open(GOLDEN / f"{name}.png").convert("RGB")).astype(int)
    drawn = np.asarray(make.PICTURES[name]()).astype(int)
    assert drawn.shape == golden.shape
    off = np.abs(drawn - golden)
    assert off.mean() < MEAN_LEVELS
    assert (off.max(axis=2) > FAR_LEVELS).mean() < FAR_SHARE


def test_every_golden_picture_is_drawn_by_the_script() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(make.PICTURES)
