"""What an output folder was begun with: ``build.json`` and ``inputs.jsonl``. Nothing else is built into it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tracekit
from tracekit.build.plan import Part, Plan, Refused
from tracekit.clips.clip import Input
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest, to_json

FILE = "build.json"
INPUTS = "inputs.jsonl"
VERSION = 1
SHOWN = 12
"""Differences that an error lists."""


@dataclass(frozen=True)
class Lock:
    """All that the bytes of a build depend on."""

    recipe: Mapping[str, Any]
    """Resolved: `tracekit.build.sections.resolved`."""
    tools: Mapping[str, str]
    """Versions by name."""
    plan: Plan

    @property
    def _inputs(self) -> list[dict[str, Any]]:
        planned = [
            {"uri": item.uri, "sha256": item.sha256, "bytes": item.bytes, "part": part.id}
            for part in self.plan.parts
            for item in part.inputs
        ]
        return planned + [refused._asdict() for refused in self.plan.refused]

    def keep(self, out: Folder) -> None:
        """Begin a build in a folder, or go on with the one that is there.

        Raises:
            TracekitError: the folder holds a build of another recipe, other inputs or other tools; the differences are
                shown.
        """
        if not out.exists(FILE):
            if out.exists("index.parquet") or out.names("shards"):
                raise TracekitError(
                    "the folder holds a data set that is no build", place=out.url, remedy="choose another --out"
                )
            self.write(out)
            return
        found = read_lock(out)
        differences = [*_differences(found, self)]
        if differences:
            more = len(differences) - SHOWN
            lines = differences[:SHOWN] + ([f"... and {more} more"] if more > 0 else [])
            raise TracekitError(
                f"the folder holds another build; what was -> what is asked for: {'; '.join(lines)}",
                place=out.url,
                remedy="choose another --out; `tracekit caption` and `tracekit filter` change what needs no drawing",
            )

    def write(self, out: Folder) -> None:
        """Write both files, ``build.json`` last."""
        inputs = out.write(INPUTS, b"".join(map(to_json, self._inputs)))
        lock = {
            "version": VERSION,
            "recipe": self.recipe,
            "recipe_digest": digest(self.recipe),
            "tools": dict(self.tools),
            "inputs": {"count": self.plan.inputs, "sha256": inputs.sha256},
        }
        out.write(FILE, json.dumps(lock, ensure_ascii=False, indent=2).encode() + b"\n")


def read_lock(out: Folder) -> Lock:
    """Read what a folder was begun with. Inputs have no locator: they can't be opened by what the folder says.

    Raises:
        TracekitError: there is no build in the folder, it is damaged, or of another version of the format.
    """
    if not out.exists(FILE):
        raise TracekitError("there is no build here", place=out.url, remedy="run `tracekit build` first")
    try:
        lock = json.loads(out.read(FILE))
        if lock["version"] != VERSION:
            raise TracekitError(f"a build of format {lock['version']}, not {VERSION}", place=out.path(FILE))
        rows = [json.loads(line) for line in out.read(INPUTS).splitlines()]
        return Lock(lock["recipe"], lock["tools"], _plan(rows))
    except (ValueError, KeyError, TypeError) as error:
        raise TracekitError(
            f"damaged: {error!r}", place=out.path(FILE), remedy="begin again in another folder"
        ) from error


def tools(source_tools: Mapping[str, str]) -> dict[str, str]:
    """The versions of what makes the bytes: the source's own, and tracekit's."""
    return {"tracekit": tracekit.__version__, **dict(sorted(source_tools.items()))}


def _plan(rows: Sequence[Mapping[str, Any]]) -> Plan:
    parts: dict[str, list[Input]] = {}
    for row in rows:
        if "part" in row:
            item = Input(uri=row["uri"], sha256=row["sha256"], bytes=row["bytes"], locator="")
            parts.setdefault(row["part"], []).append(item)
    refused = (Refused(**row) for row in rows if "part" not in row)
    return Plan(tuple(Part(name, tuple(inputs)) for name, inputs in parts.items()), tuple(refused))


def _differences(old: Lock, new: Lock) -> Iterator[str]:
    for name, was, now in (("", old.recipe, new.recipe), ("tool ", old.tools, new.tools)):
        before, after = dict(_flat(was)), dict(_flat(now))
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield f"{name}{key}: {before.get(key, 'not there')} -> {after.get(key, 'not there')}"
    was_inputs, is_inputs = _hashes(old), _hashes(new)
    for uri in sorted(was_inputs.keys() | is_inputs.keys()):
        if was_inputs.get(uri) != is_inputs.get(uri):
            change = "new" if uri not in was_inputs else "gone" if uri not in is_inputs else "other content"
            yield f"input {uri}: {change}"


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, json.dumps(value, ensure_ascii=False)


def _hashes(lock: Lock) -> dict[str, str]:
    return {row["uri"]: row["sha256"] for row in lock._inputs}
