"""The client of caption servers: bounded, in order, again after failures, none twice, and nothing left behind."""

import asyncio
import itertools
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from caption_server import MODEL, VERSION, Answer, Failed, Raw, Said, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracekit.captions.llm.client import Client
from tracekit.captions.llm.request import Reply, Request, Sampling
from tracekit.core.errors import Rejected, TracekitError

NOWHERE = "http://127.0.0.1:9/v1"
WAIT_S = 20.0
"""For what another thread does; reached only where a test fails."""
SECRET = "sk-planted-key-0123456789"


def request(text: Any, **settings: Any) -> Request:
    return Request([{"role": "user", "content": str(text)}], **{"model": MODEL, **settings})


def said(payload: dict[str, Any]) -> str:
    return str(payload["messages"][0]["content"])


def ask(client: Client, one: Request) -> Reply:
    async def asked() -> Reply:
        async with client:
            return await client.ask(one)

    return asyncio.run(asked())


def first(*answers: Any) -> Answer:
    """A server that gives these answers, and after them replies ``well``."""
    left = list(answers)
    return lambda payload: left.pop(0) if left else "well"


def texts(replies: Iterator[Reply | Rejected]) -> list[str]:
    return [reply.text if isinstance(reply, Reply) else reply.reason for reply in replies]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    ours = [one for one in set(threading.enumerate()) - before if "tracekit" in one.name or "asyncio" in one.name]
    assert ours == []


def test_the_payload_is_sent_as_it_stands() -> None:
    sampling = Sampling(temperature=0.25, seed=7, repetition_penalty=1.1)
    one = request("é ☃", schema={"type": "object"}, sampling=sampling)
    with serving(said) as server:
        reply = ask(Client([server.url]), one)
    assert server.requests == [one.payload]
    assert one.payload["repetition_penalty"] == 1.1
    assert one.payload["response_format"]["json_schema"] == {
        "name": "captions",
        "strict": True,
        "schema": {"type": "object"},
    }
    assert (reply.text, reply.finish_reason, reply.model) == ("é ☃", "stop", MODEL)
    assert (reply.server_version, reply.cached) == (VERSION, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_the_hash_does_not_know_the_order_of_keys_and_knows_everything_else(text: str, schema: dict[str, Any]) -> None:
    one = request(text, schema=schema)
    turned = Request([{"content": text, "role": "user"}], MODEL, schema=reordered(schema))
    assert turned.sha256 == one.sha256
    changed = [
        request(text + " ", schema=schema),
        request(text, schema=schema, model="another"),
        request(text, schema={"other": schema}),
        request(text),
        request(text, schema=schema, schema_name="another"),
        *(request(text, schema=schema, sampling=Sampling(**{name: 1})) for name in ("seed", "temperature", "top_k")),
        Request([*one.messages, *one.messages], MODEL, schema=schema),
    ]
    hashes = [one.sha256, *(other.sha256 for other in changed)]
    assert len(set(hashes)) == len(hashes)


def test_as_many_requests_are_in_work_as_allowed_and_never_more() -> None:
    together = threading.Barrier(3)

    def answer(payload: dict[str, Any]) -> str:
        together.wait(WAIT_S)  # passes only if three are here at once
        return said(payload)

    with serving(answer) as server:
        replies = texts(Client([server.url], concurrency=3).ask_all(request(number) for number in range(12)))
    assert (replies, server.most_at_once) == ([str(number) for number in range(12)], 3)


def test_replies_keep_the_order_of_requests() -> None:
    second = threading.Event()

    def answer(payload: dict[str, Any]) -> str:
        if said(payload) == "0":
            assert second.wait(WAIT_S)
        if said(payload) == "1":
            second.set()
        return said(payload)

    with serving(answer) as server:
        replies = texts(Client([server.url], concurrency=2).ask_all(request(number) for number in range(6)))
    assert replies == list("012345")


def test_the_source_is_read_little_ahead_of_the_replies_and_in_the_callers_thread() -> None:
    taken = 0

    def endless() -> Iterator[Request]:
        nonlocal taken
        for taken in itertools.count(1):
            assert threading.current_thread() is threading.main_thread()
            yield request(taken)

    with serving(said) as server:
        replies = Client([server.url], concurrency=4).ask_all(endless())
        for given, _ in enumerate(itertools.islice(replies, 30), start=1):
            assert taken - given < 8
        replies.close()
        assert len(server.requests) <= taken < 38


def test_work_of_ones_own_may_ask_more_than_once_for_an_item() -> None:
    with serving(said) as server:
        client = Client([server.url], concurrency=3)

        async def twice(number: int) -> str:
            before = await client.ask(request(number))
            return (await client.ask(request(f"{before.text} again"))).text

        assert list(client.each(range(5), twice)) == [f"{number} again" for number in range(5)]


@pytest.mark.parametrize(
    "failure",
    [
        *(408, 429, 500, 502, 503, 529),
        None,
        b"{",
        b'{"choices": []}',
        b"[" * 100_000,
        b"x" * (1 << 21),
        Raw(b'{"choices": [', cut=True),
        Raw(b"", cut=True),
    ],
    ids=lambda failure: repr(failure)[:30],
)
def test_what_may_be_well_next_time_is_asked_again(failure: Any) -> None:
    with serving(first(failure, failure)) as server:
        client = Client([server.url], backoff_s=0)
        reply = ask(client, request("a"))
    assert (reply.text, len(server.requests), client.tally.failures) == ("well", 3, 2)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_refused_is_not_sent_again_and_the_others_go_on(status: int) -> None:
    with serving(lambda payload: status if said(payload) == "1" else said(payload)) as server:
        replies = list(Client([server.url]).ask_all(request(number) for number in range(3)))
    assert texts(iter(replies)) == ["0", "request-refused", "2"]
    assert len(server.requests) == 3
    assert f"HTTP {status}: " in str(replies[1])
    assert server.url in str(replies[1])


@pytest.mark.parametrize(("status", "remedy"), [(401, "environment variable"), (403, "environment"), (404, MODEL)])
def test_a_server_that_takes_nothing_of_the_job_ends_it_with_the_remedy(status: int, remedy: str) -> None:
    with serving(first(*[status] * 9)) as server, pytest.raises(TracekitError, match=f"HTTP {status}") as caught:
        ask(Client([server.url]), request("a"))
    assert not isinstance(caught.value, Rejected)
    assert len(server.requests) == 1
    assert (caught.value.place, remedy in caught.value.remedy) == (server.url, True)


def test_a_job_whose_requests_are_all_refused_ends() -> None:
    with (
        serving(lambda payload: Failed(400, "max_tokens is too large")) as server,
        pytest.raises(TracekitError, match=r"take no request: HTTP 400: .*max_tokens is too large"),
    ):
        list(Client([server.url]).ask_all(request(number) for number in itertools.count()))


def test_a_request_that_servers_fail_on_is_given_up_and_the_others_go_on() -> None:
    with serving(lambda payload: None if said(payload) == "1" else said(payload)) as server:
        client = Client([server.url], concurrency=1, tries=2, backoff_s=0)
        replies = list(client.ask_all(request(number) for number in range(4)))
    assert texts(iter(replies)) == ["0", "no-reply", "2", "3"]
    assert [said(payload) for payload in server.requests].count("1") == 2
    assert (client.tally.replies, client.tally.rejected, client.tally.failures) == (3, 1, 2)


def test_no_reply_in_time_is_a_failure() -> None:
    ended = threading.Event()
    with serving(lambda payload: str(ended.wait(WAIT_S))) as server:
        with pytest.raises(Rejected, match="no reply in time"):
            ask(Client([server.url], timeout_s=0.05, tries=1), request("a"))
        ended.set()


def test_servers_that_stay_busy_end_the_job() -> None:
    with serving(first(*[429] * 999)) as server, pytest.raises(TracekitError, match="too much to do") as caught:
        ask(Client([server.url], backoff_s=0.001, patience_s=0.05), request("a"))
    assert not isinstance(caught.value, Rejected)


def test_what_no_json_can_hold_is_refused_before_it_is_sent() -> None:
    with serving(said) as server:
        odd = [request("\ud800"), request("a", sampling=Sampling(temperature=float("nan")))]
        assert texts(Client([server.url]).ask_all(odd)) == ["request-refused"] * 2
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (Said("cut of", "length"), ("cut of", "length", "")),
        (Said(None, refusal="I can't."), ("", "stop", "I can't.")),
        (Said(None, "content_filter"), ("", "content_filter", "")),
        (b'{"choices": [{"message": {"content": "\\ud800 \\u0000"}}]}', ("? \0", "", "")),
    ],
)
def test_odd_replies_are_handed_on_as_they_are(answer: Any, seen: tuple[str, str, str]) -> None:
    with serving(lambda payload: answer) as server:
        reply = ask(Client([server.url]), request("a"))
    assert (reply.text, reply.finish_reason, reply.refusal) == seen


def test_a_reply_is_asked_for_once_and_errors_are_not_kept(tmp_path: Path) -> None:
    with serving(first(400)) as server:
        client = Client([server.url], cache=tmp_path / "new" / "replies.sqlite")
        assert texts(client.ask_all([request("a")])) == ["request-refused"]
        replies = [next(client.ask_all([request("a")])) for _ in range(2)]
    assert [isinstance(reply, Reply) and reply.cached for reply in replies] == [False, True]
    assert len(server.requests) == 2
    assert client.tally.line().endswith("1 from the cache, 1 without reply")


def test_what_is_in_the_cache_needs_no_server(tmp_path: Path) -> None:
    with serving(said) as server:
        asked = texts(Client([server.url], cache=tmp_path / "c").ask_all(request(number) for number in range(5)))
    client = Client([NOWHERE], cache=tmp_path / "c")
    assert texts(client.ask_all(request(number) for number in range(5))) == asked
    with pytest.raises(TracekitError, match="no server answers"):
        list(client.ask_all([request("new")]))


def test_the_same_request_at_the_same_time_is_sent_once() -> None:
    asked = threading.Event()

    def source() -> Iterator[Request]:
        yield from [request("a")] * 7
        asked.set()

    with serving(lambda payload: str(asked.wait(WAIT_S))) as server:
        replies = list(Client([server.url], concurrency=8).ask_all(source()))
    assert len(server.requests) == 1
    assert [isinstance(reply, Reply) and reply.cached for reply in replies] == [False, *[True] * 6]


def test_killed_after_a_reply_was_handed_on_it_is_not_asked_for_again(tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from tracekit.captions.llm.client import Client
from tracekit.captions.llm.request import Request
requests = (Request([{{"role": "user", "content": str(number)}}], {MODEL!r}) for number in range(9))
for number, _ in enumerate(Client([sys.argv[1]], concurrency=2, cache=Path(sys.argv[2])).ask_all(requests)):
    if number == 4:
        os.kill(os.getpid(), {signal.SIGKILL})
"""
    with serving(said) as server:
        command = [sys.executable, "-c", script, server.url, str(tmp_path / "c")]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        client = Client([server.url], cache=tmp_path / "c")
        assert texts(client.ask_all(request(number) for number in range(9))) == [str(number) for number in range(9)]
    times = [[said(payload) for payload in server.requests].count(str(number)) for number in range(9)]
    assert times[:5] == [1] * 5
    assert min(times) == 1
    assert client.tally.cached >= 5


def test_closing_the_iterator_stops_what_runs_and_waits_for_no_reply() -> None:
    ended = threading.Event()
    with serving(lambda payload: "" if said(payload) == "0" else str(ended.wait(WAIT_S))) as server:
        replies = Client([server.url], concurrency=3).ask_all(request(number) for number in itertools.count())
        next(replies)
        replies.close()
        assert not ended.is_set()
        ended.set()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupt_in_the_source_stops_what_runs(error: type[BaseException]) -> None:
    def source() -> Iterator[Request]:
        yield request(0)
        raise error

    with serving(said) as server, pytest.raises(error):
        list(Client([server.url]).ask_all(source()))


INTERRUPTED = """
import os, signal, sys, threading
sys.path[:0] = sys.argv[1:]
from caption_server import serving
from tracekit.captions.llm.client import Client
from tracekit.captions.llm.request import Request
signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background, it is inherited ignored
ended = threading.Event()
def answer(payload):
    os.kill(os.getpid(), signal.SIGINT)
    return str(ended.wait(60))
with serving(answer) as server:
    try:
        list(Client([server.url]).ask_all([Request([{"role": "user", "content": "x"}], "m")]))
    except KeyboardInterrupt:
        print("interrupted")
    ended.set()
"""


def test_an_interrupt_while_replies_are_awaited_stops_what_runs() -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(Path(__file__).parent), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr


def test_who_is_cancelled_leaves_the_request_to_those_who_share_it() -> None:
    asked, ended = threading.Event(), threading.Event()

    def answer(payload: dict[str, Any]) -> str:
        asked.set()
        assert ended.wait(WAIT_S)
        return "well"

    async def share(client: Client) -> str:
        async with client:
            one, other = (asyncio.create_task(client.ask(request("a"))) for _ in range(2))
            await asyncio.to_thread(asked.wait, WAIT_S)
            one.cancel()
            ended.set()
            return (await other).text

    with serving(answer) as server:
        assert asyncio.run(share(Client([server.url]))) == "well"
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [said, Failed(401, f"bad key Bearer {SECRET}"), Failed(400, SECRET), None])
def test_the_key_is_sent_and_stands_in_no_error_and_no_log(
    answer: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("KEY_OF_THE_TEST", SECRET)
    shown = ""
    with serving(answer if callable(answer) else lambda payload: answer) as server:
        try:
            shown = repr(ask(Client([server.url], key_variable="KEY_OF_THE_TEST", tries=1), request("a")))
        except TracekitError as error:
            shown = f"{error} {error!r} {error.__cause__!r}"
    assert server.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert shown
    assert SECRET not in shown + caplog.text


def test_a_key_that_is_not_set_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY_OF_THE_TEST", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with serving(said) as server:
        ask(Client([server.url], key_variable="KEY_OF_THE_TEST"), request("a"))
    assert SECRET not in str(server.headers)


def test_progress_tells_rate_tokens_and_time_left() -> None:
    with serving(lambda payload: "x" * 40) as server:
        client = Client([server.url])
        list(client.ask_all(request(number) for number in range(4)))
    client.tally.began_s = time.monotonic() - 20
    assert client.tally.line(8) == "4 of 8, 0.2/s, 2 tokens/s, 0:00:20 left"
    assert client.tally.line() == "4 done, 0.2/s, 2 tokens/s"
