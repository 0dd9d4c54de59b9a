"""Draw the README's picture of desktops: frames of a trace with its inputs over them.

tracekit desktop record traces --policy tasks --set 'only=[mousepad-save-as]' --seed 3
python docs/images/desktop.py traces/tasks-000003 desktop.png 60 122 200
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image

from tracekit.desktop.overlay import overlay
from tracekit.video.decode import frames_rgb

WIDTH_PX, GAP_PX = 620, 12


def main() -> None:
    """Draw the frames side by side."""
    trace, name, *numbers = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "overlay.mp4"
        overlay(Path(trace), video)
        pictures = [Image.fromarray(rgb) for rgb in frames_rgb(video, list(map(int, numbers)))]
    height_px = pictures[0].height * WIDTH_PX // pictures[0].width
    width_px = len(pictures) * (WIDTH_PX + GAP_PX) - GAP_PX
    sheet = Image.new("RGB", (width_px, height_px), "#ffffff")
    for number, picture in enumerate(pictures):
        small = picture.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS)
        sheet.paste(small, (number * (WIDTH_PX + GAP_PX), 0))
    sheet.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
