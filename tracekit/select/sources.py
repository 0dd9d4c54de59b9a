"""The finished data sets that a selection is made of."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, measure
from tracekit.select.opt_out import COLUMNS, Deny, is_denied
from tracekit.shards.index import check_schema
from tracekit.shards.verify import INDEX

_KEPT = pc.field("status") == "kept"


class DataSet(NamedTuple):
    """A finished data set."""

    name: str
    """The last part of its folder's name; with a number behind it where another before it has the same."""
    folder: Folder
    index_sha256: str

    def open_index(self) -> ds.Dataset:
        """Its index, of which only what is asked for is read.

        Raises:
            TracekitError: not an index, damaged, or of another version.
        """
        place = self.folder.path(INDEX)
        store, path = fsspec.core.url_to_fs(place)
        try:
            index = ds.dataset(path, format="parquet", filesystem=store)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise TracekitError(f"not an index: {error}", place=place) from error
        check_schema(index.schema, place)
        return index


def open_sets(urls: Sequence[str]) -> list[DataSet]:
    """Look whether the data sets are there.

    Raises:
        TracekitError: one is not, or is named twice.
    """
    sets: list[DataSet] = []
    names = Counter[str]()
    for url in urls:
        folder = Folder(url)
        if not folder.exists(INDEX):
            raise TracekitError("there is no data set here", place=url, remedy=f"give the folder that holds {INDEX}")
        if folder.url in {one.folder.url for one in sets}:
            raise TracekitError("this data set is named twice", place=url, remedy="repeats are for the mix to ask for")
        name = re.sub(r"\W+", "-", folder.url.rpartition("/")[2]) or "data"
        names[name] += 1
        name += f"-{names[name]}" if names[name] > 1 else ""
        sets.append(DataSet(name, folder, measure(folder.path(INDEX)).sha256))
    return sets


def denied_keys(sets: Sequence[DataSet], deny: Deny | None) -> list[tuple[int, str]]:
    """What a list names of the data sets: the number of the data set, from 1, and the key of the sample, sorted."""
    if deny is None:
        return []
    found = []
    for number, one in enumerate(sets, 1):
        for batch in one.open_index().to_batches(columns=list(COLUMNS), filter=_KEPT):
            keys = zip(batch["key"].to_pylist(), is_denied(pa.table(batch), deny), strict=True)
            found += [(number, key) for key, denied in keys if denied]
    return sorted(found)
