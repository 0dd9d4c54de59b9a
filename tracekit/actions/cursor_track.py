"""The cursor beside every frame: ``cursor.npz`` of a trace and of a clip."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.npz import dump_arrays, load_arrays
from tracekit.core.errors import TracekitError

HIDDEN = -1
"""Shape of a frame that shows no cursor, or whose cursor is not known."""


@dataclass(frozen=True)
class CursorTrack:
    """Where the cursor is in each frame, and what it looks like."""

    positions: NDArray[np.int32]
    """Shape (frames, 2): x, y of the hotspot in pixels of the screen as recorded."""
    shapes: NDArray[np.int32]
    """Shape (frames,): index into ``images`` and ``hotspots``, or ``HIDDEN``."""
    images: tuple[NDArray[np.uint8], ...]
    """Of each shape the picture: (height, width, 4), RGBA with premultiplied alpha, as the X server composes it."""
    hotspots: NDArray[np.int32]
    """Shape (shapes, 2): x, y of the hotspot in the picture."""

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.shapes)

    def cut(self, frames: NDArray[np.int64] | list[int]) -> "CursorTrack":
        """The cursor of some frames, in the order given. Shapes that none of them shows are left out."""
        positions, shapes = self.positions[frames], self.shapes[frames]
        used = sorted({shape for shape in shapes.tolist() if shape != HIDDEN})
        renumbered = {shape: number for number, shape in enumerate(used)} | {HIDDEN: HIDDEN}
        return CursorTrack(
            positions,
            np.array([renumbered[shape] for shape in shapes.tolist()], np.int32),
            tuple(self.images[shape] for shape in used),
            self.hotspots[used].reshape(-1, 2),
        )

    def save(self) -> bytes:
        """``cursor.npz``: ``positions``, ``shapes``, ``hotspots``, and ``image_0``, ``image_1`` ...

        The same track gives the same bytes.
        """
        arrays = {"positions": self.positions, "shapes": self.shapes, "hotspots": self.hotspots}
        return dump_arrays(arrays | {f"image_{number}": image for number, image in enumerate(self.images)})

    @classmethod
    def load(cls, data: bytes, name: str = "cursor.npz") -> "CursorTrack":
        """Read ``cursor.npz``.

        Raises:
            TracekitError: not such a file, or its arrays do not fit each other.
        """
        arrays = load_arrays(data, name)
        try:
            positions, shapes, hotspots = (arrays[key] for key in ("positions", "shapes", "hotspots"))
            images = tuple(arrays[f"image_{number}"] for number in range(len(hotspots)))
        except (KeyError, TypeError) as error:
            raise TracekitError(f"not the cursor of a desktop: {error}", place=name) from error
        fits = (
            all(values.dtype.kind in "iu" for values in (positions, shapes, hotspots))
            and shapes.ndim == 1
            and positions.shape == (len(shapes), 2)
            and hotspots.shape == (len(images), 2)
            and all(image.ndim == 3 and image.shape[2] == 4 and image.dtype == np.uint8 for image in images)
            and (not len(shapes) or (shapes.min() >= HIDDEN and shapes.max() < len(images)))
        )
        if not fits:
            raise TracekitError("its arrays do not fit each other", place=name)
        return cls(positions.astype(np.int32), shapes.astype(np.int32), images, hotspots.astype(np.int32))
