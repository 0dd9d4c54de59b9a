import json
from pathlib import Path

import pytest
from components import require
from typer.testing import CliRunner

from tracekit.casts.read import read_cast
from tracekit.cli.cast import app
from tracekit.core.clock import to_ns
from tracekit.terminal.engine import open_engine
from tracekit.terminal.text import screen_json

HEADER = {"version": 2, "width": 12, "height": 3}
EVENTS = [
    [0.5, "o", "one\r\n"],
    [1.0, "o", "\x1b[31mtwo"],
    [1.000001, "o", "\x1b[0m late"],
    [2.25, "r", "10x2"],
    [3.5, "o", "\x1b[2J\x1b[H漢字\x1b[44m \x1b[0m"],
    [3.75, "i", "q"],
]


@pytest.fixture(params=["pyte", "ghostty"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "ghostty":
        require("ghostty", module="pyghostty", remedy="pip install 'tracekit[ghostty]'")
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, EVENTS)


def written(folder: Path, events: list[list[object]], header: dict[str, object] = HEADER) -> Path:
    path = folder / "a.cast"
    path.write_text("".join(json.dumps(line) + "\n" for line in [header, *events]))
    return path


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["text", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def objects(*arguments: object) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(*arguments, "--json").splitlines()]


def test_every_second_and_the_end_show_what_came_up_to_then_and_nothing_later(file: Path, engine: str) -> None:
    found = objects(file, "--every", 1, "--engine", engine)
    assert [one["t"] for one in found] == [1.0, 2.0, 3.0, 3.75]
    assert [one["lines"] for one in found] == [
        ["one", "two", ""],
        ["one", "two late", ""],
        ["one", "two late"],
        ["漢字", ""],
    ]
    assert [(one["cols"], one["rows"]) for one in found] == [(12, 3), (12, 3), (10, 2), (10, 2)]
    assert found[-1]["cursor"] == {"x": 5, "y": 0, "visible": True, "shape": "block"}
    assert set(found[0]) == {"t", "cols", "rows", "lines", "cursor"}


def test_runs_tell_colours_and_attributes(file: Path, engine: str) -> None:
    found = objects(file, "--every", 1, "--cells", "--engine", engine)
    assert found[0]["runs"] == [[["one", None, None, []]], [["two", 1, None, []]], []]
    assert found[-1]["runs"] == [[["漢字", None, None, []], [" ", None, 4, []]], []]


def test_the_end_is_told_once(tmp_path: Path, engine: str) -> None:
    whole = written(tmp_path, [[0.25, "o", "a"], [2.0, "o", "b"]])
    assert [one["t"] for one in objects(whole, "--every", 1, "--engine", engine)] == [1.0, 2.0]
    short = written(tmp_path, [[0.25, "o", "a"]])
    assert [one["t"] for one in objects(short, "--every", 1, "--engine", engine)] == [0.25]


def test_an_instant_may_lie_anywhere(file: Path, engine: str) -> None:
    for at, lines in ((0, ["", "", ""]), (1.000001, ["one", "two late", ""]), (3.5, ["漢字", ""]), (99, ["漢字", ""])):
        (found,) = objects(file, "--at", at, "--engine", engine)
        assert (found["t"], found["lines"]) == (at, lines)


def test_pauses_are_as_long_as_they_were(tmp_path: Path, engine: str) -> None:
    path = written(tmp_path, [[0.5, "o", "a"], [6.5, "o", "b"]], HEADER | {"idle_time_limit": 1})
    found = objects(path, "--every", 2, "--engine", engine)
    assert [(one["t"], one["lines"][0]) for one in found] == [(2.0, "a"), (4.0, "a"), (6.0, "a"), (6.5, "ab")]


def test_people_get_the_text_with_a_line_above_each_instant_of_several(file: Path, engine: str) -> None:
    assert run(file, "--engine", engine) == "漢字\n\n"
    assert run(file, "--at", 1, "--engine", engine) == "one\ntwo\n\n"
    assert run(file, "--every", 3, "--engine", engine) == "--- 3 s\none\ntwo late\n--- 3.75 s\n漢字\n\n"


def test_secrets_stay_unless_they_are_to_be_scrubbed(tmp_path: Path, engine: str) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    path = written(tmp_path, [[0.5, "o", f"token {token[:20]}"], [1.5, "o", token[20:]]], HEADER | {"width": 80})
    assert token in run(path, "--engine", engine)
    scrubbed = run(path, "--every", 1, "--scrub", "--engine", engine)
    assert "token " in scrubbed
    assert token[4:20] not in scrubbed
    assert token[20:] not in scrubbed


@pytest.mark.parametrize(
    "arguments",
    [
        ["--every", "0"],
        ["--every", "-1"],
        ["--every", "nan"],
        ["--at", "1e300"],
        ["--at", "1", "--every", "1"],
        ["--cells"],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(arguments: list[str], file: Path) -> None:
    assert CliRunner().invoke(app, ["text", str(file), *arguments]).exit_code == 2


def test_real_recordings_show_the_state_of_every_second(real_casts: list[Path], engine: str) -> None:
    for path in real_casts[::12]:
        if path.name.rpartition("__")[2].startswith("frames-"):
            continue  # not a cast
        header, events, _ = read_cast(path)
        terminal = open_engine(engine, header.columns, header.rows)
        for found in objects(path, "--every", 1, "--cells", "--engine", engine):
            until_ns = to_ns(found["t"])
            while events and events[0].time_ns <= until_ns:
                event = events.pop(0)
                if event.code == "o":
                    terminal.feed(event.data)
                elif event.code == "r":
                    terminal.resize(*map(int, event.data.split("x")))
            assert found == json.loads(json.dumps(screen_json(terminal, found["t"], cells=True)))
        assert not events
