"""What the paper's 823,989 clips would take on 64 cores, worked out from what is measured here.

    python benchmarks/scale.py [CASTS...]

Per-clip costs come from a build of the given recordings (default: the demo's) in one process. What one process does for
the whole corpus (deciding about near-duplicates) is measured on made-up clips, and drawn out in a straight line; its
memory is measured by benchmarks/filters.py.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from tracekit.build.progress import Silent
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.clips.fingerprint import PERMUTATIONS
from tracekit.filters.base import Candidate
from tracekit.filters.near_duplicate import NearDuplicate
from tracekit.shards.read import iter_samples
from tracekit.shards.sample import Captions

ROOT = Path(__file__).parent.parent
PAPER_CLIPS = 823_989
CORES = 64
MADE_UP = 20_000


class Phases(Silent):
    """CPU seconds of the phases of a build."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self._work = ""

    def begin(self, work: str, total: int, done: int, unit: str) -> None:
        self._work = work
        self.begun[work] = self.last[work] = time.process_time()

    def step(self, name: str, size: int, remark: str) -> None:
        self.last[self._work] = time.process_time()

    def spent_s(self, work: str) -> float:
        return self.last[work] - self.begun[work]


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def made_up(count: int, sample: str) -> list[Candidate]:
    """Clips of recordings with ten clips each, all different, with what a real one says of itself in JSON."""
    random = np.random.default_rng(0)
    return [
        Candidate(
            key=f"clip-{number:08d}",
            recording=f"r{number // 10}",
            input_sha256=f"{number // 10:064x}",
            uri=f"{number // 10}.cast",
            sample=json.loads(sample),
            fingerprint=random.integers(0, 2**32, PERMUTATIONS, dtype="<u4").tobytes(),
            captions=Captions(),
        )
        for number in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("casts", nargs="*", type=Path, default=[ROOT / "recipes" / "demo_casts"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        paths = ",".join(str(path.resolve()) for path in asked.casts)
        recipe = load_recipe(ROOT / "recipes" / "cligen_general.yaml", [f"source.paths={paths}"])
        phases = Phases()
        summary = build(recipe, str(out), Workers(0), phases)
        parts = [folder_bytes(out / folder) for folder in ("parts", "shards")]
        index = (out / "index.parquet").stat().st_size
        with (out / "shards" / "train-000000.tar").open("rb") as file:
            sample = next(iter_samples(file, "train-000000.tar")).files["json"].decode()
    capture_ms, pack_ms = (1000 * phases.spent_s(work) / summary.clips for work in ("capture", "pack"))

    start = time.process_time()
    candidates = made_up(MADE_UP, sample)
    list(NearDuplicate().decide(candidates))
    decide_ms = 1000 * (time.process_time() - start) / MADE_UP

    print(f"measured on {summary.inputs} recordings, {summary.clips} clips; deciding on {MADE_UP:,} made-up clips")
    print(f"{'a clip':44} {'all ' + format(PAPER_CLIPS, ',') + ' clips':>28}")
    hours = PAPER_CLIPS / 1000 / 3600
    per_kb = [size / 1000 / summary.clips for size in parts]
    for what, value, whole in (
        ("draw and caption, CPU ms", capture_ms, f"{capture_ms * hours / CORES:.2f} h on {CORES} cores"),
        ("pack, CPU ms", pack_ms, f"{pack_ms * hours / CORES:.2f} h on {CORES} cores"),
        ("decide (one process), CPU ms", decide_ms, f"{decide_ms * hours:.2f} h on one core"),
        ("parts, kB", per_kb[0], f"{per_kb[0] * PAPER_CLIPS / 1e9:.3f} TB"),
        ("shards, kB", per_kb[1], f"{per_kb[1] * PAPER_CLIPS / 1e9:.3f} TB"),
        ("index, kB", index / 1000 / summary.clips, f"{index / summary.clips * PAPER_CLIPS / 1e9:.1f} GB"),
    ):
        print(f"{what:34} {value:9.2f} {whole:>28}")
    io_mb_s = 1000 * sum(per_kb) / 1000 / (capture_ms + pack_ms) * CORES
    print(f"writing by {CORES} cores at once: {io_mb_s:,.0f} MB/s")


if __name__ == "__main__":
    main()
