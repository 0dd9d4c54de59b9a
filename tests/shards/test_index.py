"""The index: a function of its rows, read back as written, and never taken for another version."""

import io
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shards import toy

from tracekit.core.errors import TracekitError
from tracekit.shards.index import SCHEMA, clip_row, input_row, read_index, write_index
from tracekit.shards.sample import Sample, Statistics
from tracekit.shards.write import Place


def written(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    assert write_index(file, rows) == len(rows)
    return file.getvalue()


def rows() -> list[dict[str, Any]]:
    files, described = toy.sample("one", 0, "train")
    sample = Sample.model_validate(toy.complete(files, described)).model_dump(mode="json")
    return [
        clip_row(sample, shard="train-000000.tar", place=Place(512, 1024), caption="It lists."),
        clip_row(sample, reason="frozen", message="nothing moves"),
        input_row("broken.cast", "0" * 64, "not-a-cast", "there is no header"),
    ]


def test_rows_come_back() -> None:
    found = read_index(io.BytesIO(written(rows()))).to_pylist()
    for row, back in zip(rows(), found, strict=True):
        assert back == {name: row.get(name) for name in SCHEMA.names}


def test_the_bytes_depend_on_the_rows_alone() -> None:
    assert written(rows()) == written(rows())


def test_rows_of_many_groups_come_back_in_order() -> None:
    many = [input_row(str(number), "0" * 64, "empty", "") for number in range(25_000)]
    found = read_index(io.BytesIO(written(many)))
    assert found["uri"].to_pylist() == [row["uri"] for row in many]


def test_every_column_says_what_it_is_or_is_a_statistic() -> None:
    undescribed = {column.name for column in SCHEMA if not (column.metadata or {}).get(b"description")}
    assert undescribed <= set(Statistics.model_fields)


def test_another_version_is_told_apart() -> None:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(), SCHEMA.with_metadata({"tracekit.index.version": "99"})), file)
    with pytest.raises(TracekitError, match="version 99"):
        read_index(file)


@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_damage_raises_nothing_but_our_error(noise: bytes, position: int) -> None:
    data = written(rows())
    for damaged in (noise, data[:position] + noise + data[position + len(noise) :]):
        with suppress(TracekitError):
            assert read_index(io.BytesIO(damaged)).schema.equals(SCHEMA)
