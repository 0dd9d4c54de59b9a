"""SQL of a user's sees the index and nothing else, and what is wrong with it is told."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from toy_sets import deny, keys, problems, terminals

from tracekit.core.errors import TracekitError
from tracekit.select.mix import Mix
from tracekit.select.query import checked, connect
from tracekit.select.run import select
from tracekit.select.sources import open_sets


@pytest.fixture(scope="module")
def casts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return terminals(tmp_path_factory.mktemp("sets") / "casts", {"a": 3, "files/b": 2, "validated": 2})


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("recording = 'a'", 3),
        ("frames >= 75 AND text_density < 0.1", 7),
        ("family = 'files' -- a remark", 2),
        ("dataset = 'casts'", 7),
        ("policy IS NULL", 7),
        ("policy = 'random-slow'", 0),  # null is not true
        ('"offset" = 0', 3),
        ("list_contains(list_transform(decisions, lambda d: d.filter), 'frozen')", 7),
    ],
)
def test_an_expression_over_the_columns_chooses(casts: Path, tmp_path: Path, sql: str, count: int) -> None:
    summary = select([str(casts)], str(tmp_path / "out"), where=sql)
    assert len(keys(tmp_path / "out")) == summary.chosen == count
    assert problems(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("polcy = 'x'", "there is no column 'polcy'.*'policy'"),
        ('recording = "a"', "there is no column 'a'"),
        ("recording =", "syntax error|end of input"),
        ("true; DROP VIEW clips", "modifiers|more than one statement|single SELECT"),
        ("true) OR (true", "syntax error"),
        ("true a_name", "syntax error"),
        ("true, false", "single expression|one expression|Expected"),
        ("frames::DATE > now()", "now is something else every time"),
        ("random() < 0.5", "random is something else every time"),
        ("recorded_at < current_date", "current_date is something else every time"),
        ("key IN (SELECT content FROM read_text('/etc/hostname'))", "a query within"),
        ("count(*) > 1", "aggregates"),
        ("title::INT > 1 OR key::INT > 1", "Could not convert"),
        ("nofunction(key)", "nofunction"),
        ("", "SELECT clause|expression|end of input"),
    ],
)
def test_what_is_no_such_expression_is_told_with_its_place(casts: Path, tmp_path: Path, sql: str, told: str) -> None:
    with pytest.raises(TracekitError, match=rf"(?s)^--where: .*({told})"):
        select([str(casts)], str(tmp_path / "out"), where=sql)
    assert not (tmp_path / "out").exists()


def test_an_expression_of_a_group_is_named_by_its_key(casts: Path, tmp_path: Path) -> None:
    for key in ("where", "balance"):
        mix = Mix.model_validate({"groups": {"one": {key: "famly"}}})
        with pytest.raises(TracekitError, match=rf"^groups\.one\.{key}: there is no column 'famly'.*'family'"):
            select([str(casts)], str(tmp_path / "out"), mix)


WORDS = ["key", "'a'", "(", ")", "=", "--", "/*", ";", ",", "select", "from", "1", "*", '"', "'", "::int", "$1", "x->x"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
@example(text="\xa0A")
def test_no_text_gets_out_of_the_expression_or_breaks_the_program(casts: Path, text: str) -> None:
    with TemporaryDirectory() as scratch, closing(connect(open_sets([str(casts)]), Path(scratch))) as database:
        try:
            expression = checked(database, text, "--where")
        except TracekitError:
            return
        finally:
            [[before]] = database.execute("SELECT count(*) FROM clips").fetchall()
        [[after]] = database.execute(f"SELECT count(*) FROM (SELECT {expression} IS NULL FROM clips)").fetchall()
        assert after == before == 7


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY clips TO '/tmp/out.csv'",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM 'index.parquet'",
        "SELECT * FROM casts",  # a variable of this test
    ],
)
def test_the_database_reaches_nothing_but_the_indexes(casts: Path, tmp_path: Path, sql: str) -> None:
    import duckdb

    with pytest.raises(duckdb.Error):
        connect(open_sets([str(casts)]), tmp_path).execute(sql).fetchall()


def test_an_index_that_is_none_is_told(casts: Path, tmp_path: Path) -> None:
    (tmp_path / "index.parquet").write_bytes(b"no index")
    with pytest.raises(TracekitError, match=r"index\.parquet: not an index"):
        select([str(tmp_path)], str(tmp_path / "out"))
    with pytest.raises(TracekitError, match="no data set here"):
        select([str(tmp_path / "nowhere")], str(tmp_path / "out"))
    with pytest.raises(TracekitError, match="named twice"):
        select([str(casts), f"{casts}/"], str(tmp_path / "out"))


def test_a_list_may_name_by_pattern_recording_hash_or_key(casts: Path, tmp_path: Path) -> None:
    entries = deny("uri:files/*", "recording:validated", "key:a_0002")
    select([str(casts)], str(tmp_path / "out"), deny=entries)
    assert keys(tmp_path / "out") == ["a_0000", "a_0001"]
