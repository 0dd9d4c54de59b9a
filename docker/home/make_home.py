"""Write the archive that fills the home folder of every session: the files beside this script, tables and logs drawn
from a fixed seed, and a small project with a history in git. The same bytes whenever and wherever it runs."""

import csv
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

WRITTEN = datetime(2024, 12, 2, 9, 30, tzinfo=UTC)
"""When the first file was written, it seems; the others follow, some minutes apart."""
PEOPLE = ("Ana Costa", "Ben Okoye", "Chen Wei", "Dora Lind", "Emil Novak", "Fatima Khan", "Goran Ilic", "Hana Sato")
CITIES = ("Lisbon", "Lagos", "Chengdu", "Uppsala", "Brno", "Lahore", "Zagreb", "Osaka")
GOODS = ("apples", "bread", "coffee", "dates", "eggs", "flour")


def table(heading: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heading, *rows])
    return text.getvalue()


def sales(draw: random.Random) -> str:
    """What was sold in a quarter."""
    days = sorted(draw.sample(range(90), 40))
    return table(
        ("date", "city", "item", "count", "price"),
        [
            (
                (WRITTEN - timedelta(days=90 - day)).date(),
                draw.choice(CITIES),
                draw.choice(GOODS),
                draw.randint(1, 40),
                f"{draw.uniform(0.5, 12):.2f}",
            )
            for day in days
        ],
    )


def people(draw: random.Random) -> str:
    """Who works where."""
    return table(
        ("id", "name", "city", "age"),
        [(101 + i, PEOPLE[i], CITIES[i], draw.randint(23, 64)) for i in range(len(PEOPLE))],
    )


def app_log(draw: random.Random) -> str:
    """What a service had to say in a morning."""
    messages = {
        "INFO": ("request served", "cache warmed", "job finished", "user logged in", "configuration loaded"),
        "WARN": ("slow query", "retrying connection", "disk 81% full"),
        "ERROR": ("connection refused", "timeout after 30 s", "could not parse input"),
    }
    at, lines = WRITTEN, []
    for _ in range(200):
        at += timedelta(seconds=draw.randint(1, 90))
        level = draw.choices(tuple(messages), (80, 15, 5))[0]
        lines.append(f"{at:%Y-%m-%d %H:%M:%S} {level:5} worker-{draw.randint(1, 4)} {draw.choice(messages[level])}\n")
    return "".join(lines)


def access_log(draw: random.Random) -> str:
    """What a web server was asked for."""
    at, lines = WRITTEN, []
    for _ in range(150):
        at += timedelta(seconds=draw.randint(1, 40))
        path = draw.choice(("/", "/index.html", "/api/items", "/api/users", "/login", "/static/app.js"))
        status = draw.choices((200, 301, 404, 500), (85, 5, 8, 2))[0]
        client = f"192.0.2.{draw.randint(1, 30)}"
        size = draw.randint(120, 9000)
        lines.append(f'{client} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" {status} {size}\n')
    return "".join(lines)


PROJECT = (
    (
        "Count words",
        {
            "README.md": "# words\n\nCounts the words of a text.\n\n    python3 words.py FILE\n",
            "words.py": "import sys\n\n\ndef count(text):\n    return len(text.split())\n\n\n"
            'if __name__ == "__main__":\n    print(count(open(sys.argv[1]).read()))\n',
        },
    ),
    (
        "Test counting",
        {
            "test_words.py": "import unittest\n\nfrom words import count\n\n\nclass TestCount(unittest.TestCase):\n"
            '    def test_two_words(self):\n        self.assertEqual(count("two words"), 2)\n\n'
            '    def test_nothing(self):\n        self.assertEqual(count(""), 0)\n\n\nif __name__ == "__main__":\n'
            "    unittest.main()\n",
        },
    ),
    (
        "Find the longest word",
        {
            "words.py": "import sys\n\n\ndef count(text):\n    return len(text.split())\n\n\ndef longest(text):\n"
            '    return max(text.split(), key=len, default="")\n\n\nif __name__ == "__main__":\n'
            "    text = open(sys.argv[1]).read()\n    print(count(text), longest(text))\n",
        },
    ),
    ("Make runs the tests", {"Makefile": "test:\n\tpython3 -m unittest -v\n\nclean:\n\trm -rf __pycache__\n"}),
    ("Leave out what Python leaves", {".gitignore": "__pycache__/\n"}),
)
"""The commits of the project: message, and the files that it changes."""


def make_project(folder: Path) -> None:
    """A repository with its history."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "--template="], cwd=folder, check=True)
    author = {"NAME": "Sam Rivera", "EMAIL": "sam@example.com"}
    for number, (message, files) in enumerate(PROJECT):
        for name, text in files.items():
            (folder / name).write_text(text)
        date = (WRITTEN + timedelta(hours=5 * number)).isoformat()
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in author.items()}
        settings = os.environ | who | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        for command in (["add", "."], ["commit", "-q", "-m", message]):
            subprocess.run(["git", *command], cwd=folder, env=settings, check=True)
    # The index holds inodes and times of this very run; one that is read from the commit holds none.
    (folder / ".git" / "index").unlink()
    subprocess.run(["git", "read-tree", "HEAD"], cwd=folder, check=True)


def make_home(home: Path) -> None:
    """Everything that the archive holds."""
    draw = random.Random(7)
    made = {
        "data/sales.csv": sales(draw),
        "data/people.csv": people(draw),
        "data/inventory.json": json.dumps({item: draw.randint(0, 500) for item in GOODS}, indent=2) + "\n",
        "logs/app.log": app_log(draw),
        "logs/access.log": access_log(draw),
    }
    for source in sorted(path for path in (Path(__file__).parent / "files").rglob("*") if path.is_file()):
        made[str(source.relative_to(Path(__file__).parent / "files"))] = source.read_text()
    for name, text in made.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    make_project(home / "project")


def main() -> None:
    """Write the archive that the first argument names."""
    with tempfile.TemporaryDirectory() as made, tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as archive:
        home = Path(made) / "home"
        home.mkdir()
        make_home(home)
        # Memory file systems list what came last first: unpacked in this order, the files are listed by name.
        for number, path in enumerate([home, *sorted(home.rglob("*"), reverse=True)]):
            entry = archive.gettarinfo(path, str(path.relative_to(home)))
            entry.uid = entry.gid = 1000
            entry.uname = entry.gname = "user"
            entry.mode = 0o755 if path.is_dir() or path.suffix == ".sh" else 0o644
            entry.mtime = int((WRITTEN + timedelta(minutes=7 * (number % 60))).timestamp())
            with path.open("rb") if path.is_file() else io.BytesIO() as file:
                archive.addfile(entry, file if path.is_file() else None)


if __name__ == "__main__":
    main()
