"""The first stage: a part's inputs become clips, in ``clips.tar``, and what is known of them, in ``clips.jsonl``."""

import base64
import gc
import hashlib
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

from pydantic import ValidationError

from tracekit.build.plan import Part, Refused
from tracekit.build.recipe import Recipe
from tracekit.build.records import CLIPS, ROWS, PartFolder, Record
from tracekit.build.sections import source_of
from tracekit.build.source import Source
from tracekit.clips.clip import Clip, ClipRejected, Input
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import to_json
from tracekit.shards.sample import Sample
from tracekit.shards.write import Place, ShardWriter

TRIES_ALONE = 2
OWN_FAULT = "internal-error"
"""The reason of an input that tracekit itself failed on."""


@lru_cache(maxsize=1)
def open_source(recipe_json: str) -> Source:
    """The source of a recipe, kept from one part to the next: opening encoders and fonts takes longer than a clip."""
    source = source_of(Recipe.model_validate_json(recipe_json))
    gc.freeze()  # all that is loaded by now stays: looking through it for garbage takes 3 % of a build
    return source


def capture(folder: PartFolder, part: Part, recipe_json: str, settings: str, *, alone: bool) -> Record:
    """Do the stage, and commit it.

    Args:
        folder: of the part.
        part: which inputs.
        recipe_json: the recipe, paths included.
        settings: digest for the record.
        alone: run each input in a process of its own, so that one that crashes it is rejected and the others are not.
    """
    rows: list[dict[str, Any]] = []
    refused: list[Refused] = []

    def write(file: IO[bytes]) -> None:
        with ShardWriter(file) as tar:
            for item in part.inputs:
                captured = captured_alone(recipe_json, item) if alone else captured_here(recipe_json, item)
                clips, against = _written(captured, item, tar)
                rows.extend(clips)
                refused.extend(against)

    archive = folder.out.write(folder.name(CLIPS), write)
    files = {CLIPS: archive, ROWS: folder.write_rows(ROWS, rows)}
    record = Record(settings, files, len(rows), tuple(refused))
    folder.commit("capture", record)
    return record


def captured_here(recipe_json: str, item: Input) -> Iterator[Clip | Refused]:
    """The clips of an input, and what of it is refused. An input refused whole comes last, and takes back its clips."""
    try:
        for clip in open_source(recipe_json).clips(item):
            if isinstance(clip, ClipRejected):
                yield Refused(item.uri, item.sha256, clip.key, clip.reason, clip.message)
            else:
                yield _validated(clip, item)
    except Rejected as error:
        yield Refused(item.uri, item.sha256, None, error.reason, error.message)
    except TracekitError:
        raise
    except Exception as error:
        yield Refused(item.uri, item.sha256, None, OWN_FAULT, describe(error).replace(item.locator, item.uri))


def captured_alone(recipe_json: str, item: Input) -> Iterator[Clip | Refused]:
    """The same, from a process of its own; if that dies each time, the input is refused as ``crashed-worker``."""
    request = pickle.dumps((sys.path, recipe_json, item))
    for _ in range(TRIES_ALONE):
        process = subprocess.run(
            [sys.executable, "-m", "tracekit.build.alone"], input=request, stdout=subprocess.PIPE, check=False
        )
        if process.returncode == 0:
            answer = pickle.loads(process.stdout)
            if isinstance(answer, TracekitError):
                raise answer
            yield from answer
            return
    code = process.returncode
    cause = signal.Signals(-code).name if code < 0 else f"exit status {code}"
    yield Refused(item.uri, item.sha256, None, "crashed-worker", f"its worker process died each time: {cause}")


def describe(error: Exception) -> str:
    """An error that nobody foresaw, in a line: its type, its text, and where it was raised."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}: {error}"[:500]


def _validated(clip: Clip, item: Input) -> Clip | Refused:
    """The clip, unless what it says of itself could not go into a sample."""
    try:
        Sample.model_validate_json(to_json({"captions": {}, **clip.sample, "split": "train"}))
        if clip.sample["key"] != clip.key:
            raise ValueError(f"the sample says its key is {clip.sample['key']}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return Refused(item.uri, item.sha256, clip.key, "invalid-sample", message)
    except ValueError as error:
        return Refused(item.uri, item.sha256, clip.key, "invalid-sample", str(error))
    return clip


def _written(
    captured: Iterator[Clip | Refused], item: Input, tar: ShardWriter
) -> tuple[list[dict[str, Any]], list[Refused]]:
    """Put the clips of one input into the archive; return their rows, and what of the input is refused.

    If the input turns out to be refused whole, its clips lie in the archive without a row, which is the same as not
    being there: nothing reads them.
    """
    rows: list[dict[str, Any]] = []
    refused: list[Refused] = []
    for one in captured:
        if isinstance(one, Clip):
            rows.append(_row(one, tar.add(one.key, one.files)))
        elif one.key is None:
            return [], [one]
        else:
            refused.append(one)
    if not rows and not refused:
        refused.append(Refused(item.uri, item.sha256, None, "no-clips", "the source found nothing to show in it"))
    return rows, refused


def _row(clip: Clip, place: Place) -> dict[str, Any]:
    return {
        "key": clip.key,
        "offset": place.offset,
        "bytes": place.bytes,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(clip.files.items())},
        "fingerprint": base64.b64encode(clip.fingerprint).decode(),
        "sample": clip.sample,
    }
