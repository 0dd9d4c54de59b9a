"""The cache of replies: shared by processes, whole after a kill, and plain about what is wrong with its file."""

import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.captions.llm.cache import Cache
from tracekit.captions.llm.request import Reply
from tracekit.core.errors import TracekitError

REPLY = Reply("text", "stop", "", 3, 1, "model", "0.0")
WRITER = """
import sys
from pathlib import Path
from tracekit.captions.llm.cache import Cache
from tracekit.captions.llm.request import Reply
sys.stdin.read()
with Cache(Path(sys.argv[1])) as cache:
    for number in range(100):
        cache.put(f"{sys.argv[2]}{number:063}", Reply("text", "stop", "", 3, number, "model", "0.0"))
"""


def key(number: int) -> str:
    return f"{number:064x}"


def filled(path: Path, replies: int = 200) -> Path:
    with Cache(path) as cache:
        for number in range(replies):
            cache.put(key(number), REPLY)
    return path


@settings(max_examples=20, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])), tokens=st.integers(0, 2**40))
def test_a_reply_comes_back_as_it_was_and_marked(
    tmp_path_factory: pytest.TempPathFactory, text: str, tokens: int
) -> None:
    reply = Reply(text, "length", text, tokens, tokens, text, "0.0")
    path = tmp_path_factory.mktemp("cache") / "replies.sqlite"
    with Cache(path) as cache:
        assert cache.get(key(1)) is None
        cache.put(key(1), reply)
    with Cache(path) as cache:
        kept = cache.get(key(1))
        assert cache.get(key(2)) is None
    assert kept == Reply(text, "length", text, tokens, tokens, text, "0.0", cached=True)


def test_processes_share_a_cache_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in "abcd"]
    for writer in writers:
        assert writer.stdin
        writer.stdin.close()  # all begin when they see it
    assert [writer.wait() for writer in writers] == [0] * 4
    with Cache(path) as cache:
        assert cache.size().replies == 400
        assert {reply.completion_tokens for number in range(100) if (reply := cache.get(f"c{number:063}"))} == set(
            range(100)
        )


def test_its_size_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path / "replies.sqlite")
    with Cache(path) as cache:
        replies, size_bytes = cache.size()
    assert replies == 200
    assert size_bytes == path.stat().st_size > 200 * 100


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = filled(tmp_path / "replies.sqlite")
    whole = path.read_bytes()
    found = 0
    for damaged in (b"no database" * 100, whole[:5000], whole[:4096] + b"\xff" * (len(whole) - 4096), b"\0" * 9000):
        path.write_bytes(damaged)
        with pytest.raises(TracekitError, match=r"damaged|no cache") as caught, Cache(path) as cache:
            cache.get(key(1))
        assert caught.value.place == str(path)
        found += "move it away" in caught.value.remedy
    assert found >= 3


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_damage_gives_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = filled(tmp_path_factory.mktemp("cache") / "replies.sqlite", replies=20)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 30))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    with suppress(TracekitError), Cache(path) as cache:  # anything else that is raised fails the test
        for number in range(20):
            assert isinstance(cache.get(key(number)), Reply | None)
        cache.put(key(30), REPLY)
        assert cache.size().replies >= 0


def test_a_reply_that_is_none_is_damage(tmp_path: Path) -> None:
    path = filled(tmp_path / "replies.sqlite")
    for odd in ("{", "[]", '{"text": 1}', "null"):
        database = sqlite3.connect(path)
        with database:
            database.execute("UPDATE replies SET reply = ?", [odd])
        database.close()
        with Cache(path) as cache, pytest.raises(TracekitError, match="damaged"):
            cache.get(key(1))


def test_a_database_of_somebody_else_or_of_another_version_is_left_alone(tmp_path: Path) -> None:
    for statement in ("CREATE TABLE theirs (x)", "PRAGMA user_version = 99"):
        path = tmp_path / "other.sqlite"
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        database.execute(statement)
        database.close()
        with pytest.raises(TracekitError, match="no cache of replies, or one of another version"):
            Cache(path)
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "below"):
        with pytest.raises(TracekitError) as caught:
            Cache(path)
        assert caught.value.place == str(path)
        assert caught.value.remedy
