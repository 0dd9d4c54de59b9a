"""`tracekit tape run`."""

import json
import sys
from pathlib import Path

import pytest
from tapes.fake_agent import FakeSandbox, FakeSession
from typer.testing import CliRunner

from tracekit.casts.check import check_cast
from tracekit.casts.read import read_cast
from tracekit.cli import tape_run
from tracekit.cli.tape import app
from tracekit.core.clock import frames_for
from tracekit.video.decode import frame_count

TAPE = 'Set TypingSpeed 10ms\nType "ls"\nEnter\nSleep 970ms\n'


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tape_run, "open_sandbox", lambda name: FakeSandbox(FakeSession()))
    path = tmp_path / "demo.tape"
    path.write_text(TAPE)
    return path


def test_a_tape_becomes_a_cast_that_is_clean(tape: Path) -> None:
    out = tape.with_name("demo.cast")
    done = CliRunner().invoke(app, ["run", str(tape), str(out), "--json"])
    assert done.exit_code == 0
    facts = json.loads(done.stdout)
    assert (facts["duration_s"], facts["keys"], facts["problem"]) == (1.0, 3, None)
    verdict = check_cast(out)
    assert (verdict.ok, verdict.problems, verdict.duration_s) == (True, [], 1.0)
    assert read_cast(out)[0].title == "demo"


def test_a_tape_that_does_not_get_to_its_end_leaves_what_came_and_exits_with_1(tape: Path) -> None:
    tape.write_text(TAPE + "Wait /never/\n")
    out = tape.with_name("demo.cast.gz")
    done = CliRunner().invoke(app, ["run", str(tape), str(out), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problem"]["reason"] == "wait-timed-out"
    assert [event.data for event in read_cast(out)[1] if event.code == "m"] == ["problem: wait-timed-out"]


def test_vhs_leaves_its_video_beside_the_cast(tape: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "vhs"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "fake_vhs.py"}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("FAKE_VHS_TAPE", str(tmp_path / "seen.tape"))
    monkeypatch.setenv("FAKE_VHS", "1.1")
    out = tmp_path / "film.cast"
    done = CliRunner().invoke(app, ["run", str(tape), str(out), "--driver", "vhs", "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["stretch"] == pytest.approx(1.1)
    assert frame_count(Path(facts["video"])) == frames_for(1_000_000_000)
    assert [event.data for event in read_cast(out)[1] if event.code == "i"] == ["l", "s", "\r"]
