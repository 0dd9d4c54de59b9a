"""Record the demo casts again: ``python recipes/demo_casts/record.py [NAME...]``, all of them without a name.

Each is a real session of real programs, typed by a script with the rhythm of a person (seeded), and recorded by
tracekit's own recorder under neutral names. Recordings of running programs are never the same twice: what is committed
is one take. Needs bash, vim, less, git, gcc, make, patch, procps, sqlite3, python3 and user namespaces.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import homes
import sessions
from hands import ENTER, PROMPT, Hands

from tracekit.casts.console import Console
from tracekit.casts.record import record_cast
from tracekit.core.errors import TracekitError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Demo:
    """One recording."""

    play: Callable[[Hands], None]
    """Its name is the recording's, and the first line of its docstring the title."""
    files: dict[str, str] = field(default_factory=dict)
    """What lies in the home folder."""
    columns: int = 80
    rows: int = 24
    version: Literal[1, 2, 3] = 2
    suffix: str = ".cast"
    command: tuple[str, ...] = ()


# A process list of its own: `top` shows the demo's programs, and not what else the machine runs.
ALONE = ("unshare", "--user", "--map-current-user", "--pid", "--fork", "--mount-proc", "bash")

DEMOS = (
    Demo(sessions.shell_work, {"README": "Walks, counted.\n"}),
    Demo(sessions.vim, {"greet.py": homes.GREETING, ".vimrc": "syntax on\n"}, columns=90, rows=26),
    Demo(sessions.less, {"proverbs.txt": homes.PROVERBS}, columns=76, rows=22),
    Demo(sessions.progress, {"setup.py": homes.PROGRESS}, columns=84, rows=20, version=3),
    Demo(sessions.python_repl, columns=92, rows=28),
    Demo(sessions.git, {".gitconfig": homes.GITCONFIG}, columns=88, rows=30, version=3),
    Demo(sessions.colors, {"colors.py": homes.COLORS}, suffix=".cast.gz"),
    Demo(sessions.wide, {"hello.txt": homes.HELLO}, columns=72, rows=22),
    Demo(sessions.resize, {"proverbs.txt": homes.PROVERBS}),
    Demo(sessions.top, columns=96, command=ALONE),
    Demo(sessions.compiler, {"area.c": homes.AREA, "Makefile": homes.MAKEFILE}, columns=100, rows=30),
    Demo(
        sessions.test_run,
        {"roman.py": homes.ROMAN, "test_roman.py": homes.TESTS, "fix.patch": homes.PATCH},
        columns=90,
        rows=32,
    ),
    Demo(sessions.correction, {"poem.txt": homes.POEM}, version=1),
    Demo(sessions.database, columns=84, rows=26),
)


def record(demo: Demo) -> Path:
    """Make one recording."""
    name, title = demo.play.__name__, (demo.play.__doc__ or "").rstrip(".")

    def typist(console: Console) -> None:
        console.wait_for(PROMPT)
        hands = Hands(console, seed=name)
        hands.think(0.8)
        demo.play(hands)
        hands.type("exit")
        console.send(ENTER)

    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        home.mkdir()
        for file, text in (demo.files | {".bashrc": homes.BASHRC}).items():
            (home / file).write_text(text)
        made = record_cast(
            Path(scratch) / f"{name}{demo.suffix}",
            demo.command,
            version=demo.version,
            columns=demo.columns,
            rows=demo.rows,
            title=title,
            keystrokes=True,
            typist=typist,
            skeleton=home,
        )
        if not made.isolated:
            raise TracekitError("user namespaces don't work here: the recording would show real names", place=name)
        return Path(shutil.copy(made.path, HERE))


def main() -> None:
    """Record the named demos, or all."""
    os.environ["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    os.environ.pop("COLORTERM", None)
    wanted = sys.argv[1:]
    for demo in DEMOS:
        if not wanted or demo.play.__name__ in wanted:
            print(record(demo))


if __name__ == "__main__":
    main()
