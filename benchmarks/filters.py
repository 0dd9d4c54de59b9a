"""What filters cost: processor time a clip for each, and the memory in which a corpus is decided about.

    python benchmarks/filters.py [--clips 100000] [CASTS...]

Measuring is timed on clips of the given recordings (default: the demo's), each filter on clips that nothing has read
yet; deciding on as many made-up clips as wanted, whose parts are written to a temporary folder. The memory is that of a
process of its own that runs the stage of the build, at a quarter of the clips and at all of them: what grows between
the two is drawn out in a straight line to the paper's corpus. Pages of files that are mapped do not count: the system
takes them back as it needs memory.
"""

import argparse
import base64
import json
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tracekit.build.decide import AllJudged, decide
from tracekit.build.measure import file_of, stage_of
from tracekit.build.overlaps import overlaps
from tracekit.build.plan import Part, Plan
from tracekit.build.recipe import Recipe
from tracekit.build.recipe_file import load_recipe
from tracekit.build.records import CAPTIONS, CLIPS, ROWS, PartFolder, Record
from tracekit.build.run import Workers, build
from tracekit.build.sections import filters_of, resolved
from tracekit.clips.fingerprint import PERMUTATIONS
from tracekit.core.files import Folder
from tracekit.core.plugins import load, names
from tracekit.filters.base import Candidate, Filter
from tracekit.filters.measure import StoredClip
from tracekit.filters.near_duplicate_picture import NAME as PICTURES
from tracekit.filters.pictures import BITS
from tracekit.shards.read import read_sample
from tracekit.shards.sample import Captions
from tracekit.shards.write import Place

ROOT = Path(__file__).parent.parent
PAPER_CLIPS = 823_989
OF_A_RECORDING = 10
OF_A_PART = 200
DECIDED = 2000
"""Made-up clips on which a decision is timed."""


def real_clips(casts: Sequence[Path], folder: Path) -> tuple[list[StoredClip], dict[str, Any], dict[str, Any]]:
    """The clips of a build, and of one of them its row and its captions."""
    paths = ",".join(str(path.resolve()) for path in casts)
    recipe = load_recipe(ROOT / "recipes" / "cligen_general.yaml", [f"source.paths={paths}", "filters={}"])
    build(recipe, str(folder), Workers(0))
    clips, rows, said = list[StoredClip](), list[dict[str, Any]](), list[dict[str, Any]]()
    for path in sorted((folder / "parts").iterdir()):
        part = PartFolder(Folder(folder), path.name)
        rows += part.rows(ROWS)
        said += part.rows(CAPTIONS)
        with (path / CLIPS).open("rb") as archive:
            for row in part.rows(ROWS):
                stored = read_sample(archive, Place(row["offset"], row["bytes"]), CLIPS)
                clips.append(StoredClip(stored.key, row["sample"], stored.files))
    return clips, rows[len(rows) // 2], said[len(said) // 2]["captions"]


def measure_ms(one: Filter, clips: Sequence[StoredClip]) -> float:
    """Processor time of a measure, the clip's files read from memory included; what a filter loads once is not."""
    for clip in clips:
        one.measure(clip)
    fresh = [StoredClip(clip.key, clip.sample, clip.files) for clip in clips]
    start = time.process_time()
    for clip in fresh:
        one.measure(clip)
    return 1000 * (time.process_time() - start) / len(fresh)


def made_up(row: Mapping[str, Any], clips: int) -> Iterator[dict[str, Any]]:
    """Rows of clips that differ from a real one in what they are named, and in every word that they show."""
    random = np.random.default_rng(0)
    for number in range(clips):
        recording = f"{number // OF_A_RECORDING:064x}"
        provenance = {
            **row["sample"]["provenance"],
            "licence": "MIT",
            "sha256": recording,
            "uri": f"{recording[-12:]}.cast",
        }
        key = f"clip-{number:08d}"
        yield {
            **row,
            "key": key,
            "fingerprint": base64.b64encode(random.integers(0, 2**32, PERMUTATIONS, dtype="<u4").tobytes()).decode(),
            "sample": {**row["sample"], "key": key, "provenance": {**provenance, "recording": f"r{recording[-12:]}"}},
        }


def written(out: Folder, clips: int, row: Mapping[str, Any], captions: Any, measured: Mapping[str, Any]) -> Plan:
    """Parts of made-up clips, as far as a part comes before it is decided about."""
    rows, parts, signatures = made_up(row, clips), [], np.random.default_rng(1)
    for number in range(clips // OF_A_PART):
        folder = PartFolder(out, f"{number:06d}")
        found = [next(rows) for _ in range(OF_A_PART)]
        files = {CLIPS: out.write(folder.name(CLIPS), b""), ROWS: folder.write_rows(ROWS, found)}
        folder.commit("capture", Record("", files, OF_A_PART))
        said = folder.write_rows(CAPTIONS, ({"key": one["key"], "captions": captions} for one in found))
        folder.commit("caption", Record("", {CAPTIONS: said}, OF_A_PART))
        for name, value in measured.items():
            values = (signatures.bytes(BITS // 8).hex() if name == PICTURES else value for _ in found)
            rows_of = ({"key": one["key"], "value": one_value} for one, one_value in zip(found, values, strict=True))
            lines = folder.write_rows(file_of(name), rows_of)
            folder.commit(stage_of(name), Record("", {file_of(name): lines}, OF_A_PART))
        parts.append(Part(f"{number:06d}", ()))
    return Plan(tuple(parts), ())


class Memory(threading.Thread):
    """Looks all the time how much memory this process has of its own, files aside."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before_kb = self.most_kb = self.now_kb()
        self._over = threading.Event()

    def now_kb(self) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem")))

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.most_kb = max(self.most_kb, self.now_kb())

    def end(self) -> None:
        self._over.set()
        self.join()


def decided(out: str, plan: Plan, recipe_json: str, answers: Any) -> None:
    """Run the stage, and what comes after it without shards; answer with memory and time."""
    recipe = Recipe.model_validate_json(recipe_json)
    filters, settings = filters_of(recipe), resolved(recipe)
    memory = Memory()
    memory.start()
    start = time.process_time()
    decide(Folder(out), plan, recipe, settings, filters)
    kept = overlaps(clip.verdict for clip in AllJudged(Folder(out), plan)).kept
    spent_s = time.process_time() - start
    memory.end()
    answers.put((memory.before_kb, memory.most_kb, spent_s, kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("casts", nargs="*", type=Path, default=[ROOT / "recipes" / "demo_casts"])
    parser.add_argument("--clips", type=int, default=100_000, help="made-up clips that are decided about")
    parser.add_argument("--filters", default="", help="names with commas between them; default: all that are installed")
    asked = parser.parse_args()
    wanted = asked.filters.split(",") if asked.filters else list(names("filters"))
    filters: dict[str, Filter] = {name: load("filters", name)() for name in wanted}
    with tempfile.TemporaryDirectory() as name:
        clips, row, captions = real_clips(asked.casts, Path(name) / "real")
        measured = {name: one.measure(clips[0]) for name, one in filters.items() if one.measure_version}
        measured = json.loads(json.dumps(measured))
        candidates = [
            Candidate(
                key=one["key"],
                recording=one["sample"]["provenance"]["recording"],
                input_sha256=one["sample"]["provenance"]["sha256"],
                uri=one["sample"]["provenance"]["uri"],
                sample=one["sample"],
                fingerprint=base64.b64decode(one["fingerprint"]),
                captions=Captions(**captions),
                measured=measured,
            )
            for one in made_up(row, DECIDED)
        ]
        print(f"processor time a clip: measured on {len(clips)} clips, decided about on {DECIDED:,} made-up ones")
        print(f"{'filter':22}{'measure, ms':>12}{'decide, ms':>12}{'clips a second a core':>24}")
        for name_of, one in filters.items():
            ms = measure_ms(one, clips) if one.measure_version else 0.0
            start = time.process_time()
            list(one.decide(candidates))
            decide_ms = 1000 * (time.process_time() - start) / DECIDED
            shown = f"{ms:12.2f}" if one.measure_version else f"{'-':>12}"
            print(f"{name_of:22}{shown}{decide_ms:12.3f}{1000 / max(1e-6, ms + decide_ms):24,.0f}")
        memory(Path(name), asked.clips, partial(written, row=row, captions=captions, measured=measured), list(filters))


def memory(folder: Path, clips: int, write: Any, filters: Sequence[str]) -> None:
    """Print the memory of the stage, and what the paper's corpus would take."""
    recipe = Recipe(name="made-up", source={"kind": "casts", "paths": ["."]}, filters=dict.fromkeys(filters))
    found = []
    for count in (clips // 4, clips):
        out = Folder(folder / str(count))
        plan = write(out, count)
        context = multiprocessing.get_context("spawn")
        answers = context.SimpleQueue()
        process = context.Process(target=decided, args=(out.url, plan, recipe.model_dump_json(), answers))
        process.start()
        found.append(answers.get())
        process.join()
        before_kb, most_kb, spent_s, kept = found[-1]
        print(
            f"decide and count on {count:,} clips by {len(filters)} filters: {most_kb / 1e3:,.0f} MB, "
            f"{before_kb / 1e3:,.0f} before the first clip; {1000 * spent_s / count:.2f} ms a clip; {kept:,} kept"
        )
    per_clip_kb = (found[1][1] - found[0][1]) / (clips - clips // 4)
    all_gb = (found[1][1] + per_clip_kb * (PAPER_CLIPS - clips)) / 1e6
    hours = found[1][2] / clips * PAPER_CLIPS / 3600
    print(
        f"so {per_clip_kb:.2f} kB a clip, and for the paper's {PAPER_CLIPS:,} clips {all_gb:.1f} GB and {hours:.2f} h "
        "of one core"
    )


if __name__ == "__main__":
    main()
