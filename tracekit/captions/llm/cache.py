"""Replies that were paid for, kept in one SQLite file: whoever asks the same again asks nothing.

A reply is committed before it is handed on, so that what is killed and started again asks for no reply twice. Several
processes may share the file; it must lie on a local disk, for SQLite's write-ahead log does not work over a network.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

from tracekit.captions.llm.request import Reply
from tracekit.core.errors import TracekitError

_SCHEMA: Final = 1
"""Kept in the file as SQLite's ``user_version``, which is 0 in a file that is new."""
_BUSY_S: Final = 60.0
"""How long a process waits while others write. A write takes well under a millisecond."""
_ASK_AGAIN: Final = "move it away: what it held is asked for again"
_REMEDIES: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space and run the same command again"),
    sqlite3.SQLITE_READONLY: ("the cache of replies can't be written", "check the owner and mode of file and folder"),
    sqlite3.SQLITE_CANTOPEN: ("the cache of replies can't be opened", "check the owner and mode of file and folder"),
    sqlite3.SQLITE_BUSY: ("another process has kept the cache of replies locked", "see what holds it"),
}


class Size(NamedTuple):
    """How much a cache holds."""

    replies: int
    bytes: int


class Cache:
    """Replies by the hash of their request's payload.

    Raises:
        TracekitError: the file is no cache, is damaged or of another version of tracekit, or can't be written. Every
            method raises it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._database.close()
                raise

    def __enter__(self) -> "Cache":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def get(self, sha256: str) -> Reply | None:
        """What was replied to a payload, marked as cached."""
        with self._told():
            row = self._database.execute(
                "SELECT reply FROM replies WHERE sha256 = ?", [bytes.fromhex(sha256)]
            ).fetchone()
        if row is None:
            return None
        try:
            return Reply(**json.loads(row[0]), cached=True)
        except (ValueError, TypeError) as error:
            raise self._damaged() from error

    def put(self, sha256: str, reply: Reply) -> None:
        """Keep a reply. When this returns, no kill of the process loses it."""
        fields = {name: value for name, value in asdict(reply).items() if name != "cached"}
        with self._told():
            self._database.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?)", [bytes.fromhex(sha256), json.dumps(fields)]
            )

    def size(self) -> Size:
        """How much is in it now, of all processes."""
        with self._told():
            (replies,) = self._database.execute("SELECT count(*) FROM replies").fetchone()
            (pages,) = self._database.execute("PRAGMA page_count").fetchone()
            (page_bytes,) = self._database.execute("PRAGMA page_size").fetchone()
        return Size(replies, pages * page_bytes)

    def _prepare(self) -> None:
        run = self._database.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")  # a kill loses nothing; a power cut may lose the last replies, not the file
        run("BEGIN IMMEDIATE")
        (schema,) = run("PRAGMA user_version").fetchone()
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if schema == 0 and tables == 0:
            run("CREATE TABLE replies (sha256 BLOB PRIMARY KEY, reply TEXT NOT NULL)")
            run(f"PRAGMA user_version = {_SCHEMA}")
        elif schema != _SCHEMA:
            run("ROLLBACK")
            raise TracekitError(
                "this is no cache of replies, or one of another version of tracekit",
                place=str(self._path),
                remedy="name another file",
            )
        run("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TracekitError(
                error.strerror or str(error), place=str(self._path), remedy="name another file for the cache"
            ) from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in _REMEDIES:
                raise self._damaged() from error
            message, remedy = _REMEDIES[code]
            raise TracekitError(message, place=str(self._path), remedy=remedy) from error
        except UnicodeDecodeError as error:  # sqlite3 quotes what is damaged, which need not be text
            raise self._damaged() from error

    def _damaged(self) -> TracekitError:
        return TracekitError("the cache of replies is damaged", place=str(self._path), remedy=_ASK_AGAIN)
