"""Recording: asciinema's own recording, without the names of the person or the machine, and whole or not at all."""

import getpass
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from components import missing

from tracekit.casts import identity
from tracekit.casts.console import Console
from tracekit.casts.identity import Neutral
from tracekit.casts.read import read_cast
from tracekit.casts.record import record_cast
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event

NAMES = "whoami; hostname; cat /proc/sys/kernel/hostname; echo $HOME $USER; ls -ld $HOME; stty size; exit\r"


def type_names(console: Console) -> None:
    console.wait_for("user@host:")
    console.send(NAMES)


def outputs(events: list[Event]) -> str:
    return "".join(event.data for event in events if event.code == "o")


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person and a machine whose names stand in the environment and in the text of what is recorded."""
    monkeypatch.setenv("USER", "ottoline")
    monkeypatch.setattr(socket, "gethostname", lambda: "wernigerode.example.org")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ottoline"))


@pytest.mark.parametrize("version", [2, 3])
def test_a_program_sees_neutral_names(tmp_path: Path, version: Literal[2, 3]) -> None:
    out = tmp_path / "x.cast"
    made = record_cast(out, version=version, columns=90, rows=30, keystrokes=True, typist=type_names)
    if not made.isolated:
        missing("userns", "user namespaces: sysctl kernel.unprivileged_userns_clone=1, or a container that allows them")
    header, events, problems = read_cast(out)
    assert (header.version, header.columns, header.rows, problems) == (version, 90, 30, [])
    text = outputs(events).replace("\r\n", "\n")
    assert "user\nhost\nhost\n/home/user user\n" in text
    assert " user user " in text
    assert "\n30 90\n" in text
    assert [event.data for event in events if event.code == "i"] == [NAMES]
    assert header.env.keys() <= {"SHELL", "TERM"}


def test_without_namespaces_names_are_neutral_in_environment_and_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_works", lambda _: False)
    made = record_cast(tmp_path / "x.cast", keystrokes=True, typist=type_names)
    _, events, _ = read_cast(tmp_path / "x.cast")
    assert not made.isolated
    text = outputs(events)
    for name in {getpass.getuser(), socket.gethostname()} - {identity.USER, identity.HOST}:
        assert not re.search(rf"\b{re.escape(name)}\b", text)
    length = len(getpass.getuser())
    assert f"\r{'user'.ljust(length, 'x')[:length]}\r\n" in text


@pytest.mark.usefixtures("stranger")
def test_real_names_in_text_are_replaced_by_neutral_ones_of_their_length(tmp_path: Path) -> None:
    script = (
        r"printf 'ottoline at wernigerode.example.org in /home/ottoline/x, \033[1mWernigerode\033[0m. wernigerodes'"
    )
    made = record_cast(tmp_path / "x.cast", ["sh", "-c", script], title="ottoline's", typist=lambda _: None)
    header, events, _ = read_cast(tmp_path / "x.cast")
    expected = "userxxxx at hostxxxxxxxxxxxxxxxxxxx in /home/userxxxx/x, \x1b[1mhostxxxxxxx\x1b[0m. wernigerodes"
    assert outputs(events) == expected
    assert header.title == made.header.title == "userxxxx's"
    assert "ottoline" not in (tmp_path / "x.cast").read_text().lower()


@pytest.mark.usefixtures("stranger")
def test_names_spread_over_events_are_replaced(tmp_path: Path) -> None:
    neutral = Neutral(tmp_path)
    typed = [event for n, char in enumerate("cd ottoline\r") for event in (Event(n, "i", char), Event(n, "o", char))]
    events = neutral.events([*typed, Event(99, "r", "80x24")])
    assert [len(event.data) for event in events] == [1] * 24 + [5]
    assert "".join(event.data for event in events) == "".join(char * 2 for char in "cd userxxxx\r") + "80x24"


def test_keeping_the_identity_is_asked_for(tmp_path: Path) -> None:
    made = record_cast(tmp_path / "x.cast", ["whoami"], keep_identity=True, typist=lambda _: None)
    assert not made.isolated
    whoami = subprocess.run(["whoami"], capture_output=True, text=True, check=True).stdout.strip()
    assert outputs(read_cast(tmp_path / "x.cast")[1]).strip() == whoami


def test_a_resize_is_recorded_when_it_happens(tmp_path: Path) -> None:
    def typist(console: Console) -> None:
        console.wait_for("user@host:")
        console.resize(100, 40)
        console.wait(0.2)
        console.send("stty size; exit\r")

    record_cast(tmp_path / "x.cast", typist=typist)
    _, events, _ = read_cast(tmp_path / "x.cast")
    resized = events.index(next(event for event in events if event.code == "r"))
    assert events[resized].data == "100x40"
    assert "40 100" in outputs(events[resized:])


def test_a_home_begins_with_its_skeleton(tmp_path: Path) -> None:
    (tmp_path / "skeleton").mkdir()
    (tmp_path / "skeleton" / "notes.txt").write_text("remember")
    command = ["sh", "-c", "cat ~/notes.txt; ls -A ~"]
    record_cast(tmp_path / "x.cast", command, typist=lambda _: None, skeleton=tmp_path / "skeleton")
    assert "remember.bashrc" in outputs(read_cast(tmp_path / "x.cast")[1])


def test_nothing_half_made_is_left(tmp_path: Path) -> None:
    out = tmp_path / "x.cast"

    def typist(console: Console) -> None:
        console.wait_for("user@host:")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_cast(out, typist=typist)
    with pytest.raises(TracekitError, match="nothing was recorded"):
        record_cast(out, ["true"], typist=lambda _: None)
    assert list(tmp_path.iterdir()) == []
    out.write_text("mine")
    with pytest.raises(TracekitError, match="is there already"):
        record_cast(out, ["echo"], typist=lambda _: None)
    with pytest.raises(TracekitError, match="can't be written"):
        record_cast(tmp_path / "none" / "x.cast", ["echo"], typist=lambda _: None)
    assert out.read_text() == "mine"


def tracekit(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from tracekit.cli.main import main; main()", "cast", "record", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120)


def test_the_command_records_what_comes_from_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "x.cast.gz"
    made = tracekit(str(out), "--columns", "60", "--rows", "20", "--title", "T", typed="echo $((6 * 7))\n")
    assert (made.returncode, made.stderr) == (0, "")
    header, events, _ = read_cast(out)
    assert (header.columns, header.rows, header.title, header.command) == (60, 20, "T", None)
    assert re.search(r"\r42\r\n", outputs(events))


def test_the_command_says_what_is_wrong_in_a_line(tmp_path: Path) -> None:
    out = tmp_path / "x.cast"
    out.touch()
    refused = tracekit(str(out), "--", "echo")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: {out}: is there already")
    assert tracekit(str(out), "--version", "4").returncode == 2


def test_on_a_terminal_the_person_there_types(tmp_path: Path) -> None:
    out = tmp_path / "x.cast"
    command = [
        sys.executable,
        "-c",
        "from tracekit.cli.main import main; main()",
        "cast",
        "record",
        str(out),
        "--stdin",
    ]
    with Console(command, dict(os.environ) | {"TERM": "xterm"}, columns=72, rows=20) as console:
        console.wait_for("user@host")
        console.send("stty size\r")
        console.wait_for("20 72")
        console.send("\x04")
        assert console.finish() == 0
    header, events, _ = read_cast(out)
    assert (header.columns, header.rows) == (72, 20)
    assert [event.data for event in events if event.code == "i"] == ["stty size\r", "\x04"]
