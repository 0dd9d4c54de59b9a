"""A run of the policy ``agent``: over real HTTP and the real SDKs, against a server of ours, on a fake desktop."""

import base64
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from components import require
from fake_desktop import FakeDesktop
from model_server import PROTOCOLS, ModelServer, Played, Protocol, says, told
from PIL import Image
from pydantic import ValidationError

from tracekit.core.errors import TracekitError
from tracekit.desktop.policies.agent import Agent, AgentConfig, read_instructions
from tracekit.desktop.policies.base import Outcome

CANARY = "sk-canary-" + "7Qx" * 12
CLICK = {"action": "left_click", "coordinate": [300, 200]}
TYPE = {"action": "type", "text": "hello"}
INSTRUCTIONS = Path(__file__).parents[2] / "recipes" / "instructions.txt"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    require("agent", module="anthropic", remedy="pip install 'tracekit[agent]'")
    require("agent", module="openai", remedy="pip install 'tracekit[agent]'")
    monkeypatch.setenv("THE_KEY", CANARY)


def config(server: ModelServer, **options: Any) -> AgentConfig:
    options = {"instruction": "Open the editor.", "max_retries": 0, **options}
    return AgentConfig(
        protocol=server.protocol, model="a-model", base_url=server.url, key_variable="THE_KEY", **options
    )


def run(protocol: Protocol, *replies: Played, desktop: FakeDesktop | None = None, **options: Any) -> "Ran":
    with ModelServer(protocol, *replies) as server:
        agent = Agent(config(server, **options), 3)
        desktop = desktop or FakeDesktop()
        agent.prepare(desktop)
        return Ran(agent.run(desktop, 60), desktop, server)


class Ran:
    """What came of a run."""

    def __init__(self, outcome: Outcome, desktop: FakeDesktop, server: ModelServer) -> None:
        self.outcome, self.desktop, self.received = outcome, desktop, server.received
        self.task = json.loads(json.dumps(outcome.task, allow_nan=False))
        assert CANARY not in json.dumps([self.task, outcome.failed, outcome.reason])


both = pytest.mark.parametrize("protocol", PROTOCOLS)


@both
def test_what_the_model_says_is_done_and_all_of_it_is_kept(protocol: Protocol) -> None:
    replies = [
        says(protocol, "I see a field.", CLICK),
        says(protocol, "Now I type.", TYPE),
        says(protocol, "So.\n\nDONE"),
    ]
    ran = run(protocol, *replies)
    assert ran.outcome.failed == ran.outcome.reason == ""
    assert ran.outcome.instruction == "Open the editor."
    assert ran.outcome.success is None, "nobody checked"
    assert ran.desktop.clicks() == [("left", 300, 200)]
    assert ran.desktop.typed() == "hello"
    task = ran.task
    assert (task["ended"], task["claimed"], task["model"]) == ("done", "done", "a-model")
    assert [step["reply"] for step in task["steps"]] == [reply.body for reply in replies]
    assert [step["text"] for step in task["steps"]] == ["I see a field.", "Now I type.", "So.\n\nDONE"]
    assert {step["thinking"] for step in task["steps"]} == {"let me see"}
    assert task["usage"] == {"requests": 3, "tokens_in": 360, "tokens_out": 21}
    assert task["steps"][0]["request"] == {"request_id": "req_1", "retries": 0}


@both
def test_an_action_has_the_times_at_which_the_x_server_took_its_inputs(protocol: Protocol) -> None:
    ran = run(protocol, says(protocol, "", CLICK), says(protocol, "DONE"))
    (action,) = ran.task["steps"][0]["actions"]
    times_ns = [time_ns for time_ns, _ in ran.desktop.done]
    assert (action["first_input_ns"], action["last_input_ns"]) == (times_ns[0], times_ns[-1])
    assert action["inputs"] == len(times_ns)
    step = ran.task["steps"][0]
    assert step["asked_ns"] <= step["replied_ns"] <= action["begun_ns"] <= action["first_input_ns"]
    assert action["last_input_ns"] <= action["done_ns"]
    assert action["frame"] * 1_000_000_000 >= action["last_input_ns"] * 15, "the screen was shown afterwards"
    assert action["succeeded"]


@both
def test_requests_hold_the_tool_the_task_and_the_last_screenshots_only(protocol: Protocol) -> None:
    looks = [says(protocol, f"look {number}", {"action": "wait", "duration": number}) for number in range(5)]
    ran = run(protocol, *looks, says(protocol, "DONE"), keep_pictures=2, temperature=0.5, extra={"top_p": 0.9})
    assert [request.pictures() for request in ran.received] == [1, 2, 2, 2, 2, 2]
    last = ran.received[-1].body
    assert "Open the editor." in json.dumps(last["messages"])
    assert json.dumps(last).count("an earlier screenshot stood here") == 4
    assert (last["model"], last["temperature"], last["top_p"]) == ("a-model", 0.5, 0.9)
    if protocol == "anthropic":
        assert last["tools"] == [
            {"type": "computer_20251124", "name": "computer", "display_width_px": 1024, "display_height_px": 768,
             "enable_zoom": True}
        ]  # fmt: skip
        assert ran.received[-1].headers["anthropic-beta"] == "computer-use-2025-11-24"
        thought = [block for message in last["messages"] for block in message["content"] if block["type"] == "thinking"]
        assert len(thought) == 5, "a server checks that thinking comes back as it was signed"
    else:
        assert [tool["function"]["name"] for tool in last["tools"]] == ["computer"]
        assert last["messages"][0]["role"] == "system"


@both
def test_clicks_hit_what_is_in_the_picture_that_was_sent_at_any_size_of_screen(protocol: Protocol) -> None:
    desktop = FakeDesktop(1920, 1080)
    ran = run(protocol, says(protocol, "", CLICK), says(protocol, "DONE"), desktop=desktop)
    sent = json.dumps(ran.received[0].body)
    picture = picture_size(ran.received[0].body)
    assert picture == tuple(ran.task["picture_px"])
    assert max(picture) <= 1568
    assert picture[0] * picture[1] <= 1_150_000
    if protocol == "anthropic":
        assert f'"display_width_px": {picture[0]}, "display_height_px": {picture[1]}' in sent
    ((_, x, y),) = ran.desktop.clicks()
    assert abs(x - 300 * 1920 / picture[0]) <= 1
    assert abs(y - 200 * 1080 / picture[1]) <= 1


def picture_size(request: dict[str, Any]) -> tuple[int, int]:
    """Of the first picture in a request."""
    (block,) = [block for block in request["messages"][-1]["content"] if block["type"] != "text"]
    data = block["source"]["data"] if "source" in block else block["image_url"]["url"].partition(",")[2]
    return Image.open(io.BytesIO(base64.b64decode(data))).size


@both
@pytest.mark.parametrize(
    "nonsense",
    [
        {"action": "fly"},
        {"action": "left_click", "coordinate": [5000, 1]},
        {"action": "left_click", "coordinate": [float("nan"), 1]},
        {"action": "key", "text": "flarp"},
        {"action": "type", "text": "x" * 5000},
        {"action": "zoom", "region": [5, 5, 5, 5]},
        {},
    ],
    ids=str,
)
def test_an_action_that_can_not_be_done_is_told_back_and_the_run_goes_on(
    protocol: Protocol, nonsense: dict[str, Any]
) -> None:
    ran = run(protocol, says(protocol, "", nonsense, CLICK), says(protocol, "", CLICK), says(protocol, "DONE"))
    (first, first_is_error), second = told(ran.received[1])
    assert first_is_error
    assert first
    assert second == ("not done: an earlier action failed", True)
    assert ran.desktop.clicks() == [("left", 300, 200)], "that of the second reply"
    assert [action["succeeded"] for action in ran.task["steps"][0]["actions"]] == [False, False]
    assert ran.task["ended"] == "done"


def test_calls_of_other_tools_and_arguments_that_are_no_object_are_told_back() -> None:
    for protocol, path in (("anthropic", ("content", 2)), ("openai", ("choices", 0, "message", "tool_calls", 0))):
        for what, value in (("name", "bash"), ("arguments", "{broken"), ("arguments", "[1]")):
            reply = says(protocol, "", CLICK)
            call: Any = reply.body
            for step in path:
                call = call[step]
            if protocol == "openai":
                call["function"][what] = value
            else:
                call["input" if what == "arguments" else what] = value
            ran = run(protocol, reply, says(protocol, "DONE"))
            assert [is_error for _, is_error in told(ran.received[1])] == [True]
            assert ran.task["ended"] == "done"
            assert ran.desktop.done == []


def test_each_version_of_anthropics_tool_is_spoken() -> None:
    ran = run("anthropic", says("anthropic", "", CLICK), says("anthropic", "DONE"), tool="computer_20250124")
    assert ran.received[0].headers["anthropic-beta"] == "computer-use-2025-01-24"
    assert "enable_zoom" not in ran.received[0].body["tools"][0]
    replies = [says("anthropic", "", CLICK, {"action": "screenshot"}, toolset=True), says("anthropic", "DONE")]
    ran = run("anthropic", *replies, tool="computer_toolset_20260801")
    assert ran.received[0].body["tools"] == [{"type": "computer_toolset_20260801"}]
    assert "anthropic-beta" not in ran.received[0].headers
    results = ran.received[1].body["messages"][-1]["content"]
    assert {result["toolset_name"] for result in results} == {"computer"}
    assert ran.desktop.clicks() == [("left", 300, 200)]


@both
def test_where_the_pointer_is_and_parts_of_the_screen_are_answered(protocol: Protocol) -> None:
    asked = [CLICK, {"action": "cursor_position"}, {"action": "zoom", "region": [0, 0, 100, 100]}]
    ran = run(protocol, says(protocol, "", *asked), says(protocol, "DONE"))
    assert told(ran.received[1])[1] == ("X=300,Y=200", False)
    assert ran.received[1].pictures() == 2, "the first one and the zoom"


ERRORS = {
    "bad-request": (Played({"error": {"type": "invalid_request_error", "message": "no " * 400}}, 400), "HTTP 400"),
    "unauthorized": (Played({"error": {"message": f"bad key {CANARY}"}}, 401), "bad key [key]"),
    "overloaded": (Played({"error": {"message": "overloaded"}}, 529), "HTTP 529"),
    "cut": (Played(b'{"content": [' + b" " * 900, cut_at=100), "broke off"),
}


@both
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_api_fails_the_trace_in_a_line_without_the_key(protocol: Protocol, name: str) -> None:
    reply, message = ERRORS[name]
    ran = run(protocol, says(protocol, "", CLICK), reply)
    assert ran.outcome.reason == "api-error"
    assert message in ran.outcome.failed
    assert len(ran.outcome.failed) < 600
    assert ran.task["steps"][1]["problem"] == ran.outcome.failed
    assert ran.task["steps"][0]["actions"], "what was done before is kept"


@both
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>a gateway</html>",
        b"[]",
        b'"text"',
        b"{}",
        b'{"content": 5, "choices": 5}',
        b'{"content": [1], "stop_reason": "end_turn", "choices": []}',
        b'{"content": [{"type": "tool_use", "input": {}}], "stop_reason": "tool_use", "choices": [{}]}',
        b'{"a": ' * 500 + b"1" + b"}" * 500,
        b"[" * 100_000,
        b'{"content": "' + b"x" * (2 << 20) + b'"}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
    ],
    ids=range(13),
)
def test_a_reply_that_is_none_fails_the_trace(protocol: Protocol, body: bytes) -> None:
    ran = run(protocol, Played(body))
    assert ran.outcome.reason == "bad-reply"
    assert ran.outcome.failed
    assert ran.desktop.done == []


@both
def test_what_passes_is_tried_again_by_the_sdk(protocol: Protocol) -> None:
    busy = Played({"error": {"message": "wait"}}, 429, {"retry-after-ms": "1"})
    ran = run(protocol, busy, busy, says(protocol, "DONE"), max_retries=2)
    assert ran.task["ended"] == "done"
    assert ran.task["steps"][0]["request"]["retries"] == 2


@both
def test_a_server_that_is_not_there_fails_the_trace(protocol: Protocol) -> None:
    with ModelServer(protocol, says(protocol, "DONE")) as server:
        gone = config(server)
    agent, desktop = Agent(gone, 0), FakeDesktop()
    agent.prepare(desktop)
    outcome = agent.run(desktop, 60)
    assert (outcome.reason, CANARY in outcome.failed) == ("api-error", False)


@both
def test_a_server_that_does_not_answer_in_time_fails_the_trace(protocol: Protocol) -> None:
    ran = run(protocol, Played({}, after=threading.Event()), timeout_s=0.2)
    assert ran.outcome.reason == "api-error"
    assert "in time" in ran.outcome.failed


@both
@pytest.mark.parametrize(
    ("stop", "reason"),
    [({"anthropic": "max_tokens", "openai": "length"}, "reply-cut"),
     ({"anthropic": "refusal", "openai": "content_filter"}, "model-refused")],
)  # fmt: skip
def test_a_reply_that_is_cut_or_refuses_fails_the_trace_and_nothing_of_it_is_done(
    protocol: Protocol, stop: dict[str, str], reason: str
) -> None:
    ran = run(protocol, says(protocol, "well", CLICK, stop=stop[protocol]))
    assert ran.outcome.reason == reason
    assert ran.desktop.done == []


@both
def test_limits_end_the_run_with_their_names(protocol: Protocol) -> None:
    waits = [says(protocol, "", {"action": "wait", "duration": number}) for number in range(9)]
    assert run(protocol, *waits, max_steps=3).outcome.reason == "step-limit"
    assert run(protocol, *waits, max_wall_s=8).outcome.reason == "time-limit"
    again = run(protocol, says(protocol, "", CLICK), max_repeats=4)
    assert again.outcome.reason == "repeated-action"
    assert len(again.desktop.clicks()) == 3
    assert run(protocol, says(protocol, "", {"action": "fly"}), max_repeats=4).outcome.reason == "repeated-action"
    assert run(protocol, says(protocol, " ")).outcome.reason == "empty-reply"
    assert again.task["ended"] == "repeated-action"


@both
@pytest.mark.parametrize(("text", "claimed"), [
    ("All is done.\nDONE", "done"), ("**DONE**", "done"), ("IMPOSSIBLE: no such program", "impossible"),
    ("I am done.", ""), ("Is it DONE?", ""), ("DONE was too early\nIMPOSSIBLE: no", "impossible"),
])  # fmt: skip
def test_what_the_model_claims_is_kept_and_is_no_success(protocol: Protocol, text: str, claimed: str) -> None:
    ran = run(protocol, says(protocol, text))
    assert (ran.task["claimed"], ran.task["ended"]) == (claimed, claimed or "stopped")
    assert (ran.outcome.success, ran.outcome.failed) == (None, "")


@both
def test_the_end_of_the_recording_ends_the_run_while_the_model_thinks(protocol: Protocol) -> None:
    ran = run(protocol, Played({}, after=threading.Event()), desktop=FakeDesktop(seconds=2))
    assert (ran.outcome.failed, ran.task["ended"]) == ("", "recording-ended")
    assert ran.task["steps"][0]["replied_ns"] is None


@both
def test_the_end_of_the_recording_breaks_off_an_action_and_nothing_stays_pressed(protocol: Protocol) -> None:
    long = {"action": "type", "text": "A long text that takes its time. " * 20}
    ran = run(protocol, says(protocol, "", {"action": "left_mouse_down"}, long), desktop=FakeDesktop(seconds=4))
    assert (ran.outcome.failed, ran.task["ended"]) == ("", "recording-ended")
    down, typed = ran.task["steps"][0]["actions"]
    assert (down["succeeded"], typed["succeeded"], typed["told"]) == (True, False, "broken off: recording-ended")
    assert 0 < typed["inputs"] < 2 * len(long["text"])
    kinds = [do.kind for _, do in ran.desktop.done]
    assert kinds.count("key-down") == kinds.count("key-up")
    assert kinds.count("down") == kinds.count("up") == 1


@both
def test_the_world_goes_on_while_the_model_thinks(protocol: Protocol) -> None:
    thought = threading.Event()

    def on_wait(now_ns: int) -> None:
        if now_ns > 3_000_000_000:
            thought.set()

    slow = says(protocol, "DONE")
    slow.after = thought
    ran = run(protocol, slow, desktop=FakeDesktop(on_wait=on_wait))
    assert ran.task["ended"] == "done"
    step = ran.task["steps"][0]
    assert step["replied_ns"] >= 3_000_000_000 > step["asked_ns"]


@both
def test_a_desktop_that_dies_fails_the_trace_and_what_was_said_is_kept(protocol: Protocol) -> None:
    desktop = FakeDesktop()
    desktop.dies_at = 5
    ran = run(protocol, says(protocol, "I click.", CLICK), desktop=desktop)
    assert (ran.outcome.reason, ran.outcome.failed) == ("desktop-died", "the desktop is gone")
    assert ran.task["steps"][0]["text"] == "I click."
    assert ran.task["steps"][0]["actions"][0]["inputs"] == 5


@both
def test_the_key_goes_to_the_server_in_a_header_and_nowhere_else(
    protocol: Protocol, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    run(protocol, says(protocol, "", CLICK), Played({}, 401))
    assert CANARY not in caplog.text, "whatever is logged by whom"
    caplog.set_level("INFO")
    caplog.clear()
    echo = says(protocol, f"your key is {CANARY}", {"action": "type", "text": f"key {CANARY}"})
    echo.headers = {"request-id": CANARY, "x-request-id": CANARY}
    broken = Played(f"no JSON but {CANARY}".encode(), 500)
    ran = run(protocol, echo, broken)
    assert ran.outcome.reason == "api-error"
    assert any(CANARY in value for value in ran.received[0].headers.values())
    assert all(CANARY not in json.dumps(request.body) + request.path for request in ran.received)
    assert ran.task["steps"][0]["text"] == "your key is [key]"
    assert CANARY.lower() not in ran.desktop.typed().lower()
    assert CANARY not in caplog.text + "".join(capfd.readouterr())


def test_an_error_holds_no_way_back_to_the_request_with_the_key() -> None:
    with ModelServer("openai", Played({}, 400)) as server:
        agent = Agent(config(server), 0)
        assert CANARY not in repr(agent._key) + str(vars(agent)["_config"])
        agent.prepare(FakeDesktop())
        assert agent._talk is not None
        with pytest.raises(TracekitError) as caught:
            agent._talk.ask()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("options", [
    {"base_url": "http://me:secret@host/"}, {"base_url": "http://host/?key=1"}, {"base_url": "file:///etc"},
    {"base_url": "nonsense"}, {"base_url": "http://a b/"}, {"base_url": "http://[::1"},
    {"key_variable": "a b"},
    {"picture_width_px": 100}, {"max_steps": 0}, {"model": ""}, {"tool": "computer_1"}, {"surprise": 1},
])  # fmt: skip
def test_options_that_can_not_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AgentConfig.model_validate({"model": "m", "instruction": "do"} | options)


def test_what_is_missing_is_said_before_anything_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(TracekitError, match="ANTHROPIC_API_KEY is not set"):
        Agent(AgentConfig(model="m", instruction="do"), 0)
    with pytest.raises(TracekitError, match="no system prompt"):
        Agent(AgentConfig(model="m", instruction="do", key_variable="", system_prompt="desktop-0"), 0)
    with pytest.raises(TracekitError, match="can't be read"):
        Agent(AgentConfig(model="m", instructions=tmp_path / "none.txt", key_variable=""), 0)
    (tmp_path / "empty.txt").write_text("# nothing\n\n")
    with pytest.raises(TracekitError, match="no instruction"):
        Agent(AgentConfig(model="m", instructions=tmp_path / "empty.txt", key_variable=""), 0)
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(TracekitError, match="UTF-8"):
        Agent(AgentConfig(model="m", instructions=tmp_path / "bytes.txt", key_variable=""), 0)


def test_a_word_in_the_place_of_a_key_is_left_in_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "EMPTY")
    ran = run("openai", says("openai", "The folder is EMPTY.\nDONE"))
    assert ran.task["steps"][0]["text"] == "The folder is EMPTY.\nDONE"


@both
def test_a_server_without_keys_is_asked_without_one(protocol: Protocol) -> None:
    with ModelServer(protocol, says(protocol, "DONE")) as server:
        agent = Agent(config(server).model_copy(update={"key_variable": ""}), 0)
        agent.prepare(FakeDesktop())
        assert agent.run(FakeDesktop(), 60).task["ended"] == "done"
        assert CANARY not in str(server.received[0].headers)


def test_the_seed_chooses_the_instruction_and_all_come_in_turn() -> None:
    choices = read_instructions(INSTRUCTIONS)
    assert len(choices) >= 60
    assert len(set(choices)) == len(choices)
    common: dict[str, Any] = {"model": "m", "key_variable": "", "instructions": INSTRUCTIONS}
    chosen = [Agent(AgentConfig(**common), seed)._instruction for seed in range(len(choices))]
    assert chosen == choices


@both
def test_the_same_replies_and_seed_make_the_same_inputs(protocol: Protocol) -> None:
    replies: Callable[[], list[Played]] = lambda: [says(protocol, "", CLICK, TYPE), says(protocol, "DONE")]  # noqa: E731
    first, second = (run(protocol, *replies()).desktop.done for _ in range(2))
    assert [do._replace(due_ns=0) for _, do in first] == [do._replace(due_ns=0) for _, do in second]


def test_a_transcript_is_bounded() -> None:
    much = says("openai", "x" * 900_000, {"action": "wait", "duration": 0})
    ran = run("openai", much, max_repeats=100)
    assert ran.outcome.reason == "transcript-too-large"
    assert len(json.dumps(ran.task)) < 20_000_000


@both
def test_the_screen_is_shown_after_what_was_done_also_where_a_later_action_fails(protocol: Protocol) -> None:
    ran = run(protocol, says(protocol, "", CLICK, {"action": "fly"}), says(protocol, "DONE"))
    assert ran.received[1].pictures() == 2
    click, fly = ran.task["steps"][0]["actions"]
    assert click["frame"] is not None
    assert (fly["frame"], fly["succeeded"]) == (None, False)


@both
def test_more_actions_at_once_than_anybody_needs_are_told_to_wait(protocol: Protocol) -> None:
    many = [{"action": "mouse_move", "coordinate": [number, 5]} for number in range(30)]
    ran = run(protocol, says(protocol, "", *many), says(protocol, "DONE"))
    assert [is_error for _, is_error in told(ran.received[1])] == [False] * 20 + [True] * 10
