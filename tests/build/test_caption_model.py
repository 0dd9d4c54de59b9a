"""Builds captioned by a model: through shards and index, and again after kills and all else that can go wrong."""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from captions.caption_server import MODEL, Failed, Server, serving
from toy_build import RECIPE, contents
from traces import write_trace

from tracekit.actions.events import InputEvent
from tracekit.build.caption import KEPT
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.captions.llm.details import ModelDetails
from tracekit.cli.main import main
from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.shards.verify import verify

HERE = Workers(0)
DEMO = Path(__file__).parents[2] / "recipes"
KEY = "sk-" + "canary" * 4

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tracekit.build.run"])


def asked_for(payload: dict[str, Any]) -> list[str]:
    return list(payload["response_format"]["json_schema"]["schema"]["properties"])


def any_text(payload: dict[str, Any]) -> dict[str, str]:
    """Captions that tell one request from another, for a bar that all pass."""
    mark = hashlib.sha256(json.dumps(payload["messages"]).encode()).hexdigest()[:12]
    return {tier: f"The {tier} caption of a screen that a test made up, number {mark}." for tier in asked_for(payload)}


def by_model(server: Server, **options: Any) -> list[str]:
    """Settings; with a bar of 0 whatever a model says stands."""
    options = {"by": "model", "server": [server.url], "model": MODEL, "bar": 0, **options}
    return [f"captions.{name}={json.dumps(value)}" for name, value in options.items()]


def without_cache(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in contents(folder).items() if not name.startswith(f"{KEPT}/")}


def rows(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out / "index.parquet").to_pylist()
    return found


def captions(out: Path) -> list[dict[str, Any]]:
    """The captions of every clip, from the files of the parts."""
    files = sorted((out / "parts").glob("*/captions.jsonl"))
    return [json.loads(line)["captions"] for file in files for line in file.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a recipe, its inputs, and of the build: nine toy clips in two parts, by the toy captioner."""
    folder = tmp_path_factory.mktemp("toys")
    (folder / "inputs").mkdir()
    for name in ("apple", "pear", "plum"):
        (folder / "inputs" / f"{name}.toy").write_text("".join(f"clip {name} {number}\n" for number in range(3)))
    (folder / "toy.yaml").write_text(RECIPE)
    build(load_recipe(folder / "toy.yaml"), str(folder / "out"), HERE)
    return folder


@pytest.fixture
def built(toys: Path, tmp_path: Path) -> Path:
    shutil.copytree(toys / "out", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real recordings, captioned by rules."""
    out = tmp_path_factory.mktemp("demo") / "out"
    paths = [str(DEMO / "demo_casts" / f"{name}.cast") for name in ("correction", "python_repl")]
    build(load_recipe(DEMO / "demo.yaml", [f"source.paths={json.dumps(paths)}"]), str(out), HERE)
    return out


def test_a_set_of_recordings_is_captioned_by_a_model_without_drawing_again(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo, out)
    drawn = {path: path.stat().st_mtime_ns for path in out.glob("parts/*/clips.*")}
    with serving(any_text) as server:
        rebuild(str(out), by_model(server), HERE)
    assert {path: path.stat().st_mtime_ns for path in out.glob("parts/*/clips.*")} == drawn
    assert len(server.requests) == len(captions(out)) == len(rows(demo)) > 0
    report = verify(str(out))
    assert report.ok, report.problems
    kept = [row for row in rows(out) if row["status"] == "kept"]
    assert kept
    assert all(
        row["caption"].startswith("The detailed caption") and row["captioner"].startswith("model/") for row in kept
    )
    assert all(str(demo) not in request and DEMO.name not in request for request in map(json.dumps, server.requests))


def test_what_a_model_makes_up_is_written_by_the_rules_instead(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo, out)
    made_up = "The user starts `no-such-program --at-all` and it prints `nothing of the kind` in large letters."
    with serving(lambda payload: dict.fromkeys(asked_for(payload), made_up)) as server:
        rebuild(str(out), by_model(server, bar=0.8), HERE)
    before = {row["key"]: row["caption_detailed"] for row in rows(demo)}
    assert {row["key"]: row["caption_detailed"] for row in rows(out)} == before
    for one in captions(out):
        details = ModelDetails.model_validate(one["details"])
        assert details.replaced
        assert all(told.replaced and told.tries == 2 and told.faults for told in details.tiers.values())


def test_desktops_are_captioned_by_a_model(tmp_path: Path) -> None:
    press = InputEvent(NS_PER_S, "key-down", 5, 5, keycode=38, keysym="a", text="a", held=("a",))
    release = InputEvent(NS_PER_S + 1, "key-up", 5, 5, keycode=38, keysym="a")
    write_trace(tmp_path / "traces" / "one", 75, events=[press, release], policy="tasks", instruction="Write an a.")
    (tmp_path / "desks.yaml").write_text("name: desks\nsource: {kind: desktop, paths: [traces]}\n")
    with serving(any_text) as server:
        build(load_recipe(tmp_path / "desks.yaml", by_model(server)), str(tmp_path / "out"), HERE)
    assert verify(str(tmp_path / "out")).ok
    [row] = rows(tmp_path / "out")
    assert row["caption"].startswith("The detailed caption")
    assert row["instruction"] == "Write an a.", "what the source knows stays"
    assert "Write an a." in server.bodies


def rebuild_in_child(out: str, settings: list[str]) -> None:
    rebuild(out, settings, HERE)


def test_killed_in_the_middle_nothing_is_lost_and_nothing_that_was_answered_is_asked_again(
    built: Path, tmp_path: Path
) -> None:
    whole, stuck, go_on = tmp_path / "whole", threading.Event(), threading.Event()
    shutil.copytree(built, whole)
    answered: Counter[str] = Counter()

    def answer(payload: dict[str, Any]) -> dict[str, str]:
        if sum(answered.values()) == 4:  # the fourth reply of a job that has one request in work at a time
            stuck.set()
            go_on.wait(60)
        answered[json.dumps(payload)] += 1
        return any_text(payload)

    with serving(answer) as server:
        settings = by_model(server, concurrency=1)
        child = FORKS.Process(target=rebuild_in_child, args=(str(built), settings))
        child.start()
        assert stuck.wait(60)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        given = dict(answered)
        go_on.set()
        rebuild(str(built), settings, HERE)
        assert len(given) == 4
        assert all(answered[payload] == 1 for payload in given)
        assert len(server.requests) == len(captions(built)) + 1 == 10, "the one without a reply is asked twice"
        rebuild(str(whole), by_model(server, cache=str(built / KEPT / "captions.sqlite")), HERE)
        assert len(server.requests) == 10
    assert without_cache(built) == without_cache(whole)


def test_a_server_that_goes_away_stops_the_build_and_what_is_committed_stays(built: Path) -> None:
    def answer(payload: dict[str, Any]) -> Any:
        return Failed(401, "who are you?") if len(server.requests) > 7 else any_text(payload)

    with serving(answer) as server, pytest.raises(TracekitError, match=server.url):
        rebuild(str(built), by_model(server, concurrency=1), HERE)
    by = [one["captioner"].split("/")[0] for one in captions(built)]
    assert Counter(by) == {"model": 6, "toy": 3}
    with serving(any_text) as server:
        rebuild(str(built), by_model(server), HERE)
    assert len(server.requests) == 2, "of the second part one was answered"
    assert {one["captioner"].split("/")[0] for one in captions(built)} == {"model"}


def test_where_the_servers_are_is_no_part_of_the_data_set(built: Path) -> None:
    with serving(any_text) as server:
        rebuild(str(built), by_model(server), HERE)
        url = server.url
    before = without_cache(built)
    assert all(url.encode() not in content for content in before.values())
    with serving(any_text) as server:
        rebuild(str(built), by_model(server, concurrency=2, timeout_s=9), HERE)
    assert server.requests == []
    rebuild(str(built), ["filters.toy-twin=false"], HERE)
    assert captions(built), "and filters need no server"


@pytest.mark.parametrize("change", [{"seed": 1}, {"temperature": 0.9}, {"tiers": ["detailed"]}, {"one_call": False}])
def test_what_decides_about_captions_makes_them_again(change: dict[str, Any], built: Path) -> None:
    with serving(any_text) as server:
        rebuild(str(built), by_model(server), HERE)
        asked = len(server.requests)
        rebuild(str(built), by_model(server, **change), HERE)
        assert len(server.requests) == asked * (4 if change == {"one_call": False} else 2)


def test_options_of_one_captioner_are_none_of_the_next(built: Path) -> None:
    with serving(any_text) as server:
        rebuild(str(built), by_model(server), HERE)
    rebuild(str(built), ["captions.by=rules"], HERE)
    assert json.loads((built / "build.json").read_bytes())["recipe"]["captions"] == {"by": "rules", "tier": "detailed"}
    rebuild(str(built), ["captions.by=toy", "captions.greeting=Lo"], HERE)
    assert captions(built)[0]["detailed"].startswith("Lo `")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tracekit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; gives its exit status, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tracekit", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        return (status, *capsys.readouterr())

    return run


def test_the_command_captions_by_a_server_and_no_file_or_line_holds_its_key(
    built: Path, tracekit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEKIT_API_KEY", KEY)
    with serving(lambda payload: any_text(payload) if len(server.requests) < 9 else Failed(400, KEY)) as server:
        status, out, err = tracekit(
            "caption", built, "--server", server.url, "--model", MODEL, "--tier", "semantic", "--set", "captions.bar=0",
            "--workers", 0,
        )  # fmt: skip
    assert status == 0, err
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert "1 in part by rules" in err
    assert "clips/s" in err
    assert "generated" in err or "tokens" in err
    assert KEY not in out + err
    assert all(KEY.encode() not in content for content in contents(built).values())
    assert next(row["caption"] for row in rows(built)).startswith("The semantic caption")


def test_machines_are_told_how_captioning_goes_on(built: Path, tracekit: Run) -> None:
    with serving(any_text) as server:
        status, out, _ = tracekit(
            "caption", built, "--server", server.url, "--model", MODEL, "--workers", 0, "--json"
        )  # fmt: skip
    assert status == 0
    first, *_, last = map(json.loads, out.splitlines())
    assert (first["work"], first["unit"], first["total"]) == ("parts", "clips", 9)
    assert last["clips"] == 9


NOBODY = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--rules", "--server", NOBODY], 2, "give one of them"),
        (["--server", NOBODY], 1, "--model"),
        (["--server", "nowhere", "--model", "m"], 1, "nowhere"),
        (["--server", NOBODY, "--model", "m"], 1, NOBODY),
        (["--model", "m"], 1, "no server is named"),
        (["--server", NOBODY, "--model", "m", "--set", "captions.cache=here"], 1, "absolute"),
        (["--server", NOBODY, "--model", "m", "--set", "captions.prompts=v0"], 1, "no prompts named"),
        (["--vllm", "no-such-model"], 1, "LLM"),
    ],
)
def test_errors_are_one_line_with_a_remedy(
    arguments: list[str], status: int, told: str, built: Path, tracekit: Run
) -> None:
    before = captions(built)
    found, _, err = tracekit("caption", built, *arguments, "--workers", 0)
    assert found == status
    assert told in " ".join(err.split())
    assert captions(built) == before


def test_beside_an_object_store_replies_are_kept_on_this_machine(
    toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TRACEKIT_CACHE", raising=False)
    with serving(any_text) as server:
        build(load_recipe(toys / "toy.yaml", by_model(server)), f"memory://{tmp_path}/out", HERE)
    assert len(list((tmp_path / "home").rglob("captions.sqlite"))) == 1
