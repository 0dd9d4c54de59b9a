"""Cursor accuracy: whether a video shows the cursor where the log has it.

Neural Computers (table 9) reports a cursor accuracy without saying what a hit is; this is a definition of our own, and
its figures do not compare with the paper's. The cursor's picture is laid over every place of a frame; where its luma
correlates best is where the cursor is, if it does well, and nowhere else as well. The same detector on the true frames
tells what it is worth: thin cursors, such as that over text, it often does not find in pictures that were scaled down.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.cursor_maps import cursor_map, on_screen
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Video

TOLERANCE_PX = 8.0
"""Of the screen: what one latent of Wan's encoder covers in a picture of the screen's size, and half of an icon of 16
pixels, commonly the smallest thing to be clicked: a cursor that was aimed at its middle is still on it."""
QUANTILES = (0.5, 0.9, 0.99)

_GOOD = 0.7
"""Correlation, of 1, of a cursor's pixels with its picture: a blurred cursor still is one."""
_AMBIGUOUS = 0.02
"""Places that fit as well as the best one to within this."""
_LEAST_CONTRAST = 0.1
"""Of a place, as a share of the picture's own: less is ground with next to nothing on it."""
_FEWEST_PX = 12.0
"""Opaque pixels of a cursor, in the video's, below which it is not looked for."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class CursorScore:
    """Of a video."""

    judged: int
    """Frames: the log has a cursor in them, most of which is on the screen."""
    found: int
    """Of them, those that show it anywhere."""
    hits: int
    """Of them, those that show it within the tolerance of the log's place."""
    accuracy: float | None
    """hits / judged; None if no frame is judged."""
    found_rate: float | None
    """found / judged; None if no frame is judged."""
    tolerance_px: float
    """Of the screen."""
    distance_px: dict[str, float]
    """Quantiles (p50, p90, p99) of how far from the log's place it is found, in pixels of the screen; {} if it is in no
    frame."""
    frames: list[int]
    """Which were judged."""
    frame_distances_px: list[float | None]
    """Of each of them; None where it was not found."""

    @property
    def hit_frames(self) -> list[int]:
        """Those of them that show it within the tolerance."""
        pairs = zip(self.frames, self.frame_distances_px, strict=True)
        return [frame for frame, distance in pairs if distance is not None and distance <= self.tolerance_px]


def cursor_score(
    video: Video,
    track: CursorTrack,
    box: Letterbox,
    *,
    frames: Sequence[int] | None = None,
    tolerance_px: float = TOLERANCE_PX,
) -> CursorScore:
    """Look for the cursor in the frames of a video, and hold it against the log.

    Frames are not judged whose cursor is hidden or not known, is less than half on the screen, or is too small in the
    video to be told from anything else.

    Args:
        video: every frame of the predicted video; or of the true one, for what the detector is worth.
        track: of the true clip, ``KEY.cursor.npz``; `tracekit.actions.arrow.arrow_track` where another look was drawn.
        box: from the screen to the video.
        frames: which are looked at, None: all that video and track have.
        tolerance_px: of the screen, from the hotspot that is found to the log's.

    Raises:
        TracekitError: the video is of another size than the box says, or has no such frame.
    """
    if video.shape[1:3] != (box.height_px, box.width_px):
        size = f"{video.shape[2]}x{video.shape[1]}, not {box.width_px}x{box.height_px}"
        raise TracekitError(f"the video is {size}, for which the cursor's places are")
    both = min(len(video), track.frames)
    wanted = range(both) if frames is None else frames
    if any(not 0 <= frame < both for frame in wanted):
        raise TracekitError(f"a frame was asked for that the {both} frames of video and cursor do not have")
    detector = CursorDetector(track, box)
    judged = [frame for frame in wanted if detector.can_judge(frame)]
    distances = list(_distances(detector, video, track, judged))
    known = [distance for distance in distances if distance is not None]
    hits = sum(distance <= tolerance_px for distance in known)
    quantiles = np.quantile(known, QUANTILES).tolist() if known else []
    return CursorScore(
        judged=len(judged),
        found=len(known),
        hits=hits,
        accuracy=hits / len(judged) if judged else None,
        found_rate=len(known) / len(judged) if judged else None,
        tolerance_px=tolerance_px,
        distance_px={f"p{100 * q:g}": value for q, value in zip(QUANTILES, quantiles, strict=bool(quantiles))},
        frames=judged,
        frame_distances_px=distances,
    )


def _distances(
    detector: "CursorDetector", video: Video, track: CursorTrack, frames: Sequence[int]
) -> Iterator[float | None]:
    """Of each frame, how far from the log's place the cursor is found; a frame like the one before is not searched."""
    before, place = -1, None
    for frame in frames:
        same = before >= 0 and track.shapes[frame] == track.shapes[before]
        if not (same and np.array_equal(video[frame], video[before])):
            place = detector.find(frame, video[frame])
        before = frame
        yield None if place is None else float(np.hypot(*(place - track.positions[frame])))


class CursorDetector:
    """Finds the cursor of a track anywhere in pictures of one size.

    Args:
        track: whose shapes are looked for.
        box: from the screen to the pictures.
    """

    def __init__(self, track: CursorTrack, box: Letterbox) -> None:
        self._track, self._box = track, box
        left, top, right, bottom = box.content_px
        size = bottom - top, right - left
        self._templates = [_Template(*_look(image, box.scale), size) for image in track.images]
        self._on_screen = on_screen(track, box)

    def can_judge(self, frame: int) -> bool:
        """Whether a frame's cursor is to be seen well enough."""
        if not self._on_screen[frame]:
            return False
        whole = self._templates[self._track.shapes[frame]].weight
        seen = _weights(cursor_map(self._track, frame, self._box).mask).sum()
        return bool(_FEWEST_PX <= whole <= 2 * seen)

    def find(self, frame: int, picture: NDArray[np.uint8]) -> NDArray[np.float64] | None:
        """Where a picture shows the cursor that the log has in a frame.

        Args:
            frame: whose shape is looked for.
            picture: shape (height, width, 3), RGB.

        Returns:
            x, y of the hotspot on the screen, to a pixel of the picture; None where nothing looks like the cursor, or
            places further apart than it is large do.
        """
        shape = int(self._track.shapes[frame])
        template = self._templates[shape]
        left, top, right, bottom = self._box.content_px
        fits = template.correlations(picture[top:bottom, left:right] @ _LUMA)
        best = np.unravel_index(np.argmax(fits), fits.shape)
        if fits[best] < _GOOD:
            return None
        others = np.argwhere(fits >= fits[best] - _AMBIGUOUS)
        if np.abs(others - best).max() > max(template.rows, template.columns):
            return None
        corner = left + int(best[1]) - template.columns + 1, top + int(best[0]) - template.rows + 1
        place: NDArray[np.float64] = self._box.to_screen(corner) + self._track.hotspots[shape]
        return place


class _Template:
    """A cursor's picture, ready to be laid over every place of pictures of one size.

    Weighted sums over the pixels that it covers are correlations with the weights, worked out by Fourier transforms.

    Args:
        luma: of the cursor, shape (rows, columns), 0 to 255.
        weights: how much each of its pixels counts, 0 to 1.
        size: rows and columns of the pictures.
    """

    def __init__(self, luma: NDArray[np.float32], weights: NDArray[np.float32], size: tuple[int, int]) -> None:
        self.rows, self.columns = luma.shape
        self.weight = float(weights.sum())
        # A multiple of 32 has small factors, as the transform likes it; the rest is the room that the shape sticks out.
        self._padded = tuple(-(-(length + more - 1) // 32) * 32 for length, more in zip(size, luma.shape, strict=True))
        self._places = slice(0, size[0] + self.rows - 1), slice(0, size[1] + self.columns - 1)
        inside = self._transformed(np.ones(size, np.float32))
        centred = luma - (weights * luma).sum() / max(self.weight, 1e-6)
        self._weights, self._weighted, squared = (
            self._transformed(values).conj() for values in (weights, weights * centred, weights * centred**2)
        )
        seen = self._summed(inside, self._weights)
        self._enough = seen >= max(self.weight / 2, 1e-3)
        self._seen = np.where(self._enough, seen, 1)
        self._mean = self._summed(inside, self._weighted) / self._seen
        self._variance = self._summed(inside, squared) / self._seen - self._mean**2

    def correlations(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pearson's correlation with the cursor at every place, 0 where less than half of it is on the picture.

        Args:
            picture: luma, 0 to 255, of the size.

        Returns:
            Shape (height + rows - 1, width + columns - 1): the first is the place where the cursor's last pixel lies on
            the picture's first.
        """
        centred = picture - picture.mean()
        spectrum = self._transformed(centred)
        mean = self._summed(spectrum, self._weights) / self._seen
        variance = self._summed(self._transformed(centred**2), self._weights) / self._seen - mean**2
        together = self._summed(spectrum, self._weighted) / self._seen - mean * self._mean
        told = self._enough & (variance > _LEAST_CONTRAST**2 * self._variance) & (self._variance > 1)
        scale = np.sqrt(np.where(told, variance * self._variance, 1))
        return np.where(told, together / scale, 0).astype(np.float32)

    def _transformed(self, values: NDArray[np.float32]) -> NDArray[np.complex64]:
        return np.fft.rfft2(values, self._padded).astype(np.complex64, copy=False)

    def _summed(self, one: NDArray[np.complex64], other: NDArray[np.complex64]) -> NDArray[np.float32]:
        correlated = np.fft.irfft2(one * other, self._padded).astype(np.float32, copy=False)
        return np.roll(correlated, (self.rows - 1, self.columns - 1), (0, 1))[self._places]


def _look(image: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Luma and weights of a cursor's picture as it is drawn at a scale."""
    height, width = image.shape[:2]
    alone = CursorTrack(np.zeros((1, 2), np.int32), np.zeros(1, np.int32), (image,), np.zeros((1, 2), np.int32))
    box = Letterbox(width, height, math.ceil(width * scale), math.ceil(height * scale), scale)
    drawn = cursor_map(alone, 0, box)
    alpha = drawn.mask[..., None]
    # The foreground is 2 c - a of a premultiplied colour c.
    colour = np.clip((drawn.foreground + alpha) / 2 / np.maximum(alpha, 1e-6), 0, 1)
    return (255 * colour @ _LUMA).astype(np.float32), _weights(drawn.mask)


def _weights(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels count as far as they are opaque: what is behind the others is not known."""
    return np.clip(2 * alpha - 1, 0, 1)
