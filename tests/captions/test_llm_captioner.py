"""Captions by a model: what it says stands only where the screen bears it out, and every other case has its name."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from captions.caption_server import MODEL, VERSION, Answer, Failed, Said, Server, serving
from captions.desks import desk, window
from captions.stage import clip, grid_of, typed
from hypothesis import given
from hypothesis import strategies as st

from tracekit.actions.events import InputEvent
from tracekit.actions.windows import WindowsAt
from tracekit.captions.base import BatchCaptioner, ClipView, DesktopView
from tracekit.captions.llm.captioner import ModelCaptioner
from tracekit.captions.llm.details import ModelDetails
from tracekit.captions.llm.evidence import Budget, evidence_of
from tracekit.captions.llm.reply import CUT, EMPTY, MISSING, NOT_JSON, REFUSED, Told, read_reply
from tracekit.captions.llm.request import Reply
from tracekit.captions.rules import RuleCaptioner
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.shards.sample import Captions
from tracekit.terminal.cells import Cursor

TIERS = ("semantic", "regular", "detailed")
KEY = "sk-" + "canary" * 4
WRONG = "The user opens `nothing-of-the-kind.txt` with `emacs` and saves `/etc/shadow` 4711 times."


def terminal(key: str = "clip_0000", command: str = "ls -l") -> ClipView:
    screens = typed(["$ echo hello", "hello"], "$ ", command, ["total 8", "-rw-r--r-- 1 user user 12 notes.txt", "$ "])
    events = [Event(number * 10**8, "i", char) for number, char in enumerate(command + "\r")]
    return clip(grid_of(screens), events, key)


def desktop() -> DesktopView:
    down = InputEvent(10**9, "key-down", 5, 5, keycode=38, keysym="a", text="a", held=("a",))
    events = [down, InputEvent(10**9 + 1, "key-up", 5, 5, keycode=38, keysym="a")]
    return desk(
        events, [WindowsAt(0, (window("notes.txt - Mousepad", "mousepad"),))], instruction="Write the letter a."
    )


def by_rules(view: ClipView | DesktopView) -> dict[str, str]:
    """Captions that are good: everything in them stands on the screen."""
    captions = RuleCaptioner().caption(view)
    return {tier: getattr(captions, tier) for tier in TIERS}


def asked_for(payload: dict[str, Any]) -> list[str]:
    """The tiers that a request asks for."""
    return list(payload["response_format"]["json_schema"]["schema"]["properties"])


def wanted(payload: dict[str, Any], texts: dict[str, str]) -> dict[str, str]:
    return {tier: texts[tier] for tier in asked_for(payload)}


def one_after_the_other(*replies: Any) -> Answer:
    waiting = iter(replies)
    return lambda payload: next(waiting)


def captioned(
    answer: Answer, keep: Path, *views: ClipView | DesktopView, **options: Any
) -> tuple[list[Captions], Server]:
    with serving(answer) as server:
        captioner = ModelCaptioner.model_validate({"server": server.url, "model": MODEL, **options})
        found = list(captioner.caption_all(views, keep))
    for one in found:
        assert isinstance(one, Captions), one
        ModelDetails.model_validate(one.details)
    return found, server  # type: ignore[return-value]


def texts(captions: Captions) -> dict[str, str]:
    return {tier: getattr(captions, tier) for tier in TIERS}


@pytest.mark.parametrize("view", [terminal(), desktop()], ids=["terminal", "desktop"])
def test_what_is_grounded_stands_and_all_that_made_it_is_recorded(view: ClipView | DesktopView, tmp_path: Path) -> None:
    good = by_rules(view)
    [captions], server = captioned(lambda payload: good, tmp_path, view, seed=5, temperature=0.1)
    details = ModelDetails.model_validate(captions.details)
    assert texts(captions) == good
    assert (details.model, details.server, details.prompts) == (MODEL, VERSION, "v1")
    assert details.sampling == {"temperature": 0.1, "max_tokens": 1024, "seed": 5}
    assert not details.replaced
    for tier in TIERS:
        told = details.tiers[tier]
        assert (told.tries, told.faults, told.replaced) == (1, [], False)
        assert told.score >= details.bar
    [request] = server.requests
    assert details.prompt_tokens > details.completion_tokens > 0
    assert details.prompts_sha256[:12] in captions.captioner
    assert (request["seed"], request["temperature"], request["model"]) == (5, 0.1, MODEL)


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Said('{"semantic": "A user', "length"), CUT),
        (Said("no braces"), NOT_JSON),
        (Said('{"semantic": '), NOT_JSON),
        (Said("[]"), NOT_JSON),
        (Said("[" * 100_000), NOT_JSON),
        (Said('{"a":' * 100_000 + "}" * 100_000), NOT_JSON),
        (Said("{}"), MISSING),
        (Said(json.dumps(dict.fromkeys(TIERS, 7))), MISSING),
        (Said(json.dumps(dict.fromkeys(TIERS, " \n"))), EMPTY),
        (Said(""), EMPTY),
        (Said(None), EMPTY),
        (Said(None, refusal="I will not."), REFUSED),
        (Said("", "content_filter"), REFUSED),
        (Said("I'm sorry, but I can't help with that."), REFUSED),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_reply_that_holds_no_captions_is_asked_for_once_more_with_the_fault_named(
    reply: Said, fault: str, tmp_path: Path
) -> None:
    view = terminal()
    good = by_rules(view)
    [captions], server = captioned(one_after_the_other(reply, good), tmp_path, view)
    assert texts(captions) == good
    first, second = server.requests
    assert fault not in json.dumps(first["messages"])
    assert fault in json.dumps(second["messages"])
    for told in captions.details["tiers"].values():
        assert (told["tries"], told["faults"], told["replaced"]) == (2, [fault], False)


def test_what_the_screen_does_not_show_is_turned_down_twice_and_then_written_by_the_rules(tmp_path: Path) -> None:
    view = terminal()
    good = by_rules(view)
    [captions], server = captioned(lambda payload: wanted(payload, good | {"detailed": WRONG}), tmp_path, view)
    assert texts(captions) == good
    assert [asked_for(request) for request in server.requests] == [[*TIERS], ["detailed"]]
    tiers = captions.details["tiers"]
    assert captions.details["replaced"]
    assert [tiers[tier]["replaced"] for tier in TIERS] == [False, False, True]
    assert (tiers["detailed"]["tries"], tiers["semantic"]["tries"]) == (2, 1)
    assert any("nothing-of-the-kind.txt" in fault for fault in tiers["detailed"]["faults"])
    assert "nothing-of-the-kind.txt" in json.dumps(server.requests[1]["messages"])


def test_asked_tier_by_tier_one_that_fails_costs_no_other_a_request(tmp_path: Path) -> None:
    view = terminal()
    good = by_rules(view)
    texts_by_try = {"semantic": [good["semantic"]], "regular": [WRONG, good["regular"]], "detailed": [good["detailed"]]}

    def answer(payload: dict[str, Any]) -> dict[str, str]:
        [tier] = asked_for(payload)
        return {tier: texts_by_try[tier].pop(0)}

    [captions], server = captioned(answer, tmp_path, view, one_call=False)
    assert texts(captions) == good
    assert sorted(tier for request in server.requests for tier in asked_for(request)) == sorted([*TIERS, "regular"])


def test_a_tier_that_is_not_wanted_is_left_to_the_source(tmp_path: Path) -> None:
    view = terminal()
    [captions], server = captioned(lambda payload: wanted(payload, by_rules(view)), tmp_path, view, tiers=["regular"])
    assert (captions.semantic, captions.detailed) == (None, None)
    assert captions.regular == by_rules(view)["regular"]
    assert asked_for(server.requests[0]) == ["regular"]


def test_a_request_that_the_server_refuses_costs_that_clip_the_model_and_no_other(tmp_path: Path) -> None:
    long, short = terminal("clip_0000", "ls -l"), terminal("clip_0001", "ls -a")

    def answer(payload: dict[str, Any]) -> Any:
        return by_rules(short) if "ls -a" in json.dumps(payload) else Failed(400, "the prompt is too long")

    found, _ = captioned(answer, tmp_path, long, short)
    assert [one.details["replaced"] for one in found] == [True, False]
    assert texts(found[0]) == by_rules(long)
    assert "the prompt is too long" in found[0].details["tiers"]["regular"]["faults"][0]


def test_a_server_that_is_away_stops_the_work_and_nothing_is_written_by_rules_in_silence(tmp_path: Path) -> None:
    with serving(lambda payload: 200) as server:
        url = server.url
    with pytest.raises(TracekitError, match=url) as raised:
        list(ModelCaptioner(server=[url], model=MODEL).caption_all([terminal()], tmp_path))
    assert raised.value.remedy


def test_a_server_that_refuses_every_request_does_not_leave_it_all_to_the_rules(tmp_path: Path) -> None:
    views = [terminal(f"clip_{number:04d}", f"echo {number:03d}") for number in range(4)]
    with serving(lambda payload: Failed(400, "max_tokens is too large")) as server:
        captioner = ModelCaptioner(server=[server.url], model=MODEL)
        with pytest.raises(TracekitError, match="max_tokens is too large") as raised:
            list(captioner.caption_all(views, tmp_path))
    assert server.url in raised.value.place


def test_clips_are_asked_about_at_once_and_answered_in_their_order(tmp_path: Path) -> None:
    views = [terminal(f"clip_{number:04d}", f"echo {number:03d}") for number in range(12)]
    together = threading.Barrier(4)

    def answer(payload: dict[str, Any]) -> dict[str, str]:
        together.wait(30)
        return next(by_rules(view) for number, view in enumerate(views) if f"echo {number:03d}" in json.dumps(payload))

    found, server = captioned(answer, tmp_path, *views, concurrency=4)
    assert [texts(one) for one in found] == [by_rules(view) for view in views]
    assert server.most_at_once == 4


def test_clips_are_taken_only_as_there_is_room(tmp_path: Path) -> None:
    answered, ahead = [], []

    def answer(payload: dict[str, Any]) -> str:
        answered.append(payload)
        return "{}"

    def views() -> Iterator[ClipView]:
        for number in range(30):
            ahead.append(number - len(answered) // 2)  # each is asked for twice
            yield terminal(f"clip_{number:04d}", f"echo {number:03d}")

    with serving(answer) as server:
        captioner = ModelCaptioner(server=[server.url], model=MODEL, concurrency=3)
        assert len(list(captioner.caption_all(views(), tmp_path))) == 30
    assert max(ahead) <= 2 * 3 + 1


def test_what_was_answered_once_is_not_asked_again(tmp_path: Path) -> None:
    views = [terminal(), desktop()]
    replies = [by_rules(view) for view in views]

    def answer(payload: dict[str, Any]) -> dict[str, str]:
        return replies[1] if "Mousepad" in json.dumps(payload) else replies[0]

    first, server = captioned(answer, tmp_path, *views)
    assert len(server.requests) == 2
    again, server = captioned(answer, tmp_path, *views)
    assert server.requests == []
    assert again == first


def test_nothing_but_what_was_recorded_goes_to_the_server(tmp_path: Path) -> None:
    view = terminal("canary_key_0000")
    view.sample.update(
        provenance={
            "uri": "casts/CANARY-uri",
            "title": "CANARY-title",
            "command": "CANARY-command",
            "sha256": "CANARY",
        },
        extra={"host": "CANARY-host"},
    )
    _, server = captioned(lambda payload: by_rules(view), tmp_path, view)
    assert "ls -l" in server.bodies
    sent = server.bodies + json.dumps(server.headers)
    assert "canary" not in sent.lower()
    assert str(tmp_path) not in sent


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_KEY", KEY)
    view = terminal()
    found, server = captioned(
        lambda payload: Failed(400, f"no, {KEY}"), tmp_path, view, key_variable="SERVER_KEY", tiers=["regular"]
    )
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in server.bodies
    assert KEY not in found[0].model_dump_json()
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_prompt_tells_of_the_clip_in_no_more_than_the_tokens_it_may_take(tmp_path: Path) -> None:
    view = clip(grid_of([([f"{row} of many rows of text" for row in range(40)], Cursor(0, 40))]))
    sizes = []
    for tokens in (200, 3000):
        _, server = captioned(lambda payload: by_rules(view), tmp_path / str(tokens), view, evidence_tokens=tokens)
        told = json.loads(server.bodies.splitlines()[-1])["messages"][-1]["content"].rpartition("\n\n")[0]
        assert told == evidence_of(view, Budget(tokens)).text
        sizes.append(len(told.encode()))
    assert sizes[0] <= 600
    assert sizes[0] < sizes[1]


def test_where_the_servers_are_decides_nothing() -> None:
    here = ModelCaptioner(model=MODEL, server=["http://a/v1"], concurrency=1, timeout_s=1, key_variable="A", cache="/a")
    there = ModelCaptioner(model=MODEL, server=["http://b/v1"])
    assert here.model_dump(mode="json") == there.model_dump(mode="json")
    assert isinstance(here, BatchCaptioner)
    for other in (
        {"model": "other"},
        {"seed": 1},
        {"temperature": 1.0},
        {"bar": 0.5},
        {"one_call": False},
        {"evidence_tokens": 500},
        {"tiers": ["regular"]},
    ):
        changed = ModelCaptioner.model_validate({"model": MODEL, **other})
        assert changed.model_dump(mode="json") != there.model_dump(mode="json")


def test_a_clip_on_which_our_own_code_fails_costs_no_other_clip_its_captions(tmp_path: Path) -> None:
    good, broken = terminal(), terminal()
    object.__setattr__(broken, "grid", None)
    with serving(lambda payload: by_rules(good)) as server:
        captioner = ModelCaptioner(server=[server.url], model=MODEL)
        first, second = captioner.caption_all([broken, good], tmp_path)
    assert isinstance(first, AttributeError)
    assert isinstance(second, Captions)


ANY_TEXT = st.text(st.characters() | st.sampled_from('{}[]":, \ud800'), max_size=80)
ANY_VALUE = st.none() | st.integers() | ANY_TEXT | st.lists(ANY_TEXT, max_size=2)
ANY_JSON = st.dictionaries(st.sampled_from(TIERS) | ANY_TEXT, ANY_VALUE, max_size=4).map(json.dumps)


@given(ANY_TEXT | ANY_JSON, st.sampled_from(["stop", "length", "", "tool_calls"]))
def test_whatever_a_model_says_there_is_a_text_or_a_fault_for_every_tier(text: str, finish_reason: str) -> None:
    found = read_reply(Reply(text, finish_reason, "", 0, 0, MODEL, VERSION), TIERS)
    assert tuple(found) == TIERS
    for told in found.values():
        assert told.text or told.fault
        assert told.text.isprintable()
        told.text.encode()


def test_a_fenced_object_is_read_and_line_breaks_are_no_part_of_a_caption() -> None:
    text = '```json\n{"regular": "Runs `ls`,\\nthen\\u0007 leaves.", "semantic": "Lists files."}\n```'
    found = read_reply(Reply(text, "stop", "", 0, 0, MODEL, VERSION), ("semantic", "regular"))
    assert found == {"semantic": Told("Lists files."), "regular": Told("Runs `ls`, then leaves.")}


def test_a_captioner_can_be_used_where_a_loop_ran_before(tmp_path: Path) -> None:
    asyncio.run(asyncio.sleep(0))
    view = terminal()
    rounds: Sequence[int] = range(2)
    for number in rounds:
        [captions], _ = captioned(lambda payload: by_rules(view), tmp_path / str(number), view)
        assert texts(captions) == by_rules(view)
