"""The filters that look at pictures: what they cost, what they find, and what they take by mistake.

    python benchmarks/filter_pictures.py [CASTS...] [--clips 24] [--signatures 100000]

Clips are those of the given recordings (default: the demo's), spread evenly. Of near-duplicate pictures: processor time
a clip; how many copies are found that were coded worse, scaled, or drawn with other themes; how many pairs of clips of
different recordings would be taken for each other; the time and memory of finding them among so many made-up
signatures, a tenth of which are near another one, and at a quarter of them. Of legibility: processor time a clip with
tesseract's own, and the share of the words that is read of clips as they are, drawn small, and coded badly.
"""

import argparse
import resource
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.cast_source import CastConfig, CastSource
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.core.clock import CLIP_FRAMES
from tracekit.core.errors import Rejected
from tracekit.filters.legibility import Legibility
from tracekit.filters.measure import StoredClip
from tracekit.filters.near_duplicate_picture import NearDuplicatePicture
from tracekit.filters.pictures import BITS, near, signature
from tracekit.video.decode import decode
from tracekit.video.plain import PlainEncoder

MAX_BITS = NearDuplicatePicture().max_bits
LEGIBILITY = Legibility()
PLAIN, VIDEO = LookSettings(), VideoSettings()
SUFFIXES = (".cast", ".json", ".gz", ".zst")


def cpu_s() -> float:
    """Of this process and of the programs that it has run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def clips_of(paths: Sequence[Path], look: LookSettings, video: VideoSettings) -> Iterator[Clip]:
    source = CastSource(CastConfig(paths=["-"]), Capture(ClipSettings(), look, video, None, 0))
    for path in paths:
        data = path.read_bytes()
        try:
            found = list(source.clips(Input(path.name, sha256(data).hexdigest(), len(data), str(path))))
        except Rejected:
            continue
        yield from (clip for clip in found if isinstance(clip, Clip))


class Corpus:
    """Some of the clips of recordings, drawn in any way."""

    def __init__(self, paths: Sequence[Path], count: int) -> None:
        keys = [clip.key for clip in clips_of(paths, PLAIN, VIDEO)]
        self._keys = set(keys[:: max(1, len(keys) // count)][:count])
        self._paths = [path for path in paths if any(clip.key in self._keys for clip in clips_of([path], PLAIN, VIDEO))]

    def drawn(self, look: LookSettings = PLAIN, video: VideoSettings = VIDEO) -> list[StoredClip]:
        clips = clips_of(self._paths, look, video)
        return [StoredClip(clip.key, clip.sample, clip.files) for clip in clips if clip.key in self._keys]


def copied(video: bytes, scale: float, crf: int) -> bytes:
    encoder = None
    for frame in decode(video):
        width, height = (int(side * scale) // 2 * 2 for side in (frame.width, frame.height))
        encoder = encoder or PlainEncoder(width, height, crf=crf, preset="veryfast")
        scaled = frame.reformat(width=width, height=height, format="yuv420p", interpolation="BICUBIC")
        for plane, target in zip(scaled.planes, encoder.planes, strict=True):
            target[:] = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
        encoder.frame(True)
    assert encoder
    return encoder.finish()


def bits(one: bytes, other: bytes) -> int:
    return int(np.bitwise_count(np.frombuffer(one, np.uint8) ^ np.frombuffer(other, np.uint8)).sum())


def print_pictures(corpus: Corpus) -> None:
    clips = corpus.drawn()
    start = cpu_s()
    signed = [signature(clip.files["mp4"], CLIP_FRAMES) for clip in clips]
    print(f"near-duplicate-picture: {len(clips) / (cpu_s() - start):.0f} clips a second and core")
    judged = [(clip, one) for clip, one in zip(clips, signed, strict=True) if one]
    print(f"{len(clips) - len(judged)} of {len(clips)} clips show next to nothing; of the others")

    def print_found(what: str, copies: Sequence[bytes]) -> None:
        again = [signature(copy, CLIP_FRAMES) for copy in copies]
        apart = np.array([bits(one, copy) for (_, one), copy in zip(judged, again, strict=True) if copy])
        found = float(np.mean(apart <= MAX_BITS))
        print(
            f"  {what}: {found:.1%} found at {MAX_BITS} bits; bits: median {np.median(apart):.0f}, most {apart.max()}"
        )

    for what, scale, crf in (("coded at CRF 32", 1.0, 32), ("of 75% the size", 0.75, 23), ("of 150%", 1.5, 23)):
        print_found(what, [copied(clip.files["mp4"], scale, crf) for clip, _ in judged])
    wanted = {clip.key for clip, _ in judged}
    for theme in ("dracula", "github-light"):
        drawn = corpus.drawn(LookSettings(theme=theme))
        print_found(f"in the theme {theme}", [clip.files["mp4"] for clip in drawn if clip.key in wanted])
    pairs = [
        bits(one, other)
        for (clip, one), (with_clip, other) in combinations(judged, 2)
        if clip.sample["provenance"]["sha256"] != with_clip.sample["provenance"]["sha256"]
    ]
    if pairs:
        alike = sum(apart <= MAX_BITS for apart in pairs)
        print(
            f"  of {len(pairs)} pairs of different recordings {alike} are near; the nearest differ in {min(pairs)} bits"
        )


def made_up(count: int) -> NDArray[np.uint8]:
    """Random signatures, of which each tenth is one of the first thousand with a bit in 32 turned over by chance."""
    drawn = np.random.default_rng(0)
    signatures = drawn.integers(0, 256, (count, BITS // 8), np.uint8)
    copies = np.arange(9, count, 10)
    noise = np.bitwise_and.reduce(drawn.integers(0, 256, (5, len(copies), BITS // 8), np.uint8))
    signatures[copies] = signatures[copies % min(1000, count)] ^ noise
    return signatures


def print_index(count: int) -> None:
    for size in (count // 4, count):
        signatures, start = made_up(size), cpu_s()
        found = sum(1 for _ in near(signatures, MAX_BITS))
        seconds = cpu_s() - start
        tracemalloc.start()
        next(near(signatures, MAX_BITS))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        megabytes = (signatures.nbytes + most) / 1e6
        print(f"  among {size} signatures {found} are near another: {seconds:.1f} s, {megabytes:.0f} MB")


def print_legibility(corpus: Corpus) -> None:
    def shares(clips: Sequence[StoredClip]) -> list[float]:
        told = [LEGIBILITY.measure(clip) for clip in clips]
        return [one["read"] / one["words"] for one in told if one and one["words"] >= LEGIBILITY.min_words]

    clips = corpus.drawn()
    start = cpu_s()
    shares(clips)
    print(f"legibility: {len(clips) / (cpu_s() - start):.2f} clips a second and core; share of the words that is read")
    ways: dict[str, Callable[[], list[StoredClip]]] = {
        f"at {size} px": (lambda size=size: corpus.drawn(LookSettings(font_size_px=size)))  # type: ignore[misc]
        for size in (6, 8, 10, 13, 20, 40)
    }
    ways["at 13 px in github-light"] = lambda: corpus.drawn(LookSettings(theme="github-light"))
    ways["at 13 px, coded at QP 46"] = lambda: corpus.drawn(video=VideoSettings(qp=46))
    for what, draw in ways.items():
        read = np.array(shares(draw()))
        kept = float(np.mean(read >= LEGIBILITY.min_read))
        print(f"  {what}: least {read.min():.2f}, median {np.median(read):.2f}; {kept:.0%} of {len(read)} clips stay")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("casts", nargs="*", type=Path, help="files or folders; default: the recordings of the demo")
    parser.add_argument("--clips", type=int, default=24, help="how many to look at")
    parser.add_argument("--signatures", type=int, default=100_000, help="how many to compare")
    asked = parser.parse_args()
    places = asked.casts or [Path(__file__).parent.parent / "recipes" / "demo_casts"]
    files = sorted(
        path for place in places for path in (place.iterdir() if place.is_dir() else [place]) if path.suffix in SUFFIXES
    )
    corpus = Corpus(files, asked.clips)
    print_pictures(corpus)
    print_index(asked.signatures)
    print_legibility(corpus)


if __name__ == "__main__":
    main()
