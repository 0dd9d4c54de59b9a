"""SQL over indexes: a DuckDB that sees them and nothing else, and expressions that may be asked of it."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from tracekit.core.errors import TracekitError
from tracekit.select.sources import DataSet
from tracekit.shards.index import SCHEMA

ADDED = ("dataset", "family")
"""Columns beside those of the index: the data set's name, and the first folder of the uri, of composed tapes their
family; null where it has none."""
COLUMNS = (*ADDED, *SCHEMA.names)
_SETTINGS: Mapping[str, str] = {
    "enable_external_access": "false",  # no files, no extensions, no network
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # no variables of this program
    "memory_limit": "512MB",  # what does not fit is put on disk
}
_CLOCKS = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
"""What SQL gives without parentheses, and is something else every time."""
_CHANGING = """
SELECT DISTINCT function_name FROM duckdb_functions()
WHERE stability <> 'CONSISTENT' AND list_contains(?, function_name)
"""


def connect(sets: Sequence[DataSet], scratch: Path, denied: Sequence[tuple[int, str]] = ()) -> Any:
    """Open a database with the view ``clips``: the samples of the data sets, as in their indexes, and ADDED.

    Its column ``set_number`` counts the data sets from 1, ``opted_out`` tells whether the sample stands in ``denied``.

    Args:
        sets: the data sets.
        scratch: an empty local folder for what is worked out: an index need not fit into memory.
        denied: number of the data set and key of samples that are opted out.

    Raises:
        TracekitError: DuckDB is not installed, or an index can't be read.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        remedy = "pip install 'tracekit[select]'"
        raise TracekitError("selecting needs DuckDB, which is not installed", remedy=remedy) from error
    settings: dict[str, Any] = {**_SETTINGS, "temp_directory": str(scratch / "spilled")}
    database = duckdb.connect(scratch / "selection.duckdb", config=settings)
    numbers, keys = zip(*denied, strict=True) if denied else ((), ())
    columns = {"set_number": pa.array(numbers, pa.int64()), "key": pa.array(keys, pa.string())}
    database.register("denied", pa.table(columns))
    for number, one in enumerate(sets, 1):
        database.register(f"index_{number}", one.open_index())
    database.execute("CREATE TEMP VIEW clips AS " + " UNION ALL ".join(_select(*pair) for pair in enumerate(sets, 1)))
    database.execute("SET lock_configuration = true")
    return database


def _select(number: int, one: DataSet) -> str:
    return f"""
        SELECT {number} AS set_number, '{one.name}' AS dataset, i.*,
            CASE WHEN contains(uri, '/') THEN split_part(uri, '/', 1) END AS family,
            key IN (SELECT key FROM denied WHERE set_number = {number}) AS opted_out
        FROM index_{number} i WHERE status = 'kept'"""


def checked(database: Any, text: str, place: str) -> str:
    """An expression of a user's, in parentheses, after it was tried on all samples.

    Args:
        database: as `connect` gives it.
        text: SQL.
        place: what errors call it.

    Raises:
        TracekitError: not one expression over the columns of a sample, or one that gives something else another time;
            of a column that is not there the nearest known one is named.
    """
    import duckdb

    with told(place):
        duckdb.SQLExpression(text)  # refuses what is more than one expression
        nodes = list(_nodes(_parsed(database, text, place)))
        if any(node["class"] == "SUBQUERY" for node in nodes):
            raise TracekitError("a query within the expression", place=place, remedy="name columns of the index only")
        for name in _changing(database, nodes):
            raise TracekitError(f"{name} is something else every time", place=place,
                                remedy="the seed of the mix is what chance comes from")  # fmt: skip
        database.execute(f"SELECT count(*) FROM clips WHERE (\n{text}\n) IS NOT NULL").fetchall()
    return f"(\n{text}\n)"


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what DuckDB raises into something a person can act on."""
    import duckdb

    try:
        yield
    except (duckdb.Error, pa.ArrowException) as error:
        message = str(error).partition("\n")[0]
        if missing := re.search(r'Referenced column "([^"]*)" not found', message):
            near = difflib.get_close_matches(missing[1], COLUMNS, n=1, cutoff=0.0)[0]
            remedy = f"the nearest known one is {near!r}; text stands in single quotes"
            raise TracekitError(f"there is no column {missing[1]!r}", place=place, remedy=remedy) from error
        raise TracekitError(message, place=place) from error


def _parsed(database: Any, text: str, place: str) -> Any:
    """The tree of an expression as it will stand in a query."""
    [[tree]] = database.execute("SELECT json_serialize_sql(?)", [f"SELECT (\n{text}\n)"]).fetchall()
    found = json.loads(tree)
    if found["error"]:
        raise TracekitError(str(found["error_message"]).partition("\n")[0], place=place)
    return found


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The nodes of a parsed expression that have a class."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for inner in tree:
            yield from _nodes(inner)


def _changing(database: Any, nodes: Sequence[dict[str, Any]]) -> list[str]:
    """What of an expression depends on more than the sample: chance, the clock, the session."""
    clocks = {str(name).lower() for node in nodes if node["class"] == "COLUMN_REF" for name in node["column_names"]}
    called = sorted({str(node["function_name"]).lower() for node in nodes if node["class"] == "FUNCTION"})
    changing = database.execute(_CHANGING, [called]).fetchall()
    return sorted(clocks & _CLOCKS) + sorted(name for [name] in changing)
