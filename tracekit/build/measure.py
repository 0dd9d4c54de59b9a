"""The stage between captions and decisions: what filters measure of a part's clips, a file a filter.

``measures-NAME.jsonl`` has a line a clip, in their order: its ``key`` and the ``value``, or the ``error`` in words.
Captions are no matter of it, so writing them anew measures nothing again.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tracekit.build.capture import describe
from tracekit.build.recipe import Recipe
from tracekit.build.records import CLIPS, ROWS, PartFolder, Record
from tracekit.build.sections import filters_of
from tracekit.core import plugins
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import digest, to_json
from tracekit.filters.base import Filter
from tracekit.filters.measure import StoredClip
from tracekit.shards.read import read_sample
from tracekit.shards.write import Place


@lru_cache(maxsize=1)
def measuring(recipe_json: str) -> Mapping[str, Filter]:
    """The filters of a recipe that measure, by name. Others may need files that workers can't reach."""
    recipe = Recipe.model_validate_json(recipe_json)
    wanted = {
        name: options
        for name, options in recipe.filters.items()
        if options is not False and plugins.load("filters", name).measure_version
    }
    return filters_of(recipe.model_copy(update={"filters": wanted}))


def measured(folder: PartFolder, filters: Mapping[str, Filter], captured: Record) -> bool:
    """Whether all of these filters have measured a part."""
    return not _waiting(folder, filters, captured)


def measure(folder: PartFolder, filters: Mapping[str, Filter], captured: Record) -> None:
    """Do what is not done of the stage, and commit it filter by filter; each clip is read once for all of them.

    Args:
        folder: of the part.
        filters: all that measure, by name.
        captured: the record of the clips.

    Raises:
        TracekitError: something that the user must put right.
    """
    waiting = _waiting(folder, filters, captured)
    if not waiting:
        return
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in waiting}
    with folder.out.open(folder.name(CLIPS)) as archive:
        for row in folder.rows(ROWS):
            stored = read_sample(archive, Place(row["offset"], row["bytes"]), folder.name(CLIPS))
            clip = StoredClip(stored.key, row["sample"], stored.files)
            for name, one in waiting.items():
                rows[name].append({"key": row["key"], **_value(one, clip)})
    for name, found in rows.items():
        content = folder.write_rows(file_of(name), found)
        folder.commit(stage_of(name), Record(_settings(waiting[name], captured), {file_of(name): content}, len(found)))


def measures_record(folder: PartFolder, name: str) -> Record | None:
    """That a filter has measured a part, if it has."""
    return folder.done(stage_of(name))


def measures(folder: PartFolder, name: str) -> list[dict[str, Any]]:
    """What a filter has measured of a part: a line a clip."""
    return folder.rows(file_of(name))


def _waiting(folder: PartFolder, filters: Mapping[str, Filter], captured: Record) -> dict[str, Filter]:
    return {name: one for name, one in filters.items() if folder.done(stage_of(name), _settings(one, captured)) is None}


def _value(one: Filter, clip: StoredClip) -> dict[str, Any]:
    """A row's ``value``, or its ``error`` where the clip can't be measured."""
    try:
        value = one.measure(clip)
        to_json(value)
    except Rejected as error:
        return {"error": error.message}
    except TracekitError:
        raise
    except Exception as error:
        return {"error": describe(error)}
    return {"value": value}


def _settings(one: Filter, captured: Record) -> str:
    return digest([one.measure_digest, captured.digest])


def stage_of(name: str) -> str:
    """The stage that measures for a filter."""
    return f"measure-{name}"


def file_of(name: str) -> str:
    """The file of a part that holds what it has measured."""
    return f"measures-{name}.jsonl"
