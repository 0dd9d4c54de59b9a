"""Which frames and which actions a latent of a causal video autoencoder goes with (Neural Computers, appendix D.3).

Such an autoencoder makes latent 0 of frame 0 alone, and latent t of the ``stride`` frames that end at frame
``t * stride``. It takes ``n * stride + 1`` frames: a clip is lengthened by repeating its last frame, and masks tell
what is not of the clip.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from tracekit.core.clock import CLIP_FRAMES
from tracekit.core.errors import TracekitError

WAN_STRIDE: Final = 4
"""Frames to a latent, of Wan2.1's autoencoder."""
MOST_WINDOW_FRAMES: Final = 4096

Convention = Literal["shown", "next"]
"""Which frame the row of an action belongs to: ``shown``: the row's own, the first that shows it (as tracekit's views
have it); ``next``: the one after it, the row's own being the last that does not show it."""


class Windows(NamedTuple):
    """The rows that each latent is given."""

    values: NDArray[Any]
    """Shape (latents, window_frames, ...), in order of time."""
    mask: NDArray[np.bool_]
    """Shape (latents, window_frames): whether it is a frame of the clip, and not padding."""


@dataclass(frozen=True)
class Alignment:
    """How a clip's frames, and what is known of each, come together with latents.

    Raises:
        TracekitError: a number is out of range, or the convention is none.
    """

    frames: int = CLIP_FRAMES
    """Of the clip."""
    stride: int = WAN_STRIDE
    """Frames to a latent."""
    window_latents: int = 3
    """How long a latent's window is."""
    lag_frames: int = 0
    """How much earlier than its latent a window ends."""
    convention: Convention = "shown"

    def __post_init__(self) -> None:
        for name, least in (("frames", 1), ("stride", 1), ("window_latents", 1), ("lag_frames", 0)):
            if getattr(self, name) < least:
                raise TracekitError(f"{name} is {getattr(self, name)}", remedy=f"at least {least}")
        if self.window_frames > MOST_WINDOW_FRAMES:
            raise TracekitError(f"a window of {self.window_frames} frames", remedy=f"at most {MOST_WINDOW_FRAMES}")
        if self.convention not in get_args(Convention):
            raise TracekitError(f"convention is {self.convention!r}", remedy=" or ".join(get_args(Convention)))

    @property
    def latents(self) -> int:
        """How many: 20 for 75 frames and a stride of 4."""
        return self.latent_of(self.frames - 1) + 1

    @property
    def padded_frames(self) -> int:
        """Of the lengthened clip: 77 for 75."""
        return (self.latents - 1) * self.stride + 1

    @property
    def window_frames(self) -> int:
        """Of a window."""
        return self.window_latents * self.stride

    def latent_of(self, frame: int) -> int:
        """The latent that a frame goes into."""
        return -(-frame // self.stride)

    def shown_frames(self) -> NDArray[np.int64]:
        """Shape (padded_frames,): the frame of the clip that each frame of the lengthened clip shows."""
        return np.minimum(np.arange(self.padded_frames), self.frames - 1)

    def frame_mask(self) -> NDArray[np.bool_]:
        """Shape (padded_frames,): whether it is a frame of the clip, and not padding."""
        return np.arange(self.padded_frames) < self.frames

    def latent_weights(self) -> NDArray[np.float32]:
        """Shape (latents,), above 0 to 1: the share of a latent's frames that are of the clip.

        Padding is shorter than a stride, so that no latent is made of it alone. Of 75 frames, the last latent is half.
        """
        later = self.frame_mask()[1:].reshape(-1, self.stride).mean(axis=1)
        return np.concatenate([[1], later]).astype(np.float32)

    def rows(self) -> NDArray[np.int64]:
        """Shape (latents, window_frames): the rows of each latent's window; some are before the clip, or after it.

        The window of latent t ends at row ``t * stride - lag_frames``, under the convention ``next`` one before.
        """
        last = np.arange(self.latents) * self.stride - self.lag_frames - (self.convention == "next")
        return last[:, None] + np.arange(1 - self.window_frames, 1)

    def windows(self, values: NDArray[Any], fill: float = 0) -> Windows:
        """What each latent is given of values that frames have: views of actions, positions, anything.

        Args:
            values: shape (frames, ...), of any dtype.
            fill: what padding holds: 0, or what stands for nothing (-1 in ``texts`` and ``shortcuts``).

        Raises:
            TracekitError: they are of another number of frames.
        """
        if not values.ndim or len(values) != self.frames:
            raise TracekitError(f"values of shape {values.shape} for a clip of {self.frames} frames")
        rows = self.rows()
        mask = (rows >= 0) & (rows < self.frames)
        taken = values[np.clip(rows, 0, self.frames - 1)]
        taken[~mask] = fill
        return Windows(taken, mask)
