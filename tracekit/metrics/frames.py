"""Two videos as pairs of frames on the one clock: what every score of pictures takes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray
from PIL import Image

from tracekit.core.clock import CLIP_FRAMES, FPS
from tracekit.core.errors import Rejected, TracekitError
from tracekit.video.decode import decode

Video = NDArray[np.uint8]
"""Shape (frames, height, width, 3), RGB, 0 to 255, 15 frames a second."""

MOST_FRAMES = 5 * 60 * FPS
"""Of a video on the clock: what is scored are clips, which are in memory as a whole."""
MOST_BYTES = 4 << 30
"""Of the pictures of a video that are read."""
_ROUNDING_S = Fraction(1, 2000)
"""Matroska and WebM round the times of frames to milliseconds."""


@dataclass(frozen=True)
class Sampling:
    """Which frames are compared, and how large."""

    fps: int = FPS
    """Frames a second, 1 to 15: the j-th is frame ``j * 15 // fps`` of the clock."""
    short_side_px: int | None = None
    """To which the shorter side of the pictures is scaled, their shape kept; None: they stay as they are."""
    most_frames: int | None = None
    """Of the clock, from the first; None: all."""

    def __post_init__(self) -> None:
        if not 1 <= self.fps <= FPS:
            raise TracekitError(f"{self.fps} frames a second can't be taken of {FPS}")

    def takes(self, number: int) -> bool:
        """Whether a frame of the clock is compared."""
        if self.most_frames is not None and number >= self.most_frames:
            return False
        return -(-number * self.fps // FPS) * FPS // self.fps == number

    def size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Width and height that a picture of this size is scaled to."""
        if self.short_side_px is None:
            return width_px, height_px
        scale = self.short_side_px / min(width_px, height_px)
        return round(width_px * scale), round(height_px * scale)


EVERY_FRAME = Sampling()
PAPER_GLOBAL = Sampling(fps=3, short_side_px=256, most_frames=CLIP_FRAMES)
"""Of the global scores of Neural Computers, appendix B.3: ``fps=3, size=256, max_seconds=5``. The paper does not say
which side has that size; here it is the shorter one."""
PAPER_AFTER_ACTIONS = Sampling(short_side_px=256)
"""Of the scores after actions: the paper gives no other size for them, and windows of 15 frames, which are a second."""


class Sampled(NamedTuple):
    """Frames of a video."""

    video: Video
    numbers: NDArray[np.int64]
    """Of the frames on the clock, shape (frames,), ascending."""
    frames: int
    """That the video has on the clock, those that were not asked for among them."""
    size: tuple[int, int]
    """Width and height of the video as it is, before scaling."""


@dataclass(frozen=True)
class Pair:
    """Frames of a true video and of a predicted one, of the same instants and the same size."""

    truth: Video
    predicted: Video
    numbers: NDArray[np.int64]
    """Of the frames on the clock, shape (frames,), ascending."""
    truth_frames: int
    """That the true video has on the clock; those after the shorter one's end are not compared."""
    predicted_frames: int
    """That the predicted one has."""

    @property
    def frames(self) -> int:
        """Frames of the clock that both have."""
        return min(self.truth_frames, self.predicted_frames)

    def take(self, numbers: Collection[int] | NDArray[np.int64]) -> "Pair":
        """Those of its frames that have these numbers on the clock."""
        chosen = np.isin(self.numbers, np.asarray(numbers, np.int64))
        return Pair(
            self.truth[chosen], self.predicted[chosen], self.numbers[chosen], self.truth_frames, self.predicted_frames
        )


def make_pair(
    truth: bytes | Path | Video,
    predicted: bytes | Path | Video,
    sampling: Sampling = EVERY_FRAME,
    *,
    resize: bool = False,
) -> Pair:
    """Put two videos beside each other, frame by frame, as far as the shorter one goes.

    Args:
        truth: an MP4 (or what else FFmpeg reads), its bytes, or its frames at 15 a second.
        predicted: likewise.
        sampling: which frames.
        resize: scale a predicted video of another size to that of the true one. Else it is an error.

    Raises:
        TracekitError: a video does not decode, or is empty.
        Rejected: reason ``other-size``: their sizes differ.
    """
    true = read_video(truth, sampling)
    other = read_video(predicted, sampling, true.size if resize else None)
    if not resize and true.size != other.size:
        raise Rejected(
            "other-size",
            f"the predicted video is {other.size[0]}x{other.size[1]}, the true one {true.size[0]}x{true.size[1]}",
            place=str(predicted) if isinstance(predicted, Path) else "",
            remedy="ask for it to be resized",
        )
    both = min(len(true.numbers), len(other.numbers))
    return Pair(true.video[:both], other.video[:both], true.numbers[:both], true.frames, other.frames)


def read_video(
    source: bytes | Path | Video, sampling: Sampling = EVERY_FRAME, size: tuple[int, int] | None = None
) -> Sampled:
    """Read frames of a video, at the instants of the clock whatever rate it has.

    Frame k is the picture that is shown at k/15 s from the first: a video of 30 frames a second loses every other one,
    and of 10 a second every second one comes twice.

    Args:
        source: a file, its bytes, or all frames at 15 a second.
        sampling: which frames.
        size: width and height that frames are made to have before they are sampled; None: they stay as they are.

    Raises:
        TracekitError: it does not decode, has no frames or no times, or is longer than `MOST_FRAMES` or larger than
            `MOST_BYTES`; or the array is no video.
    """
    place = str(source) if isinstance(source, Path) else ""
    pictures: list[NDArray[np.uint8]] = []
    numbers: list[int] = []
    frames = 0
    own = (0, 0)
    for number, shown in enumerate(_on_clock(source, place)):
        frames = number + 1
        if frames > MOST_FRAMES:
            raise TracekitError(
                f"the video is longer than {MOST_FRAMES // FPS} s", place=place, remedy="cut it into clips"
            )
        if sampling.takes(number):
            picture = _to_rgb(shown)
            if pictures and own != (picture.shape[1], picture.shape[0]):
                raise TracekitError("the video's frames are of several sizes", place=place)
            own = picture.shape[1], picture.shape[0]
            pictures.append(_scaled(picture, sampling.size(*(size or own))))
            if len(pictures) * pictures[-1].nbytes > MOST_BYTES:
                raise TracekitError(
                    f"the video has more than {MOST_BYTES >> 30} GiB of pictures",
                    place=place,
                    remedy="cut it into clips",
                )
            numbers.append(number)
    if not pictures:
        raise TracekitError("the video has no frames", place=place)
    return Sampled(np.stack(pictures), np.array(numbers, np.int64), frames, own)


def _on_clock(source: bytes | Path | Video, place: str) -> Iterator[av.VideoFrame | Video]:
    """What is shown at each instant of the clock."""
    if not isinstance(source, np.ndarray):
        yield from _decoded(source, place)
    elif source.ndim == 4 and source.shape[3] == 3 and source.dtype == np.uint8 and source.size:
        yield from source
    else:
        raise TracekitError(f"a video is uint8 (frames, height, width, 3), not {source.dtype} {source.shape}")


def _decoded(source: bytes | Path, place: str) -> Iterator[av.VideoFrame]:
    """What a coded video shows at each instant of the clock."""
    shown: av.VideoFrame | None = None
    number = 0
    for at_s, frame in _timed(source, place):
        while shown is not None and Fraction(number, FPS) < at_s - _ROUNDING_S:
            yield shown
            number += 1
        shown = frame


def _timed(source: bytes | Path, place: str) -> Iterator[tuple[Fraction, av.VideoFrame | None]]:
    """The frames of a coded video with their times from the first one; then None with that of its end."""
    start_s: Fraction | None = None
    time_s = length_s = Fraction(0)
    for number, frame in enumerate(decode(source)):
        if frame.pts is None or frame.time_base is None:
            raise TracekitError("the video's frames have no times", place=place, remedy="put it into an MP4")
        at_s = frame.pts * Fraction(frame.time_base)
        start_s = at_s if start_s is None else start_s
        time_s = at_s - start_s
        length_s = time_s / number if number else Fraction(1, FPS)
        yield time_s, frame
    yield time_s + length_s, None  # the last frame stays as long as the others do in the mean


def _to_rgb(frame: av.VideoFrame | Video) -> Video:
    """A frame as RGB; a decoded one by BT.709 if it says so and else by BT.601, as FFmpeg takes what says nothing."""
    if isinstance(frame, np.ndarray):
        return frame
    rgb = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709 if frame.colorspace == Colorspace.ITU709 else Colorspace.ITU601,
        src_color_range=ColorRange.JPEG if frame.color_range == ColorRange.JPEG else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)


def _scaled(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Bilinear, and over the whole of what falls into a pixel where it gets smaller."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))
