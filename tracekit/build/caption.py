"""The second stage of a part: each clip is read back and put into words, in ``captions.jsonl``."""

from collections.abc import Mapping
from typing import Any

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.actions.windows import load_windows
from tracekit.build.capture import describe
from tracekit.build.records import CAPTIONS, CLIPS, ROWS, PartFolder, Record
from tracekit.captions.base import Captioner, ClipView, DesktopView
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import digest
from tracekit.shards.events import load_events
from tracekit.shards.read import StoredSample, read_sample
from tracekit.shards.write import Place
from tracekit.terminal.grid import Grid


def settings_of(resolved: Mapping[str, Any], captured: Record) -> str:
    """The digest of all that a part's captions depend on.

    Args:
        resolved: the recipe. Which tier is chosen is no matter of this stage.
        captured: the record of the clips.
    """
    options = {name: value for name, value in resolved["captions"].items() if name != "tier"}
    return digest([options, resolved["captioner"], captured.digest])


def caption(folder: PartFolder, captioner: Captioner, settings: str) -> Record:
    """Do the stage, and commit it."""
    rows = []
    with folder.out.open(folder.name(CLIPS)) as archive:
        for row in folder.rows(ROWS):
            stored = read_sample(archive, Place(row["offset"], row["bytes"]), folder.name(CLIPS))
            rows.append({"key": row["key"], **_captioned(captioner, stored, row["sample"])})
    record = Record(settings, {CAPTIONS: folder.write_rows(CAPTIONS, rows)}, len(rows))
    folder.commit("caption", record)
    return record


def _view(stored: StoredSample, sample: dict[str, Any]) -> ClipView | DesktopView:
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


def _captioned(captioner: Captioner, stored: StoredSample, sample: dict[str, Any]) -> dict[str, Any]:
    """A row's ``captions``, or its ``reason`` and ``message`` where the clip can't be described."""
    given = sample.get("captions", {})
    try:
        captions = captioner.caption(_view(stored, sample)).model_dump(mode="json")
        return {"captions": captions | {tier: text for tier, text in given.items() if captions[tier] is None}}
    except Rejected as error:
        return {"reason": error.reason, "message": error.message}
    except TracekitError:
        raise
    except Exception as error:
        return {"reason": "caption-error", "message": describe(error)}
