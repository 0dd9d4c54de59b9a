"""`tracekit train`: errors of its configuration are told to the line, and its codes say how it ended."""

import json
import os
import signal
from pathlib import Path

import pytest
import yaml
from load.clip_sets import clip_set
from train.training_runs import command, config, curve, need_trainer
from typer.testing import CliRunner

from tracekit.cli.main import app
from tracekit.core.errors import TracekitError
from tracekit.train.config_file import load_config

RECIPES = Path(__file__).parents[2] / "recipes/train"


def written(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("data: {shards: d}\nrun:\n  step: 3\n", 3, "unknown key 'run.step' (the nearest known key is 'steps')"),
        ("data:\n  shards: d\n  frames: 2\n", 3, "data.frames: Input should be greater than or equal to 5, not 2"),
        ("model: {}\n", None, "data: Field required"),
        ("data: {shards: d}\nmodel:\n  contrast: {}\n", 3, "model.contrast: Value error, it compares frames"),
        ("data: [", None, "not YAML"),
        ("steps", None, "a configuration is a mapping of keys to values"),
    ],
)
def test_an_error_names_the_line_and_the_nearest_key(text: str, line: int | None, told: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TracekitError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert told in str(caught.value)


def test_paths_are_relative_to_the_file_and_of_settings_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "data: {shards: ../d, latent_cache: l}\nmodel: {weights: s3://b/w}\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    made = load_config(path, ["data.latent_cache=m", "run.steps=7"])
    assert Path(made.data.shards) == tmp_path / "../d"
    assert made.data.latent_cache == str(tmp_path / "here/m")
    assert made.model.weights == "s3://b/w"
    assert made.run.steps == 7


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_recipes_are_valid(path: Path) -> None:
    made = load_config(path)
    assert made.data.frames % 4 == 1
    assert Path(made.data.shards).is_absolute()


def test_the_recipe_of_terminals_says_what_the_paper_says() -> None:
    said = yaml.safe_load((RECIPES / "cligen.yaml").read_text())
    assert said["optimiser"] == {"learning_rate": 5e-5, "weight_decay": 1e-2, "clip_norm": 1.0}
    assert (said["run"]["batch_size"], said["run"]["precision"]) == (1, "bf16")
    assert (said["model"]["dropout"], said["model"]["gradient_checkpointing"]) == (0.1, True)


def test_a_run_that_is_interrupted_ends_with_130_and_goes_on(tmp_path: Path) -> None:
    need_trainer()
    shards = clip_set(tmp_path / "terminals", 5)
    made = config(shards, run={"checkpoint_every": 100_000, "held_clips": 0})
    long = made.model_copy(update={"run": made.run.model_copy(update={"steps": 100_000})})
    process = command(long, tmp_path / "run", "--json")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["step"] == 1
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "stopped by SIGINT at step" in told
    (kept,) = (tmp_path / "run/checkpoints").iterdir()
    steps = int(kept.name.removeprefix("step-"))
    assert f"at step {steps}:" in told
    assert [record["step"] for record in curve(tmp_path / "run")] == list(range(1, steps + 1))

    recipe = tmp_path / "on.yaml"
    recipe.write_text(json.dumps(long.model_dump(mode="json")))
    arguments = ["train", str(recipe), "--out", str(tmp_path / "run"), "--set", f"run.steps={steps + 1}", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0] == {"remark": f"going on from {kept.name}"}
    assert lines[-1]["step"] == steps + 1
    assert (tmp_path / "run/final/model_index.json").exists()
