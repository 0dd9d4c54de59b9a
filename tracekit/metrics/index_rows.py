"""What a data set's index says of its clips, without having all of it in memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.shards.index import check_schema
from tracekit.shards.verify import INDEX

_BATCH = 10_000


def kept_rows(folder: Folder, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Columns of the clips that were kept, in the order of the index; a batch of them is in memory.

    Raises:
        TracekitError: there is no index, or it can't be read.
    """
    place = folder.path(INDEX)
    if not folder.exists(INDEX):
        raise TracekitError("there is no data set here", place=place, remedy=f"give the folder that holds {INDEX}")
    try:
        with folder.open(INDEX) as opened, pq.ParquetFile(opened) as file:
            check_schema(file.schema_arrow, place)
            for batch in file.iter_batches(_BATCH, columns=["status", *columns]):
                yield from (row for row in batch.to_pylist() if row["status"] == "kept")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TracekitError(f"not an index: {error}", place=place) from error
