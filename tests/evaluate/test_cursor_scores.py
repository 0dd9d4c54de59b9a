"""The cursor's score of an evaluation: the truth is all right, and a cursor elsewhere, or nowhere, is not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tracekit.actions.arrow import arrow
from tracekit.actions.cursor_track import CursorTrack
from tracekit.evaluate.coding import encoded
from tracekit.evaluate.config import CursorScore
from tracekit.evaluate.pairs import Case
from tracekit.evaluate.text_scores import Cursor
from tracekit.metrics.frames import Video

WIDTH, HEIGHT = 160, 96
PLACES = np.array([(20, 15), (60, 40), (100, 50), (40, 60)], np.int32)
GEOMETRY = {"screen_width_px": WIDTH, "screen_height_px": HEIGHT, "width_px": WIDTH, "height_px": HEIGHT}
ARROW, TIP = arrow()


def desk() -> NDArray[np.uint8]:
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    picture[10:50, 20:90] = 240
    return picture


def drawn(right_px: int = 0, hidden: tuple[int, ...] = ()) -> Video:
    """The desk with the arrow, so far right of where the log has it; in some frames none is drawn."""
    video = np.stack([desk()] * len(PLACES))
    height, width = ARROW.shape[:2]
    for frame, (x, y) in enumerate(PLACES - TIP + np.array([right_px, 0])):
        if frame not in hidden:
            under = video[frame, y : y + height, x : x + width]
            under[:] = ARROW[..., :3] + under * (1 - ARROW[..., 3:] / 255)
    return video


def scored(folder: Path, truth: Video, predicted: Video) -> dict[str, float | None]:
    track = CursorTrack(PLACES, np.zeros(len(PLACES), np.int32), (ARROW,), np.array([TIP], np.int32))
    (folder / "predicted.mp4").write_bytes(encoded(predicted))
    described = {"geometry": GEOMETRY, "desktop": {"cursor": "with"}}
    files = {"cursor.npz": track.save()}
    case = Case("one", encoded(truth), folder / "predicted.mp4", files=files, described=described)
    return dict(Cursor(CursorScore()).clip(case).values)


def test_the_truth_is_all_right(tmp_path: Path) -> None:
    assert scored(tmp_path, drawn(), drawn()) == {"cursor_hit": 1, "cursor_px": 0, "cursor_judged": 1}


@pytest.mark.parametrize(("right_px", "hit"), [(5, 1), (20, 0)])
def test_a_cursor_beside_its_place_is_a_hit_within_the_tolerance(tmp_path: Path, right_px: int, hit: int) -> None:
    found = scored(tmp_path, drawn(), drawn(right_px))
    assert found == {"cursor_hit": hit, "cursor_px": right_px, "cursor_judged": 1}


def test_a_cursor_that_is_nowhere_is_no_hit(tmp_path: Path) -> None:
    assert scored(tmp_path, drawn(), drawn(hidden=(0, 1, 2, 3))) == {
        "cursor_hit": 0, "cursor_px": None, "cursor_judged": 1,
    }  # fmt: skip


def test_a_frame_is_judged_where_the_true_one_shows_the_cursor(tmp_path: Path) -> None:
    assert scored(tmp_path, drawn(hidden=(0, 3)), drawn(hidden=(0, 1, 3))) == {
        "cursor_hit": 0.5, "cursor_px": 0, "cursor_judged": 0.5,
    }  # fmt: skip
