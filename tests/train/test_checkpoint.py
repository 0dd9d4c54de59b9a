"""A checkpoint is whole or not there, brings all back, and is not taken for another model's."""

import multiprocessing
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from train.training_runs import need_trainer

from tracekit.core.errors import TracekitError

if TYPE_CHECKING:
    import torch


@pytest.fixture(autouse=True, scope="module")
def _trainer() -> None:
    need_trainer()


def learned(steps: int, width: int = 3) -> "tuple[torch.nn.Module, torch.optim.Optimizer]":
    """A small model after some steps, with a part that is frozen."""
    import torch

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, width), torch.nn.Linear(width, 1))
    model[1].requires_grad_(False)
    optimiser = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=0.1)
    for _ in range(steps):
        step(model, optimiser)
    return model, optimiser


def step(model: "torch.nn.Module", optimiser: "torch.optim.Optimizer") -> None:
    import torch

    optimiser.zero_grad()
    model(torch.arange(8.0).view(2, 4)).square().mean().backward()
    optimiser.step()


def saved_after(
    folder: Path, model: "torch.nn.Module", optimiser: "torch.optim.Optimizer", *, step: int, keep: int = 9
) -> Path:
    from tracekit.train.checkpoint import State, save

    return save(folder, model, optimiser, State(step, [{"position": step}], {"sums": {}}), keep, main=True)


def names(folder: Path) -> list[str]:
    from tracekit.train.checkpoint import saved

    return [path.name for path in saved(folder)]


def test_what_was_saved_goes_on_as_what_was_not(tmp_path: Path) -> None:
    import torch

    from tracekit.train.checkpoint import load

    model, optimiser = learned(steps=3)
    path = saved_after(tmp_path, model, optimiser, step=3)
    other, other_optimiser = learned(steps=0)
    state = load(path, other, other_optimiser)
    assert (state.step, state.data) == (3, [{"position": 3}])
    for _ in range(2):
        step(model, optimiser)
        step(other, other_optimiser)
    assert all(torch.equal(one, two) for one, two in zip(model.parameters(), other.parameters(), strict=True))


def test_frozen_weights_are_not_saved(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    path = saved_after(tmp_path, *learned(steps=1), step=1)
    assert sorted(load_file(path / "weights.safetensors")) == ["0.bias", "0.weight"]


def test_the_newest_stay(tmp_path: Path) -> None:
    made = learned(steps=1)
    for number in (5, 10, 15, 1_000_000):
        saved_after(tmp_path, *made, step=number, keep=2)
    assert names(tmp_path) == ["step-000015", "step-1000000"]


def test_one_killed_while_it_was_written_is_never_taken_and_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = learned(steps=1)
    saved_after(tmp_path, *made, step=1)
    with monkeypatch.context() as fault:
        fault.setenv("TRACEKIT_FAULT", "checkpoint-half-written")
        writer = multiprocessing.get_context("fork").Process(
            target=saved_after, args=(tmp_path, *made), kwargs={"step": 2}
        )
        writer.start()
        writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    assert names(tmp_path) == ["step-000001"]
    saved_after(tmp_path, *made, step=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-000001", "step-000003"]


@pytest.mark.parametrize("name", ["weights.safetensors", "optimiser.pt", "state.json"])
@pytest.mark.parametrize("damage", [b"", b"not what it was"])
def test_a_damaged_one_is_named_with_the_remedy(tmp_path: Path, name: str, damage: bytes) -> None:
    from tracekit.train.checkpoint import load

    made = learned(steps=1)
    path = saved_after(tmp_path, *made, step=1)
    (path / name).write_bytes(damage)
    with pytest.raises(TracekitError, match="the checkpoint is damaged") as caught:
        load(path, *made)
    assert caught.value.place == str(path)
    assert "delete this folder" in caught.value.remedy


def test_one_of_another_model_is_refused(tmp_path: Path) -> None:
    from tracekit.train.checkpoint import load

    model, optimiser = learned(steps=1)
    path = saved_after(tmp_path, model, optimiser, step=1)
    model.requires_grad_(True)
    with pytest.raises(TracekitError, match=r"of another model: 2 weights differ, such as 1\.bias"):
        load(path, model, optimiser)
    with pytest.raises(TracekitError, match="size mismatch"):
        load(path, *learned(steps=1, width=5))


def test_one_that_can_not_be_written_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def full(*_: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TracekitError, match="can't be written") as caught:
        saved_after(tmp_path, *learned(steps=1), step=1)
    assert "run.keep" in caught.value.remedy
    assert not list(tmp_path.iterdir())


def test_ranks_go_on_where_each_was_and_others_where_nothing_is_left_out() -> None:
    from tracekit.train.checkpoint import place_of

    places = [{"epoch": 1, "position": 0}, {"epoch": 0, "position": 8}, {"epoch": 0, "position": 6}]
    assert [place_of(places, rank, 3) for rank in range(3)] == places
    assert [place_of(places, rank, 2) for rank in range(2)] == [places[2]] * 2
