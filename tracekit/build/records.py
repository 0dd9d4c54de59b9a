"""Commit records: what of a part is done, and by which settings. ``part.json`` is written after what it tells of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tracekit.build.plan import Refused
from tracekit.core.files import Content, Folder, to_json

Stage = str
"""``capture``, ``caption``, ``filter``, and ``measure-NAME`` of each filter that measures."""
FILE = "part.json"
CLIPS, ROWS, CAPTIONS, DECISIONS = "clips.tar", "clips.jsonl", "captions.jsonl", "decisions.jsonl"


@dataclass(frozen=True)
class Record:
    """That a stage of a part is done."""

    settings: str
    """Digest of all that the stage's result depends on."""
    files: dict[str, Content]
    count: int
    """Clips."""
    refused: tuple[Refused, ...] = ()

    @property
    def digest(self) -> list[str]:
        """What later stages depend on: the hashes of the files."""
        return [content.sha256 for _, content in sorted(self.files.items())]


class PartFolder:
    """The folder of one part: its stages' files and ``part.json``."""

    def __init__(self, out: Folder, part_id: str) -> None:
        self.out = out
        self._name = f"parts/{part_id}"

    def name(self, file: str) -> str:
        """A file's name in the output folder."""
        return f"{self._name}/{file}"

    def done(self, stage: Stage, settings: str | None = None) -> Record | None:
        """The record of a stage, if it is done with these settings (None: with any) and its files are still there."""
        record = self._records().get(stage)
        if record is None or settings not in {None, record.settings}:
            return None
        whole = all(self.out.size(self.name(name)) == content.bytes for name, content in record.files.items())
        return record if whole else None

    def commit(self, stage: Stage, record: Record) -> None:
        """Say that a stage is done. Its files must be there."""
        records = {**self._records(), stage: record}
        rows = {
            name: {
                "settings": one.settings,
                "count": one.count,
                "files": {file: content._asdict() for file, content in one.files.items()},
                "refused": [refused._asdict() for refused in one.refused],
            }
            for name, one in records.items()
        }
        self.out.write(self.name(FILE), to_json(rows))

    def write_rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Content:
        """Commit a file of JSON lines."""
        return self.out.write(self.name(name), b"".join(map(to_json, rows)))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Read a file of JSON lines."""
        return [json.loads(line) for line in self.out.read(self.name(name)).split(b"\n") if line]

    def _records(self) -> dict[str, Record]:
        if not self.out.exists(self.name(FILE)):
            return {}
        try:
            return {stage: _record(row) for stage, row in json.loads(self.out.read(self.name(FILE))).items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}  # a store without atomic puts: as if it had not been written


def _record(row: Mapping[str, Any]) -> Record:
    files = {name: Content(**content) for name, content in row["files"].items()}
    return Record(row["settings"], files, row["count"], tuple(Refused(**refused) for refused in row["refused"]))
