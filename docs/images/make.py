"""Draw the README's pictures, each out of a data set.

    make demo
    python docs/images/make.py demo vim-cast- clip.png
    tracekit build recipes/cligen_clean.yaml --set source.families={} --set source.paths=vhs_scripts \\
        --set source.look=tape --set look.theme=recording --set look.canvas=null --out own
    python docs/images/make.py own vim- tape.png
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tracekit.core.clock import CLIP_FRAMES, FPS, NS_PER_S
from tracekit.shards.events import load_events
from tracekit.shards.read import iter_samples
from tracekit.terminal.fonts import FontChain
from tracekit.video.decode import frames_rgb

NAMES = {"\r": "⏎", "\x1b": "Esc", " ": "␣", "\x7f": "⌫"}
WIDTH_PX, GAP_PX, LINE_PX = 620, 12, 76
INK, SOFT, ACCENT, GROUND = "#1b1f24", "#8a929c", "#b3483a", "#ffffff"


def main() -> None:
    """Draw the busiest clip of one recording: three frames, and below them each keystroke at its instant."""
    folder, recording, name = sys.argv[1:]
    clips = [
        (load_events(sample.files["events.jsonl"]), sample)
        for shard in sorted((Path(folder) / "shards").glob("*.tar"))
        for sample in iter_samples(shard.open("rb"), shard.name)
        if sample.key.startswith(recording)
    ]
    events, sample = max(clips, key=lambda clip: sum(event.code == "i" for event in clip[0]))
    keys = [event for event in events if event.code == "i"]
    shown = [0, CLIP_FRAMES // 2, CLIP_FRAMES - 1]
    pictures = [Image.fromarray(rgb) for rgb in frames_rgb(sample.files["mp4"], shown)]
    height_px = pictures[0].height * WIDTH_PX // pictures[0].width
    sheet = Image.new("RGB", (3 * WIDTH_PX + 2 * GAP_PX, height_px + LINE_PX), GROUND)
    font = ImageFont.truetype(str(FontChain().families[0].regular), 15)
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        small = picture.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS)
        sheet.paste(small, (number * (WIDTH_PX + GAP_PX), 0))
    per_frame = sheet.width / CLIP_FRAMES
    for frame in range(CLIP_FRAMES):
        x = round((frame + 0.5) * per_frame)
        draw.line((x, height_px + 14, x, height_px + 20), INK if frame in shown else SOFT, 3 if frame in shown else 1)
    for key in keys:
        x = (key.time_ns * FPS / NS_PER_S + 0.5) * per_frame
        draw.line((x, height_px + 22, x, height_px + 32), ACCENT, 2)
        label = "".join(NAMES.get(character, character) for character in key.data)
        draw.text((x, height_px + 34), label, ACCENT, font, anchor="ma")
    remark = f"{len(keys)} keystrokes, each at its instant among {CLIP_FRAMES} frames"
    draw.text((0, height_px + 56), remark, SOFT, font)
    sheet.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
