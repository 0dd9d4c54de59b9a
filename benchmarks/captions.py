"""How much captioning costs beside the model: the client's own speed, and what it leaves of a server's.

    python benchmarks/captions.py [--captions 1000] [--server URL --model M | --vllm MODEL_DIR] [--requests 64]

Without a server: captions a second and CPU per caption against a server of ours on loopback that replies after 50 ms,
for one process and for two. With one: output tokens a second through tracekit over those of a minimal loop that sends
the same payloads and does nothing else, and over those of vLLM's own benchmark, `vllm bench serve`, with the same
prompts, schema and sampling, where vLLM is here: in this environment, or in the one whose interpreter
TRACEKIT_VLLM_PYTHON names. They take turns on one server, which has seen the prompts before.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tracekit.captions.llm.client import Client
from tracekit.captions.llm.request import Reply, Request, Sampling
from tracekit.captions.llm.vllm_server import PYTHON_VARIABLE, vllm_server

CONCURRENCY = 32
REPLY_S = 0.05
VLLM_BENCH = """
import argparse
from vllm.benchmarks.serve import add_cli_args, main
parser = argparse.ArgumentParser()
add_cli_args(parser)
main(parser.parse_args())
"""
# `vllm bench serve`, whose command looks for a package of the name vllm: the one for CPUs has another.
SCREEN_CHARACTERS = 8000
"""Of a prompt: what a clip shows fills it to about there."""
TEXTS = {"semantic": "s" * 300, "regular": "r" * 300, "detailed": "d" * 450}
ASKED = "Describe what a terminal shows in three captions, as JSON."
SCHEMA = {
    "type": "object",
    "properties": {tier: {"type": "string", "minLength": 20, "maxLength": 200} for tier in TEXTS},
    "required": list(TEXTS),
    "additionalProperties": False,
}


class Measured(NamedTuple):
    """One run."""

    replies: int
    read_tokens: int
    tokens: int
    wall_s: float
    cpu_s: float


async def serve() -> None:
    """Reply to every POST after 50 ms, with little CPU, and print the port first; until standard input ends."""
    content = json.dumps(TEXTS)
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": SCREEN_CHARACTERS // 4, "completion_tokens": len(content) // 4}
    completion = json.dumps({"model": "model", "choices": [choice], "usage": usage}).encode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            await reader.readexactly(int(length))
            body = b"{}"
            if head.startswith(b"POST"):
                await asyncio.sleep(REPLY_S)
                body = completion
            fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            writer.write(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + body)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def local_server() -> Iterator[str]:
    command = [sys.executable, __file__, "--part", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        process.communicate()


def prompts(count: int, model: str, characters: int, sampling: Sampling) -> list[Request]:
    """Requests of which no two are the same, as those of clips."""
    words = "user@host:~$ ls -la  total 48  drwxr-xr-x 2 user user 4096 notes.txt  "
    requests = []
    for number in range(count):
        screen = f"clip {number}\n" + words * (characters // len(words))
        messages = [{"role": "user", "content": f"{ASKED}\n{screen}"}]
        requests.append(Request(messages, model, sampling, SCHEMA))
    return requests


def through_tracekit(url: str, requests: Sequence[Request], concurrency: int) -> Measured:
    """The client as it captions: with its cache, a new one."""
    with tempfile.TemporaryDirectory() as folder:
        client = Client([url], concurrency=concurrency, cache=Path(folder, "replies.sqlite"))
        began_s, cpu_s = time.perf_counter(), time.process_time()
        replies = [reply for reply in client.ask_all(requests) if isinstance(reply, Reply)]
        took = time.perf_counter() - began_s, time.process_time() - cpu_s
    read_tokens = sum(reply.prompt_tokens for reply in replies)
    tokens = sum(reply.completion_tokens for reply in replies)
    return Measured(len(replies), read_tokens, tokens, *took)


def bare(url: str, requests: Sequence[Request], concurrency: int) -> Measured:
    """The same payloads by aiohttp and nothing else: no SDK, no retries, no cache, no order."""
    import aiohttp

    left = iter([json.dumps(request.payload).encode() for request in requests])
    usages: list[dict[str, int]] = []

    async def send(session: aiohttp.ClientSession) -> None:
        for body in left:
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
                usages.append((await response.json())["usage"])

    async def run() -> None:
        timeout, connector = aiohttp.ClientTimeout(None), aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            await asyncio.gather(*(send(session) for _ in range(concurrency)))

    began_s, cpu_s = time.perf_counter(), time.process_time()
    asyncio.run(run())
    took = time.perf_counter() - began_s, time.process_time() - cpu_s
    read_tokens, tokens = (sum(usage[f"{kind}_tokens"] for usage in usages) for kind in ("prompt", "completion"))
    return Measured(len(usages), read_tokens, tokens, *took)


def worker(url: str, captions: int) -> None:
    """Warm up, say so, wait for the word to go, and print what was measured."""
    requests = prompts(captions + CONCURRENCY, "model", SCREEN_CHARACTERS, Sampling())
    through_tracekit(url, requests[captions:], CONCURRENCY)
    print("warm", flush=True)
    sys.stdin.readline()
    print(json.dumps(through_tracekit(url, requests[:captions], CONCURRENCY)), flush=True)


def local(captions: int) -> None:
    for processes in (1, 2):
        with local_server() as url:
            command = [sys.executable, __file__, "--part", "worker", "--server", url, "--captions", str(captions)]
            workers = [
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for _ in range(processes)
            ]
            for one in workers:
                assert one.stdout
                one.stdout.readline()
            measured = []
            for one in workers:
                assert one.stdin
                one.stdin.write("go\n")
                one.stdin.flush()
            for one in workers:
                measured.append(Measured(*json.loads(one.communicate()[0])))
        rate = sum(one.replies / one.wall_s for one in measured)
        cpu_ms = sum(one.cpu_s for one in measured) / sum(one.replies for one in measured) * 1e3
        print(f"processes: {processes}  captions/s: {rate:,.0f}  CPU of the client: {cpu_ms:.2f} ms a caption")
    print(f"(each {CONCURRENCY} at once, replies after {REPLY_S * 1e3:.0f} ms: at most {CONCURRENCY / REPLY_S:.0f}/s)")


def vllm_bench(url: str, requests: Sequence[Request], concurrency: int, tokenizer: str) -> Measured:
    """The same payloads by vLLM's own benchmark."""
    asked = dict(requests[0].payload)
    model, most, _ = asked.pop("model"), asked.pop("max_tokens"), asked.pop("messages")
    turns = [[request.messages[0]["content"], "unused by the benchmark"] for request in requests]
    talks = [{"conversations": [{"value": text} for text in turn]} for turn in turns]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "prompts.json").write_text(json.dumps(talks), "utf-8")
        arguments = {
            "backend": "openai-chat",
            "base-url": url.removesuffix("/v1"),
            "endpoint": "/v1/chat/completions",
            "model": tokenizer,
            "served-model-name": model,
            "dataset-name": "sharegpt",
            "dataset-path": f"{folder}/prompts.json",
            "sharegpt-output-len": most,
            "extra-body": json.dumps(asked),
            "num-prompts": len(requests),
            "max-concurrency": concurrency,
            "result-dir": folder,
            "result-filename": "result.json",
        }
        options = [text for name, value in arguments.items() for text in (f"--{name}", str(value))]
        command = [os.environ.get(PYTHON_VARIABLE, sys.executable), "-c", VLLM_BENCH, "--save-result", *options]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"vLLM's benchmark failed: {done.stderr.strip().rpartition(chr(10))[2]}")
        found = json.loads(Path(folder, "result.json").read_text("utf-8"))
    return Measured(
        found["completed"], found["total_input_tokens"], found["total_output_tokens"], found["duration"], 0.0
    )


def has_vllm() -> bool:
    command = [os.environ.get(PYTHON_VARIABLE, sys.executable), "-c", "import vllm.benchmarks.serve"]
    return subprocess.run(command, capture_output=True).returncode == 0


def against_ceiling(url: str, model: str, asked: argparse.Namespace) -> None:
    sampling = Sampling(max_tokens=asked.max_tokens, repetition_penalty=1.1)
    requests = prompts(asked.requests, model, asked.prompt_characters, sampling)
    ways: dict[str, Callable[[str, Sequence[Request], int], Measured]] = {"bare": bare, "tracekit": through_tracekit}
    if has_vllm():
        ways["vllm bench"] = partial(vllm_bench, tokenizer=asked.tokenizer or asked.vllm or model)
    for way in ways.values():  # all find the server warm, and what they import loaded
        way(url, requests, asked.concurrency)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    cpu_ms = []
    for number in range(asked.rounds):
        for name in list(ways) if number % 2 == 0 else reversed(ways):
            run = ways[name](url, requests, asked.concurrency)
            rates[name].append(run.tokens / run.wall_s)
            if name == "tracekit":
                cpu_ms.append(run.cpu_s / max(run.replies, 1) * 1e3)
            told = f"{run.replies} replies, {run.read_tokens:,} tokens read, {run.tokens:,} written"
            print(f"{name:10} {told}, {rates[name][-1]:8.1f} tokens/s", flush=True)
    through = statistics.median(rates.pop("tracekit"))
    for name, others in rates.items():
        print(f"tracekit over {name}: {through / statistics.median(others):.3f} (medians of {asked.rounds})")
    print(f"CPU of the client: {statistics.median(cpu_ms):.2f} ms a caption")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=int, default=1000, help="of each process, against the local server")
    parser.add_argument("--server", help="address of a server of chat completions, e.g. http://127.0.0.1:8000/v1")
    parser.add_argument("--model", help="the name it knows its model by")
    parser.add_argument("--vllm", metavar="MODEL_DIR", help="start a vLLM server for this model")
    parser.add_argument("--tokenizer", help="what `vllm bench serve` counts tokens with; default: the model")
    parser.add_argument("--requests", type=int, default=64, help="of each run against that server")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY)
    parser.add_argument("--prompt-characters", type=int, default=2000)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--part", choices=["serve", "worker"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part == "serve":
        asyncio.run(serve())
    elif asked.part == "worker":
        worker(asked.server, asked.captions)
    elif asked.vllm:
        with vllm_server(Path(asked.vllm)) as server:
            against_ceiling(server.url, server.model, asked)
    elif asked.server:
        if not asked.model:
            parser.error("--server wants --model")
        against_ceiling(asked.server, asked.model, asked)
    else:
        local(asked.captions)


if __name__ == "__main__":
    main()
