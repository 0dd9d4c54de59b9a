"""Real vLLM, from its start to captions in shards: nothing is lost or asked twice, whoever is killed on the way.

The model is one of 135 million parameters. It writes nonsense, and the gate has to say so.
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import vllm_env

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.captions.llm.cache import Cache
from tracekit.captions.llm.captioner import TRIES
from tracekit.captions.llm.details import ModelDetails
from tracekit.captions.llm.vllm_server import PYTHON_VARIABLE, VllmServer, vllm_server
from tracekit.captions.rules import RuleCaptioner
from tracekit.casts.read import read_cast
from tracekit.casts.write import write_cast
from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.sandbox import owner
from tracekit.shards.read import iter_samples
from tracekit.shards.verify import verify

CASTS = Path(__file__).parents[2] / "recipes" / "demo_casts"
RECIPE = CASTS.parent / "demo.yaml"
NAMES = ("git", "compiler", "test_run", "correction")
CLIPS = 8
TIERS = ("semantic", "regular", "detailed")
CONCURRENCY = 4
SETTINGS = {"concurrency": CONCURRENCY, "max_tokens": 128, "repetition_penalty": 1.15, "patience_s": 2}
"""Some replies are whole and some are cut: a small model would fill all the room that it is given."""


@pytest.fixture(scope="module")
def vllm() -> vllm_env.Vllm:
    return vllm_env.needed()


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """Clips from the first ten seconds of some recordings that ship with tracekit, captioned by rules, in one part."""
    (tmp_path / "casts").mkdir()
    for name in NAMES:
        header, events, _ = read_cast(CASTS / f"{name}.cast")
        write_cast(tmp_path / "casts" / f"{name}.cast", header, [e for e in events if e.time_ns < 9.9 * NS_PER_S])
    recipe = load_recipe(RECIPE, [f"source.paths={tmp_path / 'casts'}", "split.validation_fraction=0"])
    assert build(recipe, str(tmp_path / "out"), Workers(0)).clips_kept == CLIPS
    return tmp_path / "out"


@contextmanager
def captioning(out: Path, vllm: vllm_env.Vllm, *options: object) -> Iterator["subprocess.Popen[str]"]:
    """`tracekit caption` at work, all that it says in its output."""
    settings = [part for name, value in SETTINGS.items() for part in ("--set", f"captions.{name}={value}")]
    command = [sys.executable, "-m", "tracekit", "caption", out, *options, *settings, "--workers", "0", "--json"]
    with subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {PYTHON_VARIABLE: str(vllm.python), "TMPDIR": str(out.parent)},  # logs of servers that failed
    ) as job:
        try:
            yield job
        finally:
            job.kill()


def until_replies(count: int, out: Path, job: "subprocess.Popen[str]") -> None:
    """Wait until so many replies are kept; the job must not end before."""
    while replies(out) < count:
        with suppress(subprocess.TimeoutExpired):
            job.wait(0.2)
            pytest.fail(job.stdout.read() if job.stdout else "")


def replies(out: Path) -> int:
    with Cache(out / ".cache" / "captions.sqlite") as cache:
        return cache.size().replies


def written(server: VllmServer) -> int:
    """How many replies the server has written to their end."""
    with urllib.request.urlopen(server.url.removesuffix("/v1") + "/metrics") as page:
        found = re.findall(r"^vllm:request_success_total\{(.*)\} (\S+)$", page.read().decode(), re.MULTILINE)
    return sum(int(float(count)) for labels, count in found if '"stop"' in labels or '"length"' in labels)


def below(pid: int) -> dict[str, str]:
    """The processes that a process has started, and those that they have: name and command."""
    parents, commands = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return {owner.name_of(child): commands.get(child, "") for child in found[1:]}


def kill(names: dict[str, str], what: str) -> None:
    """Kill -9 the one process with something in its command."""
    (name,) = [name for name, command in names.items() if what in command and "vllm_keeper" not in command]
    os.kill(int(name.split("-")[1]), signal.SIGKILL)


def samples(out: Path) -> list[dict[str, Any]]:
    with (out / "shards" / "train-000000.tar").open("rb") as file:
        return [json.loads(stored.files["json"]) | {"key": stored.key} for stored in iter_samples(file, "train")]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("vllm")
def test_captions_by_real_vllm_survive_the_kill_of_its_server_and_of_the_captioner(
    vllm: vllm_env.Vllm, data_set: Path
) -> None:
    drawn = {path.name: path.read_bytes() for path in data_set.glob("parts/*/clips.tar")}
    by_rules = {sample["key"]: sample["captions"] for sample in samples(data_set)}
    start_s = time.monotonic()

    def took(what: str) -> None:
        print(f"{time.monotonic() - start_s:6.1f} s: {what}")

    # A server of the captioner's own, which is killed: a clear error, and nothing of it is left.
    with captioning(data_set, vllm, "--vllm", vllm.model) as job:
        until_replies(2, data_set, job)
        took(f"vLLM has started and written {replies(data_set)} replies")
        processes = below(job.pid)
        kill(processes, "vllm.entrypoints")
        assert job.stdout
        said = job.stdout.read()
        assert (job.wait(), "vLLM ended while it was in use" in said, "Traceback (most" in said) == (1, True, False)
    assert [command for name, command in processes.items() if not owner.is_gone(name)] == []
    took("its server was killed, and it has said so")
    before = replies(data_set)
    assert before >= 2

    with vllm_server(vllm.model, python=vllm.python, max_model_len=8192) as server:
        took("another server has started")
        where = ("--server", server.url, "--model", server.model)
        # The captioner is killed, and started again.
        with captioning(data_set, vllm, *where) as job:
            until_replies(before + 3, data_set, job)
        took("the captioner was killed")
        with captioning(data_set, vllm, *where) as job:
            assert job.stdout
            said = job.stdout.read()
            assert job.wait() == 0, said
        took(f"it has ended: {replies(data_set)} replies")
        asked = replies(data_set) - before
        assert asked <= written(server) <= asked + CONCURRENCY, "what the kill cut off may be asked again, nothing else"
        done = written(server)
        with captioning(data_set, vllm, *where) as job:
            assert job.wait() == 0
        assert written(server) == done

    captioned = samples(data_set)
    assert verify(str(data_set)).problems == []
    assert {path.name: path.read_bytes() for path in data_set.glob("parts/*/clips.tar")} == drawn
    assert {sample["key"] for sample in captioned} == set(by_rules)
    assert CLIPS <= replies(data_set) <= CLIPS * TRIES
    for sample in captioned:
        captions = sample["captions"]
        details = ModelDetails.model_validate(captions["details"])
        assert (details.model, details.server) == (vllm.model.name, server.version)
        assert set(details.tiers) == set(TIERS)
        for tier, told in details.tiers.items():
            assert captions[tier]
            assert told.replaced == (captions[tier] == by_rules[sample["key"]][tier])
            assert bool(told.faults) == (told.replaced or told.tries == TRIES)
    replaced = [
        told.replaced for one in captioned for told in ModelDetails(**one["captions"]["details"]).tiers.values()
    ]
    print(f"{sum(replaced)} of {len(replaced)} captions were turned down twice, and written by {RuleCaptioner.version}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.0f} s of processor time")
    assert sum(replaced) > 0.8 * len(replaced)


def test_a_folder_without_a_model_is_told(vllm: vllm_env.Vllm, tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match=r"config\.json is missing"), vllm_server(tmp_path, python=vllm.python):
        pass


@pytest.mark.slow
@pytest.mark.xdist_group("vllm")
def test_why_vllm_does_not_start_is_told_from_its_log(vllm: vllm_env.Vllm, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    log = tmp_path / "log"
    with (
        pytest.raises(TracekitError, match=r"(?s)vLLM did not start.*Error"),
        vllm_server(tmp_path, python=vllm.python, log=log),
    ):
        pass
    assert log.stat().st_size


def test_an_interpreter_without_vllm_is_told() -> None:
    with pytest.raises(TracekitError, match="vLLM is not installed here"), vllm_server("model", python=sys.executable):
        pass
