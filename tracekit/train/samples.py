"""Videos of what the model makes while it learns, beside what was recorded."""

import io
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tracekit.core.clock import FPS
from tracekit.core.files import Folder

GAP_PX = 4
"""Between the two pictures; even, as 4:2:0 wants it."""


def write_sample(path: Path, recorded: NDArray[np.uint8], made: NDArray[np.uint8]) -> None:
    """Write an MP4: on the left what was recorded, on the right what the model made, open loop.

    Open loop: all of the clip at once, from its first frame, its caption and the actions that were logged.

    Args:
        path: of the file; its folder is made.
        recorded: (f, h, w, 3), RGB, h and w even.
        made: the same shape.

    Raises:
        TracekitError: the file can't be written.
    """
    gap = np.zeros((*recorded.shape[:2], GAP_PX, 3), np.uint8)
    pictures = np.concatenate([recorded, gap, made], axis=2)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.height, stream.width = pictures.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    Folder(path.parent).write(path.name, file.getvalue())
