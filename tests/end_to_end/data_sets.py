"""Data sets built from casts that a test writes, and all that can be read in them."""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.build.summary import Summary
from tracekit.casts.model import Header
from tracekit.casts.write import write_cast
from tracekit.core.events import Event
from tracekit.shards.read import iter_samples
from tracekit.terminal.grid import Grid

RECIPE = Path(__file__).parents[2] / "recipes" / "cligen_general.yaml"
HEADER = Header(2, 60, 10)
UNFILTERED = [f"filters.{name}=false" for name in ("too-short", "size", "blank", "frozen", "near-duplicate")]


def built(casts: Path, out: Path, *settings: str, workers: int = 0) -> Summary:
    """Build the casts of a folder by the recipe for them."""
    recipe = load_recipe(RECIPE, [f"source.paths={json.dumps([str(casts)])}", *settings])
    return build(recipe, str(out), Workers(workers))


def typed(text: str, start_s: float = 0, step_s: float = 0.2) -> list[Event]:
    """A text that is typed key by key, with its echo."""
    times = (round((start_s + step_s * place) * 1e9) for place in range(len(text)))
    return [Event(time_ns, code, char) for time_ns, char in zip(times, text, strict=True) for code in "io"]


def write(path: Path, events: Sequence[Event], header: Header = HEADER) -> Path:
    """Write a cast into a folder that need not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_cast(path, header, events)
    return path


def samples(out: Path) -> dict[str, dict[str, bytes]]:
    """The files of every sample of a data set, by key and extension."""
    found = {}
    for shard in sorted((out / "shards").glob("*.tar")):
        with shard.open("rb") as file:
            found |= {sample.key: sample.files for sample in iter_samples(file, shard.name)}
    return found


def readable(out: Path) -> Iterator[tuple[str, str]]:
    """Everything that can be read in a data set: what it is, and the text."""
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        name = str(path.relative_to(out))
        yield from _readable(name, path.read_bytes())


def _readable(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    text = content.decode("utf-8", "replace")
    yield name, text
    if name.endswith(".tar"):
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file is not None
                yield from _readable(f"{name}:{member.name}", file.read())
    elif name.endswith(".npz"):
        grid = Grid.load(content)
        for frame in range(grid.frames):
            lines = grid.lines(frame)
            yield f"{name}:{frame}", "\n".join(lines)
            yield f"{name}:{frame} (rows joined)", "".join(lines)
    elif name.endswith(".parquet"):
        yield f"{name} (rows)", str(pq.read_table(io.BytesIO(content)).to_pylist())
    elif name.endswith((".json", ".jsonl")):
        yield (
            f"{name} (unescaped)",
            "".join(
                _strings([json.loads(line) for line in text.splitlines()] if name.endswith("l") else json.loads(text))
            ),
        )


def _strings(value: object) -> Iterator[str]:
    """The text of all strings in a JSON value, one after the other: events' data joined."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))
