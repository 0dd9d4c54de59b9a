"""The log of a run has a line for each step that counts, and tells people and machines the same."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from train.training_runs import need_trainer

from tracekit.core.errors import TracekitError
from tracekit.train.run_folder import RunFolder

if TYPE_CHECKING:
    from tracekit.train.logs import Record, Show


@pytest.fixture(autouse=True, scope="module")
def _trainer() -> None:
    need_trainer()


def record(step: int) -> "Record":
    told = {"loss": 1 / (step + 1), "samples_per_s": 2.5, "tokens_per_s": 1000.0, "data_share": 0.25}
    return {"step": step, "time": 1e9 + step, **told}


def test_what_comes_after_the_checkpoint_is_forgotten_and_drawn_anew(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from tracekit.train.logs import Log, read_log

    folder = RunFolder(tmp_path)
    first = Log(folder, 0)
    for step in (1, 2, 3):
        first.write(record(step))
    first.close()
    second = Log(folder, 2)
    second.write(record(3))
    second.close()
    assert read_log(folder.log) == [record(1), record(2), record(3)]
    drawn = EventAccumulator(str(folder.tensorboard)).Reload().Scalars("loss")
    assert [(point.step, point.wall_time) for point in drawn] == [(step, 1e9 + step) for step in (1, 2, 3)]


def test_a_line_that_a_kill_cut_off_is_no_line(tmp_path: Path) -> None:
    from tracekit.train.logs import read_log

    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(record(1)) + '\n{"step": 2, "lo')
    assert read_log(path) == [record(1)]


def test_another_damaged_line_is_named(tmp_path: Path) -> None:
    from tracekit.train.logs import read_log

    path = tmp_path / "log.jsonl"
    path.write_text("nonsense\n" + json.dumps(record(1)) + "\n")
    with pytest.raises(TracekitError, match=r"log\.jsonl:1: not a line of a log"):
        read_log(path)


def test_a_window_goes_on_from_its_state_with_the_same_means() -> None:
    from tracekit.train.logs import Window

    losses = [0.1, 0.7, 1 / 3]
    whole, begun = Window(), Window()
    for loss in losses:
        whole.add({"loss": loss}, 1, 10)
    begun.add({"loss": losses[0]}, 1, 10)
    later = Window(json.loads(json.dumps(begun.state())))
    for loss in losses[1:]:
        later.add({"loss": loss}, 1, 10)
    assert later.means()["loss"] == whole.means()["loss"] == pytest.approx(sum(losses) / 3)


def shown(show: "Show") -> None:
    show.begin(10, 4)
    show.record(record(5))
    show.advance(5)
    show.remark("a [remark]")
    show.close()
    show.close()


def test_people_are_told_in_lines_or_by_a_bar() -> None:
    from tracekit.train.logs import Bar, Lines

    for kind, terminal in ((Lines, False), (Bar, True)):
        file = io.StringIO()
        shown(kind(Console(file=file, force_terminal=terminal, highlight=False, width=200)))
        told = file.getvalue()
        assert "loss 0.1667" in told
        assert "2.5 samples/s" in told
        assert "1000 tokens/s" in told
        assert "25% waiting for data" in told
        assert "a [remark]" in told
        assert "5/10" in told


def test_machines_are_told_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    from tracekit.train.logs import JsonLines

    shown(JsonLines())
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [record(5), {"remark": "a [remark]"}]


def test_what_a_run_said_that_saved_nothing_is_forgotten(tmp_path: Path) -> None:
    from tracekit.train.logs import Log, read_log

    folder = RunFolder(tmp_path)
    for _ in range(2):
        log = Log(folder, 0)
        log.write(record(0))
        log.close()
    assert [line["step"] for line in read_log(folder.log)] == [0]
