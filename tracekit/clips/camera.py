"""Films a screen: paints what changed and encodes it."""

from collections.abc import Collection
from typing import BinaryIO

from tracekit.clips.settings import VideoSettings
from tracekit.terminal.engine import Shown
from tracekit.terminal.fit import Fit, Placement
from tracekit.terminal.painter import Look, Painter
from tracekit.video.encode import ClipEncoder


class Camera:
    """Turns what a screen shows into videos, one after the other.

    Args:
        look: colours and fonts.
        columns: the largest width that the screen will have, in cells.
        rows: its largest height.
        fit: how the screen comes into the picture.
        video: how it is encoded.

    Raises:
        Rejected: reason ``too-large``: the screen does not fit.
    """

    def __init__(self, look: Look, columns: int, rows: int, fit: Fit, video: VideoSettings) -> None:
        self._painter = Painter(look, columns, rows, fit, video.pix_fmt)
        self._encoder = ClipEncoder(
            self.placement.width_px,
            self.placement.height_px,
            pix_fmt=video.pix_fmt,
            qp=video.qp,
            preset=video.preset,
            gop_frames=video.gop_frames,
        )
        self.rolling = False
        """Whether it is in the middle of a video."""

    @property
    def placement(self) -> Placement:
        """Where the screen lies in the picture."""
        return self._painter.placement

    def frame(self, screen: Shown, changed: Collection[int] | None) -> None:
        """Append a frame.

        Args:
            screen: what to show.
            changed: its rows that may differ from the frame before, of this video; None for all. The first frame
                of a video looks at all of them.
        """
        first, self.rolling = not self.rolling, True
        rows = range(screen.rows) if changed is None or first else changed
        areas = self._painter.paint(screen, rows, self._encoder.planes)
        self._encoder.frame(bool(areas), areas)

    def repeat(self) -> None:
        """Append a frame that shows what the last one shows."""
        self._encoder.frame(False)

    def finish(self) -> bytes:
        """The video since the start or the last `finish`, an MP4 file."""
        video = self._encoder.finish()
        self.rolling = False
        return video

    def finish_into(self, file: BinaryIO) -> None:
        """As `finish`, written to a file."""
        self._encoder.finish_into(file)
        self.rolling = False
