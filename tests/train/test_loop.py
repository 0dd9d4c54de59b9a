"""A run goes on, after whatever stopped it, as if nothing had; it says what it did once, and leaves a model."""

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from components import require
from load.clip_sets import clip_set
from train.training_runs import command, config, curve, log, need_trainer

from tracekit.core.errors import TracekitError
from tracekit.train.config import TrainConfig

ALL_LOSSES = {"actions": {"injection": "internal"}, "cursor": {}, "contrast": {"predict_weight": 0.1}}


@pytest.fixture(autouse=True, scope="module")
def _trainer() -> None:
    need_trainer()


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("data") / "terminals", 5)


def train(made: TrainConfig, out: Path) -> Any:
    from tracekit.train.logs import Silent
    from tracekit.train.loop import train

    return train(made, out, Silent())


@pytest.fixture(scope="module")
def whole(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing stopped."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    train(config(shards, run={"sample_every": 6}), out)
    return out


def weights(out: Path) -> bytes:
    return (out / "checkpoints/step-000006/weights.safetensors").read_bytes()


def test_a_run_killed_at_any_step_learns_the_same_bit_for_bit(shards: Path, whole: Path, tmp_path: Path) -> None:
    """Killed after five steps of which four are saved; then gone on with, by other workers."""
    killed = command(config(shards), tmp_path / "run", TRACEKIT_FAULT="train-step:5")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in sorted((tmp_path / "run/checkpoints").iterdir())] == ["step-000002", "step-000004"]
    train(config(shards, data={"workers": 2}), tmp_path / "run")
    assert curve(tmp_path / "run") == curve(whole)
    assert weights(tmp_path / "run") == weights(whole)


def test_every_step_is_logged_once_and_drawn_once(whole: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert [record["step"] for record in log(whole)] == [0, 1, 2, 3, 4, 5, 6]
    drawn = EventAccumulator(str(whole / "tensorboard")).Reload()
    told = [(point.step, point.value) for point in drawn.Scalars("loss")]
    assert told == [(record["step"], pytest.approx(record["loss"], rel=1e-6)) for record in log(whole)[1:]]


def test_a_run_that_grows_is_as_if_it_had_been_longer_from_the_start(shards: Path, whole: Path, tmp_path: Path) -> None:
    train(config(shards, run={"steps": 3}), tmp_path / "run")
    train(config(shards), tmp_path / "run")
    assert curve(tmp_path / "run") == curve(whole)
    assert weights(tmp_path / "run") == weights(whole)


def test_a_window_of_the_log_that_a_stop_cut_is_whole(shards: Path, tmp_path: Path) -> None:
    made = {"run": {"steps": 4, "log_every": 4, "held_clips": 0, "checkpoint_every": 3}}
    train(config(shards, **made), tmp_path / "whole")
    killed = tmp_path / "killed"
    train(config(shards, **made), killed)
    remove(killed / "checkpoints/step-000004")
    train(config(shards, **made), killed)
    assert curve(killed) == curve(tmp_path / "whole")


def remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_another_configuration_in_the_folder_is_refused_by_name(shards: Path, whole: Path) -> None:
    before = curve(whole)
    other = config(shards, optimiser={"learning_rate": 1.0}, run={"seed": 7, "steps": 9})
    with pytest.raises(TracekitError) as caught:
        train(other, whole)
    assert "optimiser.learning_rate is 0.001 there, not 1.0; run.seed is 0 there, not 7" in str(caught.value)
    assert "steps" not in str(caught.value)
    assert curve(whole) == before


def test_a_folder_in_which_nothing_was_learned_is_free(shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(TracekitError, match=r"data\.frames: clips of 6 frames"):
        train(config(shards, data={"frames": 6}), out)
    train(config(shards, run={"steps": 1, "held_clips": 0}), out)
    assert [record["step"] for record in log(out)] == [1]


def test_the_loss_of_held_clips_falls(whole: Path) -> None:
    held = [record["held"] for record in log(whole) if "held" in record]
    assert len(held) == 3
    assert held[-1] < held[0]


def test_videos_show_what_was_recorded_beside_what_was_made(whole: Path, shards: Path) -> None:
    from tracekit.train.data import Batches
    from tracekit.video.decode import decode, to_rgb

    (video,) = (whole / "samples/step-000006").iterdir()
    pictures = [to_rgb(frame) for frame in decode(video)]
    assert len(pictures) == 5
    assert pictures[0].shape == (48, 64 + 4 + 64, 3)
    made = config(shards)
    (held,) = Batches(made.data, made.model).held(1)
    assert held.video is not None
    assert video.stem == held.keys[0]
    recorded = held.video[0, 0].numpy().astype(int)
    assert abs(pictures[0][:, :64].astype(int) - recorded).mean() < 8  # of 255: H.264 smooths a little
    assert abs(pictures[0][:, 68:].astype(int) - recorded).mean() > 16


def test_the_final_model_is_the_one_that_was_trained(shards: Path, whole: Path) -> None:
    import torch

    from tracekit.train.trained import open_trained

    run, final = (open_trained(folder).learner.state_dict() for folder in (whole, whole / "final"))
    assert run.keys() == final.keys()
    assert all(torch.equal(run[name], final[name]) for name in run)


def test_the_final_model_of_fewer_steps_is_made_again(shards: Path, tmp_path: Path) -> None:
    """As when a run that was to make more is killed after its last step."""
    run = {"held_clips": 0, "checkpoint_every": 9}
    train(config(shards, run={**run, "steps": 1}), tmp_path / "run")
    short = tmp_path / "short"
    (tmp_path / "run/final").rename(short)
    train(config(shards, run={**run, "steps": 2}), tmp_path / "run")
    shutil.rmtree(tmp_path / "run/final")
    short.rename(tmp_path / "run/final")
    train(config(shards, run={**run, "steps": 2}), tmp_path / "run")
    assert yaml.safe_load((tmp_path / "run/final/config.yaml").read_text())["run"]["steps"] == 2


def test_a_final_model_can_be_trained_further(shards: Path, whole: Path, tmp_path: Path) -> None:
    further = config(shards, model={"backbone": "wan", "weights": str(whole / "final")}, run={"steps": 1})
    train(further, tmp_path / "further")
    assert log(tmp_path / "further")[0]["held"] == pytest.approx(log(whole)[-1]["held"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_saves_its_step(shards: Path, tmp_path: Path, number: signal.Signals) -> None:
    from tracekit.train.faults import Stopped
    from tracekit.train.logs import Silent
    from tracekit.train.loop import train

    class Impatient(Silent):
        def advance(self, step: int) -> None:
            if step == 3:
                signal.raise_signal(number)

    with pytest.raises(Stopped) as stopped:
        train(config(shards), tmp_path / "run", Impatient())
    assert (stopped.value.number, stopped.value.step) == (number, 3)
    assert (tmp_path / "run/checkpoints/step-000003/state.json").exists()


def test_numbers_that_are_none_end_the_run_and_name_the_samples(shards: Path, tmp_path: Path) -> None:
    made = config(shards, optimiser={"learning_rate": 1e30}, run={"checkpoint_every": 1})
    with pytest.raises(TracekitError, match=r"is not finite in step \d, of the samples r\d_0000") as caught:
        train(made, tmp_path / "run")
    assert "learning_rate" in caught.value.remedy
    import torch
    from safetensors.torch import load_file

    last = sorted((tmp_path / "run/checkpoints").iterdir())[-1]
    assert last.name != "step-000006"
    assert all(torch.isfinite(weight).all() for weight in load_file(last / "weights.safetensors").values())


def test_low_rank_updates_with_all_that_is_drawn_go_on_exactly(shards: Path, tmp_path: Path) -> None:
    model = {"lora": {"rank": 2}, "dropout": 0.5, "gradient_checkpointing": True}
    short = {"steps": 2, "accumulate": 2, "held_every": 1}
    train(config(shards, model=model, run=short), tmp_path / "whole")
    train(config(shards, model=model, run={**short, "steps": 1}), tmp_path / "run")
    train(config(shards, model=model, run=short), tmp_path / "run")
    assert curve(tmp_path / "run") == curve(tmp_path / "whole")


def test_desktops_are_learned_with_what_was_done_and_where_the_cursor_is(tmp_path: Path) -> None:
    """All losses of the recipe of desktops; stopped and gone on with; and opened again with injection and heads."""
    import torch

    from tracekit.train.trained import open_trained

    desktops = clip_set(tmp_path / "desktops", 3, "desktop")
    short = {"steps": 2, "held_every": 2}
    train(config(desktops, model=ALL_LOSSES, run=short), tmp_path / "whole")
    train(config(desktops, model=ALL_LOSSES, run={**short, "steps": 1}), tmp_path / "run")
    train(config(desktops, model=ALL_LOSSES, run=short), tmp_path / "run")
    told = curve(tmp_path / "whole")
    assert {"loss", "flow", "contrast", "predict", "cursor"} < told[-1].keys()
    assert curve(tmp_path / "run")[-1]["loss"] == told[-1]["loss"]
    trained, final = (open_trained(tmp_path / name).learner.state_dict() for name in ("whole", "whole/final"))
    assert {"denoiser.injection", "denoiser.transformer"} < {".".join(name.split(".")[:2]) for name in trained}
    assert all(torch.equal(trained[name], final[name]) for name in trained)


def test_in_half_precision_no_second_copy_of_the_weights_is_kept(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from tracekit.train.denoiser import Denoiser

    seen, forward = set(), Denoiser.forward

    def told(self: Denoiser, *given: Any) -> torch.Tensor:
        seen.add((torch.is_autocast_enabled("cpu"), torch.is_autocast_cache_enabled()))
        return forward(self, *given)

    monkeypatch.setattr(Denoiser, "forward", told)
    train(config(shards, run={"steps": 1, "precision": "bf16", "sample_every": 1}), tmp_path / "run")
    assert seen == {(True, False)}


@pytest.mark.slow
def test_on_ray_it_is_the_same_loop(shards: Path, whole: Path, tmp_path: Path) -> None:
    require("ray[train]", module="pandas", remedy="pip install 'ray[train]'")
    on_ray = command(config(shards), tmp_path / "run", "--launcher", "ray", "--processes", "1")
    _, told = on_ray.communicate()
    assert on_ray.returncode == 0, told
    assert curve(tmp_path / "run") == curve(whole)
    assert (tmp_path / "run/final/model_index.json").exists()


@pytest.mark.slow
def test_ranks_end_when_one_dies_and_learn_the_same_with_copies_or_shards(tmp_path: Path) -> None:
    """Copies make two steps, of which one is saved; shards of the model then make the second one again, the same."""
    ranks = ("--launcher", "torchrun", "--processes", "2")
    desktops = clip_set(tmp_path / "desktops", 4, "desktop")
    run = {"steps": 2, "checkpoint_every": 1, "accumulate": 2}
    once = str(tmp_path / "once")
    fault = {"TRACEKIT_FAULT": "train-step:2", "TRACEKIT_FAULT_ONCE": once}
    copies = command(config(desktops, model=ALL_LOSSES, run=run), tmp_path / "run", *ranks, **fault)
    _, told = copies.communicate()
    assert copies.returncode == 1
    assert "was killed by signal 9, and the other ranks were ended" in told
    assert "Traceback" not in told
    with_copies = curve(tmp_path / "run")
    made = config(desktops, model=ALL_LOSSES, run={**run, "strategy": "fsdp2"})
    sharded = command(made, tmp_path / "run", *ranks)
    _, told = sharded.communicate()
    assert sharded.returncode == 0, told
    assert "going on from step-000001" in told
    with_shards = curve(tmp_path / "run")
    assert [record["step"] for record in with_shards] == [0, 1, 2]
    for one, other in zip(with_copies, with_shards, strict=True):
        assert one == pytest.approx({name: other[name] for name in one}, rel=1e-5)
