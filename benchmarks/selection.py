"""Selecting beside copying: the same shards by `tracekit select`, by cp and by tar, and memory by size of the index.

    python benchmarks/selection.py [--samples N] [--rows N ...]

The samples are those of a build of the demo's recordings, under as many keys as are asked for. A selection reads each
of them by its place, checks its hashes, packs it into a shard of another order, hashes that, and makes its row of the
index; cp and tar move the bytes. All data is in the file system's cache. Memory is the peak of a process that
chooses a tenth of an index (no shard is read), over what it had before.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.core.files import to_json
from tracekit.select.choose import choose
from tracekit.select.mix import Group, Mix
from tracekit.select.query import connect
from tracekit.select.run import select
from tracekit.select.sources import open_sets
from tracekit.shards.index import Row, clip_row, write_index
from tracekit.shards.read import StoredSample, iter_samples
from tracekit.shards.write import ShardWriter

ROOT = Path(__file__).parent.parent
PER_SHARD = 500
MIX = Mix(groups={"all": Group(balance="family", per_recording=8)})


def demo_samples(folder: Path) -> list[StoredSample]:
    """The samples of the demo's recordings."""
    recipe = load_recipe(ROOT / "recipes" / "cligen_general.yaml", [f"source.paths={ROOT / 'recipes' / 'demo_casts'}"])
    build(recipe, str(folder), Workers(0))
    found = []
    for shard in sorted((folder / "shards").glob("train-*.tar")):
        with shard.open("rb") as file:
            found += list(iter_samples(file, shard.name))
    return found


def many(samples: list[StoredSample], count: int) -> Iterator[tuple[str, dict[str, bytes], dict[str, Any]]]:
    """As many samples as are asked for, ten of a recording, each with a key of its own."""
    said = [json.loads(sample.files["json"]) for sample in samples]
    for number in range(count):
        files, plain = samples[number % len(samples)].files, said[number % len(samples)]
        name = f"r{number // 10:07d}"
        source = {
            **plain["provenance"],
            "recording": name,
            "sha256": f"{number // 10:064x}",
            "uri": f"f{number % 7}/{name}",
        }
        described = {**plain, "key": f"{name}-{number % 10:04d}", "provenance": source}
        yield described["key"], {**files, "json": to_json(described)}, described


def write_set(folder: Path, samples: list[StoredSample], count: int) -> None:
    """A data set of shards and index."""
    (folder / "shards").mkdir(parents=True)
    rows, made = [], many(samples, count)
    for number in range(-(-count // PER_SHARD)):
        name = f"train-{number:06d}.tar"
        with (folder / "shards" / name).open("wb") as file, ShardWriter(file) as shard:
            for (key, files, described), _ in zip(made, range(PER_SHARD), strict=False):
                rows.append(clip_row(described, shard=name, place=shard.add(key, files), caption=files["txt"].decode()))
    with (folder / "index.parquet").open("wb") as file:
        write_index(file, rows)


def write_rows(folder: Path, row: Row, count: int) -> None:
    """An index without shards."""
    folder.mkdir()
    numbers = (
        {"key": f"r{n // 10:07d}-{n % 10:04d}", "recording": f"r{n // 10:07d}", "uri": f"f{n % 7}/{n}"}
        for n in range(count)
    )
    with (folder / "index.parquet").open("wb") as file:
        write_index(file, ({**row, **number} for number in numbers))


def choosing(folder: Path, count: int, answers: Any) -> None:
    """Choose a tenth, and tell how much memory that took at most, in MB, and the CPU seconds."""
    import duckdb

    duckdb.connect().execute("SELECT 1").fetchall()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before_mb, start = _peak_mb(), time.process_time()
    mix = MIX.model_copy(update={"samples": count // 10})
    with tempfile.TemporaryDirectory() as scratch:
        choice = choose(connect(open_sets([str(folder)]), Path(scratch)), mix, "caption LIKE '%the%' OR true")
        for read in (choice.samples, choice.account):
            for _ in read():
                pass
    answers.put((_peak_mb() - before_mb, time.process_time() - start))


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, those of child processes included."""
    start, before = time.monotonic(), _cpu_s()
    work()
    return time.monotonic() - start, _cpu_s() - before


def _cpu_s() -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--samples", type=int, default=4000, help="of the data set that is copied")
    parser.add_argument(
        "--rows", type=int, nargs="*", default=[25_000, 100_000, 400_000], help="of indexes that are chosen from"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples = demo_samples(folder / "demo")
        write_set(folder / "set", samples, asked.samples)
        shards = folder / "set" / "shards"
        size_mb = sum(path.stat().st_size for path in shards.iterdir()) / 1e6
        print(f"{asked.samples} samples, {size_mb:.0f} MB")
        print(f"{'':24} {'s':>7} {'CPU s':>7} {'MB/s':>7} {'samples/s':>10} {'CPU over cp':>12}")
        commands = {
            "cp -r": lambda: subprocess.run(["cp", "-r", shards, folder / "copy"], check=True),
            "tar -cf": lambda: subprocess.run(
                ["tar", "-cf", folder / "copy.tar", shards], check=True, stderr=subprocess.DEVNULL
            ),
            "select": lambda: select([str(folder / "set")], str(folder / "one")),
            "select, 2 processes": lambda: select([str(folder / "set")], str(folder / "two"), workers=2),
        }
        base = 0.0
        for what, work in commands.items():
            wall_s, cpu_s = timed(work)
            base = base or cpu_s
            rates = f"{size_mb / wall_s:7.0f} {asked.samples / wall_s:10.0f} {cpu_s / base:12.1f}"
            print(f"{what:24} {wall_s:7.2f} {cpu_s:7.2f} {rates}")
        for path in ("one", "two", "copy"):
            shutil.rmtree(folder / path)
        row = clip_row(next(many(samples, 1))[2], shard="train-000000.tar", caption=samples[0].files["txt"].decode())
        spawn = multiprocessing.get_context("spawn")
        print(f"{'choosing a tenth of':24} {'MB':>7} {'CPU s':>7}")
        for count in asked.rows:
            write_rows(folder / str(count), {**row, "offset": 0, "bytes": 1}, count)
            answers: Any = spawn.SimpleQueue()
            child = spawn.Process(target=choosing, args=(folder / str(count), count, answers))
            child.start()
            memory_mb, cpu_s = answers.get()
            child.join()
            print(f"{count:>15,} rows     {memory_mb:7.0f} {cpu_s:7.2f}")


if __name__ == "__main__":
    main()
