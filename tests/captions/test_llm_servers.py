"""Several servers: the idle one is asked, a failing one rests and is taken back, and what they measure is read."""

import asyncio
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
from caption_server import MODEL, Failed, serving

from tracekit.captions.llm import servers as rules
from tracekit.captions.llm.client import Client
from tracekit.captions.llm.endpoint import base_url, retry_after_s
from tracekit.captions.llm.request import Reply, Request
from tracekit.captions.llm.server_metrics import Load, load_of, together
from tracekit.core.errors import TracekitError

NOWHERE = "http://127.0.0.1:9/v1"
WAIT_S = 20.0


def requests(count: int) -> Iterator[Request]:
    return (Request([{"role": "user", "content": str(number)}], MODEL) for number in range(count))


def well(payload: dict[str, Any]) -> str:
    return str(payload["messages"][0]["content"])


def test_every_server_has_its_own_bound_and_all_are_used() -> None:
    together_ = threading.Barrier(4)

    def answer(payload: dict[str, Any]) -> str:
        together_.wait(WAIT_S)
        return well(payload)

    with serving(answer) as one, serving(answer) as other:
        replies = list(Client([one.url, other.url], concurrency=2).ask_all(requests(12)))
    assert len(replies) == 12
    assert (one.most_at_once, other.most_at_once) == (2, 2)


def test_the_server_with_least_to_do_is_asked() -> None:
    held, ended = threading.Event(), threading.Event()

    def slow(payload: dict[str, Any]) -> str:
        held.set()
        assert ended.wait(WAIT_S)
        return "slow"

    with serving(slow) as one, serving(well) as other:
        client = Client([one.url, other.url], concurrency=4)

        async def one_by_one() -> list[str]:
            async with client:
                first, *rest = requests(7)
                waiting = asyncio.create_task(client.ask(first))
                await asyncio.to_thread(held.wait, WAIT_S)
                texts = [(await client.ask(request)).text for request in rest]
                ended.set()
                return [*texts, (await waiting).text]

        assert asyncio.run(one_by_one()) == ["1", "2", "3", "4", "5", "6", "slow"]
    assert (len(one.requests), len(other.requests)) == (1, 6)


@pytest.mark.parametrize("failure", [500, None, 503])
def test_a_server_that_fails_rests_and_the_others_do_its_work(failure: Any) -> None:
    with serving(lambda payload: failure) as one, serving(well) as other:
        replies = list(Client([one.url, other.url], concurrency=1, backoff_s=0).ask_all(requests(40)))
    assert [reply.text for reply in replies if isinstance(reply, Reply)] == [str(number) for number in range(40)]
    assert len(one.requests) < 10
    assert len(other.requests) == 40


def test_a_server_that_was_set_aside_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_FIRST_REST_S", 0.01)
    failures, back = iter(range(4)), threading.Event()

    def ill(payload: dict[str, Any]) -> str | int:
        if next(failures, None) is not None:
            return 500
        back.set()
        return well(payload)

    def until_back() -> Iterator[Request]:
        for request in requests(5000):
            if back.is_set():
                return
            yield request

    with serving(ill) as one, serving(well) as other:
        replies = list(Client([one.url, other.url], concurrency=1, backoff_s=0).ask_all(until_back()))
    assert back.is_set()
    assert all(isinstance(reply, Reply) for reply in replies)


def test_a_server_that_is_started_again_is_met_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_FIRST_REST_S", 0.01)
    gone = threading.Event()

    def until_gone(payload: dict[str, Any]) -> str | None:
        return None if gone.is_set() else well(payload)  # connections that are open outlive the server

    async def across_a_restart() -> list[str]:
        with serving(until_gone, version="1") as server:
            port = int(server.root.rpartition(":")[2])
            client = Client([server.url], backoff_s=0.01)
            await client.__aenter__()
            one, other = requests(2)
            before = await client.ask(one)
        gone.set()
        waiting = asyncio.create_task(client.ask(other))
        while not client.tally.failures:  # the server is gone
            await asyncio.sleep(0)
        with serving(well, port=port, version="2"):
            after = await waiting
            await client.__aexit__()
        return [before.server_version, after.server_version]

    assert asyncio.run(across_a_restart()) == ["1", "2"]


def test_a_server_that_is_not_there_at_first_is_no_hindrance() -> None:
    with serving(well) as server:
        replies = list(Client([NOWHERE, server.url]).ask_all(requests(5)))
    assert len(replies) == len(server.requests) == 5


def test_when_all_are_away_the_error_names_them_and_why() -> None:
    with pytest.raises(
        TracekitError, match=rf"no server answers: {NOWHERE}: no connection: .*; http://127.0.0.1:10/v1"
    ):
        list(Client([NOWHERE, "http://127.0.0.1:10"]).ask_all(requests(1)))
    gone = threading.Event()
    with serving(lambda payload: None if gone.is_set() else "well") as server:
        client = Client([server.url], concurrency=2, backoff_s=0, patience_s=0.02)
        replies = client.ask_all(requests(100))
        next(replies)
    gone.set()
    with pytest.raises(TracekitError, match=f"no server has answered for 0.02 s: {server.url}: no connection"):
        list(replies)


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then() -> None:
    with serving(lambda payload: Failed(429, headers={"Retry-After": "600"})) as one, serving(well) as other:
        replies = list(Client([one.url, other.url], concurrency=2, backoff_s=0).ask_all(requests(30)))
    assert len(replies) == len(other.requests) == 30
    assert len(one.requests) <= 2

    came: list[float] = []

    def once_busy(payload: dict[str, Any]) -> str | Failed:
        came.append(time.monotonic())
        return "well" if len(came) > 1 else Failed(429, headers={"Retry-After": "0.2"})

    with serving(once_busy) as server:
        list(Client([server.url], backoff_s=0).ask_all(requests(1)))
    assert came[1] - came[0] >= 0.2


def test_retry_after_is_a_number_or_a_date() -> None:
    assert [retry_after_s(header) for header in ("3", "0.5", " 2 ", "-1", "inf", "nan", "", "soon", "1e999")] == [
        *(3.0, 0.5, 2.0),
        *[0.0] * 6,
    ]
    assert 50 < retry_after_s(formatdate(time.time() + 60, usegmt=True)) <= 60
    assert retry_after_s(formatdate(time.time() - 60, usegmt=True)) == 0.0


def test_addresses_are_made_whole_or_refused() -> None:
    for given in ("http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"):
        assert base_url(given) == "http://h:1/v1"
    assert base_url("https://h/proxy/v1/") == "https://h/proxy/v1"
    for given in ("", "h:1", "ftp://h/", "http://", "http://h:x/", "http://[::1/", "http://h:99999", "http://h/?key=1"):
        with pytest.raises(TracekitError):
            base_url(given)
    with pytest.raises(TracekitError) as caught:
        base_url("https://me:hidden@h/v1")
    assert "hidden" not in str(caught.value)
    with pytest.raises(TracekitError, match="no server is named"):
        Client([])


def test_the_work_of_servers_is_read_along() -> None:
    with serving(well) as one, serving(well) as other:
        client = Client([one.url, other.url], concurrency=2)

        async def asked() -> Load:
            async with client:
                await asyncio.gather(*(client.ask(request) for request in requests(10)))
                return await client.load()

        load = asyncio.run(asked())
    assert load == Load(generation_tokens=1000.0, running=0.0, waiting=0.0)
    assert str(load) == "1,000 tokens written, 0 running, 0 waiting"


def test_metrics_are_summed_over_engines_and_missing_ones_are_none() -> None:
    page = """\
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="a \\"b\\" }"} 10.0
vllm:prompt_tokens_total{engine="1"} 5.0
# TYPE vllm:prompt_tokens_created gauge
vllm:prompt_tokens_created{engine="0"} 1.7e+09
# TYPE vllm:gpu_prefix_cache_queries_total counter
vllm:gpu_prefix_cache_queries_total 8.0
# TYPE vllm:gpu_prefix_cache_hits_total counter
vllm:gpu_prefix_cache_hits_total 2.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting 3.0
"""
    assert load_of(page) == Load(prompt_tokens=15.0, prefix_hits=2.0, prefix_queries=8.0, waiting=3.0)
    for odd in ("", "<html>", "vllm:prompt_tokens_total{", "vllm:prompt_tokens_total x", "\0"):
        assert load_of(odd) == Load()


def test_counters_are_differences_and_know_a_server_that_was_started_anew() -> None:
    before, after = (
        Load(prompt_tokens=100.0, running=2.0),
        Load(prompt_tokens=130.0, generation_tokens=7.0, running=1.0),
    )
    assert after.since(before) == Load(prompt_tokens=30.0, generation_tokens=7.0, running=1.0)
    assert Load(prompt_tokens=40.0).since(before) == Load(prompt_tokens=40.0)
    assert together([after, before]) == Load(prompt_tokens=230.0, generation_tokens=7.0, running=3.0)
