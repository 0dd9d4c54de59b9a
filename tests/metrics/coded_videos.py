"""Videos for tests of scores: coded at any rate, and what goes wrong with a picture."""

import io

import av
import numpy as np
from numpy.typing import NDArray

from tracekit.metrics.frames import Video


def coded(video: Video, fps: int = 15, container: str = "mp4", codec: str = "libx264rgb") -> bytes:
    """A video file; lossless with the codec that stands there."""
    pix_fmt = "rgb24" if codec == "libx264rgb" else "yuv420p"
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=fps, options={"qp": "0"})
        stream.height, stream.width, stream.pix_fmt = *video.shape[1:3], pix_fmt
        for picture in video:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def numbered(frames: int, width_px: int = 32, height_px: int = 16) -> Video:
    """Frame k is grey of value 2 k."""
    shades = (2 * np.arange(frames)).astype(np.uint8)
    return np.broadcast_to(shades[:, None, None, None], (frames, height_px, width_px, 3)).copy()


def numbers_of(video: Video) -> list[int]:
    """Which of them are shown."""
    found: list[int] = (video[:, 0, 0, 0] // 2).tolist()
    return found


def pictures(frames: int, height_px: int, width_px: int, seed: int = 0) -> Video:
    """Soft shapes with sharp edges, other ones in each frame."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (frames, -(-height_px // 8), -(-width_px // 8), 3))
    large = blocks.repeat(8, axis=1).repeat(8, axis=2)[:, :height_px, :width_px]
    slope = np.linspace(0, 40, width_px)[:, None]
    return np.clip(large * 0.8 + slope, 0, 255).astype(np.uint8)


def spoilt(video: Video, by: int, seed: int = 1) -> NDArray[np.uint8]:
    """With noise of up to so many levels."""
    noise = np.random.default_rng(seed).integers(-by, by + 1, video.shape)
    return np.clip(video + noise, 0, 255).astype(np.uint8)
