"""Stands in for the vhs program, which needs a browser: `fake_vhs.py TAPE` writes the video that the tape names.

FAKE_VHS says what it does: how long the video is, in seconds; or ``fail``, ``nothing``, ``hang``, ``junk``.
"""

import os
import sys
import time
from pathlib import Path

import av
import numpy as np

FPS = 50


def main() -> None:
    tape, does = Path(sys.argv[1]).read_text(encoding="utf-8"), os.environ["FAKE_VHS"]
    (output,) = [line.split(" ", 1)[1].strip('"') for line in tape.splitlines() if line.startswith("Output")]
    Path(os.environ["FAKE_VHS_TAPE"]).write_text(tape, encoding="utf-8")
    if does == "fail":
        sys.exit("could not open ttyd")
    if does == "hang":
        time.sleep(3600)
    if does == "junk":
        Path(output).write_bytes(b"no video at all")
    if does in ("junk", "nothing"):
        return
    with av.open(output, "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        count = round(float(does) * FPS)
        for index in range(count):  # a ramp: the brightness tells the share of the video that has passed
            grey = np.full((48, 64), 16 + 200 * index // count, np.uint8)
            picture = np.concatenate([grey, np.full((24, 64), 128, np.uint8)])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
