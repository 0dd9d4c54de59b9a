"""The policy ``agent`` on a real desktop, recorded: a server of ours says what to do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from components import require
from desktops import needed
from model_server import ModelServer, says

from tracekit.actions.events import InputEvent, load_inputs
from tracekit.core.clock import NS_PER_S
from tracekit.desktop.check import check_trace
from tracekit.desktop.policies.agent import Agent, AgentConfig
from tracekit.desktop.record import record
from tracekit.desktop.session import DesktopConfig
from tracekit.desktop.trace import Trace, read_trace

CANARY = "sk-canary-" + "9Wz" * 12
TEXT = "Hello,\n\tWörld: 12 €!"
THINKS_S = 1.0
X_NS = 1_000_000
"""The X server tells its time in milliseconds."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace in which the model opens an editor and types, and thinks for a second in between."""
    require("agent", module="anthropic", remedy="pip install 'tracekit[agent]'")
    needed()
    out = tmp_path_factory.mktemp("traces")
    replies = [
        says("anthropic", "I open the finder of programs.", {"action": "key", "text": "alt+F2"}),
        says("anthropic", "It takes a moment.", {"action": "wait", "duration": 2}),
        says(
            "anthropic", "I name the editor.", {"action": "type", "text": "mousepad"}, {"action": "wait", "duration": 1}
        ),
        says("anthropic", "I open it.", {"action": "key", "text": "Return"}, {"action": "wait", "duration": 2}),
        says("anthropic", "I write.", {"action": "type", "text": TEXT}),
        says("anthropic", "It stands there.\nDONE"),
    ]
    replies[4].delay_s = THINKS_S
    with pytest.MonkeyPatch.context() as patch, ModelServer("anthropic", *replies) as server:
        patch.setenv("THE_KEY", CANARY)
        options = {"model": "a-model", "base_url": server.url, "key_variable": "THE_KEY", "instruction": "Write."}
        record(
            DesktopConfig(),
            Agent(AgentConfig.model_validate(options), 1),
            out,
            key="agent",
            seconds=60,
            policy_name="agent",
            policy_options=options,
            seed=1,
        )
    return out / "agent"


@pytest.fixture(scope="module")
def trace(folder: Path) -> Trace:
    return read_trace(folder)


@pytest.fixture(scope="module")
def events(folder: Path) -> list[InputEvent]:
    return load_inputs((folder / "events.jsonl").read_bytes())


@pytest.fixture(scope="module")
def task(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "task.json").read_bytes()))


def test_the_trace_is_whole_and_says_what_was_to_be_done(folder: Path, trace: Trace, task: dict[str, Any]) -> None:
    assert (trace.status, trace.problem, trace.reason) == ("complete", "", "")
    assert (trace.instruction, trace.success, trace.policy) == ("Write.", None, "agent")
    assert (task["ended"], task["claimed"]) == ("done", "done")
    assert trace.frames < 45 * trace.fps, "it ended when the model was done"
    assert check_trace(folder).problems == ()


def test_what_the_model_typed_is_what_the_x_server_saw_by_the_times_that_are_kept(
    events: list[InputEvent], task: dict[str, Any]
) -> None:
    (action,) = task["steps"][4]["actions"]
    seen = [event for event in events if action["begun_ns"] < event.time_ns < action["last_input_ns"] + X_NS]
    assert "".join(event.text for event in seen) == TEXT
    assert len(seen) == action["inputs"]
    assert seen[0].time_ns < action["first_input_ns"] + X_NS < seen[1].time_ns
    assert seen[-2].time_ns < action["last_input_ns"]


def test_frames_flow_while_the_model_thinks(folder: Path, trace: Trace, task: dict[str, Any]) -> None:
    step = task["steps"][4]
    assert step["replied_ns"] - step["asked_ns"] >= THINKS_S * NS_PER_S
    with np.load(folder / "frames.npz") as frames:
        grabbed_ns = frames["grab_ns"][~frames["missed"]]
    assert np.count_nonzero((step["asked_ns"] < grabbed_ns) & (grabbed_ns < step["replied_ns"])) >= 10
    assert step["actions"][0]["frame"] < trace.frames


def test_the_text_came_into_the_program_that_was_opened(folder: Path) -> None:
    assert "*Untitled 1 - Mousepad" in (folder / "windows.jsonl").read_text("utf-8")


def test_every_reply_is_kept_and_the_key_is_in_no_file(folder: Path, task: dict[str, Any]) -> None:
    said = [step["text"] for step in task["steps"]]
    assert said[0] == "I open the finder of programs."
    assert len(said) == 6
    for path in folder.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path.name
