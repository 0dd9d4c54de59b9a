"""The second stage of a part: each clip is read back and put into words, in ``captions.jsonl``."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.actions.windows import load_windows
from tracekit.build.capture import describe
from tracekit.build.records import CAPTIONS, CLIPS, ROWS, PartFolder, Record
from tracekit.captions.base import BatchCaptioner, Captioner, ClipView, DesktopView
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import Folder, digest
from tracekit.shards.events import load_events
from tracekit.shards.read import StoredSample, read_sample
from tracekit.shards.sample import Captions
from tracekit.shards.write import Place
from tracekit.terminal.grid import Grid

KEPT = ".cache"
"""Folder of a local data set for what a captioner keeps between runs. It is no part of the data set."""

Row = Mapping[str, Any]
View = ClipView | DesktopView


def settings_of(resolved: Mapping[str, Any], captured: Record) -> str:
    """The digest of all that a part's captions depend on.

    Args:
        resolved: the recipe. Which tier is chosen is no matter of this stage.
        captured: the record of the clips.
    """
    options = {name: value for name, value in resolved["captions"].items() if name != "tier"}
    return digest([options, resolved["captioner"], captured.digest])


def caption(folder: PartFolder, captioner: Captioner | BatchCaptioner, settings: str) -> Record:
    """Do the stage, and commit it.

    Raises:
        TracekitError: the captioner needs something that the user must put right; nothing is committed.
    """
    rows = folder.rows(ROWS)
    unread: dict[int, Exception] = {}
    with folder.out.open(folder.name(CLIPS)) as archive:
        views = _views(archive, folder.name(CLIPS), rows, unread)
        if isinstance(captioner, BatchCaptioner):
            answers = [*captioner.caption_all(views, kept_folder(folder.out))]
        else:
            answers = [*_one_by_one(captioner, views)]
    answer = iter(answers)
    said = [
        {"key": row["key"], **_said(row, unread[number] if number in unread else next(answer))}
        for number, row in enumerate(rows)
    ]
    record = Record(settings, {CAPTIONS: folder.write_rows(CAPTIONS, said)}, len(said))
    folder.commit("caption", record)
    return record


def kept_folder(out: Folder) -> Path:
    """Where a captioner may keep what should outlive a killed job: beside the data set, or on this machine if that is
    on an object store."""
    if out.local:
        return Path(out.url) / KEPT
    user = os.environ.get("TRACEKIT_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user).absolute() / "tracekit" / digest(out.url)[:16]


def _views(archive: IO[bytes], name: str, rows: Iterable[Row], unread: dict[int, Exception]) -> Iterator[View]:
    """The clips of a part, read one by one; of one that can't be read the error goes to ``unread``, by its number."""
    for number, row in enumerate(rows):
        stored = read_sample(archive, Place(row["offset"], row["bytes"]), name)
        try:
            view = _view(stored, row["sample"])
        except Exception as error:
            unread[number] = error
        else:
            yield view


def _view(stored: StoredSample, sample: dict[str, Any]) -> View:
    files = stored.files
    if sample["kind"] == "terminal":
        return ClipView(stored.key, Grid.load(files["cells.npz"]), load_events(files["events.jsonl"]), sample)
    return DesktopView(
        stored.key,
        load_inputs(files["events.jsonl"]),
        CursorTrack.load(files["cursor.npz"]),
        load_windows(files.get("windows.jsonl", b"")),
        sample,
    )


def _one_by_one(captioner: Captioner, views: Iterable[View]) -> Iterator[Captions | Exception]:
    for view in views:
        try:
            yield captioner.caption(view)
        except Rejected as error:
            yield error
        except TracekitError:
            raise
        except Exception as error:
            yield error


def _said(row: Row, answer: Captions | Exception) -> dict[str, Any]:
    """A row's ``captions``, or its ``reason`` and ``message`` where the clip can't be described."""
    if isinstance(answer, Captions):
        given = row["sample"].get("captions", {})
        captions = answer.model_dump(mode="json")
        return {"captions": captions | {tier: text for tier, text in given.items() if captions[tier] is None}}
    if isinstance(answer, Rejected):
        return {"reason": answer.reason, "message": answer.message}
    return {"reason": "caption-error", "message": describe(answer)}
