"""Exit 0 done, 1 something is wrong with the work, 2 usage; errors are one line that says what to do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import tracekit
from cli.conftest import Run
from tracekit.cli import cast, say
from tracekit.cli.main import app
from tracekit.core.errors import Rejected, TracekitError

MAIN = [sys.executable, "-m", "tracekit"]


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group, by the words that call it."""

    def below(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield path, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from below((*path, name), inner)

    return below((), typer.main.get_command(app))


COMMANDS = dict(commands())


def test_the_commands_are_the_ones_that_were_promised() -> None:
    promised = ["doctor", "build", "caption", "filter", "cast record", "cast check", "cast render", "cast text"]
    promised += ["shards verify", "shards stats"]
    assert not [name for name in promised if tuple(name.split()) not in COMMANDS]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(run: Run, path: tuple[str, ...]) -> None:
    for option in ("-h", "--help"):
        answer = run(*path, option)
        assert (answer.status, answer.err) == (0, "")
        assert "Usage: tracekit " + " ".join(path) in answer.out
    command = COMMANDS[path]
    assert command.help
    undescribed = [param.name for param in command.params if not getattr(param, "help", None)]
    assert not undescribed


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"tracekit {tracekit.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [["nope"], ["cast", "nope"], ["doctor", "--nope"], ["cast", "render"], [], ["cast"]], ids=" ".join
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.status == 2
    assert "Usage: tracekit" in answer.out + answer.err


class Failing:
    """A command that ends in an error."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __call__(self, *_: object, **__: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TracekitError("it is wrong", place="a.cast:3", remedy="put it right"), "a.cast:3: it is wrong (put it right)"),
        (Rejected("too-large", "it is large", place="x"), "x: it is large"),
        (TracekitError("[bold]no markup[/bold]"), "[bold]no markup[/bold]"),
        (TracekitError("a\nb \x1b[31mred\x07", place="\udcff"), r"\udcff: a\nb \x1b[31mred\x07"),
        (TracekitError("long " * 60), "long " * 60),
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: Permission denied"),
    ],
)
def test_an_error_is_one_line_on_standard_error(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, line: str
) -> None:
    monkeypatch.setattr(cast, "check_cast", Failing(error))
    assert run("cast", "check", "x") == (1, "", f"error: {line}\n")


def test_an_interrupted_command_exits_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cast, "check_cast", Failing(KeyboardInterrupt()))
    answer = run("cast", "check", "x")
    assert answer.status == 130
    assert "Traceback" not in answer.err


def test_output_that_nobody_reads_is_no_error_message(demo_casts: list[Path]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [*MAIN, "cast", "text", "--every", "0.1", str(demo_casts[0])]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_output_that_does_not_fit_on_the_disk_is_one_line(demo_casts: list[Path]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*MAIN, "cast", "check", str(demo_casts[0])]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: No space left on device\n"


def test_a_file_name_that_is_not_text_can_be_told(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.cast"
    Path(os.fsdecode(name)).write_text('{"version": 2, "width": 9, "height": 2}\n[1, "o", "x"]\n')
    for more in ([], ["--json"]):
        done = subprocess.run([*MAIN, "cast", "check", name, *more], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert len(done.stdout.splitlines()) == 1


def test_json_results_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say.result({"text": "é\n世"})
    assert capsys.readouterr().out == '{"text": "é\\n世"}\n'
