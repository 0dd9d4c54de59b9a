"""Copies and shards of a model on one rank of a real group: what more ranks rely on and one can show."""

from made_actions import SHAPE, busy, new_transformer, run, text_features, windows  # isort: skip

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import distributed, nn
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel

from tracekit.core import plugins
from tracekit.train import checkpoint
from tracekit.train.config import ActionSection
from tracekit.train.parallel import clip, gradients_kept, spread


@pytest.fixture(autouse=True, scope="module")
def _group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    place = tmp_path_factory.mktemp("group") / "store"
    distributed.init_process_group("gloo", init_method=f"file://{place}", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


class Injected(nn.Module):
    """A transformer with an injection, as one module."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.transformer = new_transformer()
        self.transformer.enable_gradient_checkpointing()
        self.injection = plugins.load("injections", kind)(ActionSection(injection=kind), SHAPE)
        self.injection.attach(self.transformer)

    def forward(self, seed: int) -> torch.Tensor:
        self.injection.give(windows(busy(seed)), text_features())
        return run(self.transformer).square().mean()


def sharded(kind: str) -> nn.Module:
    ranks = SimpleNamespace(num_processes=2, device=torch.device("cpu"))  # one alone would shard nothing
    return spread(Injected(kind), "fsdp2", cast(Any, ranks))


def gradients(model: nn.Module, seeds: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """After a backward pass for each, of which the last makes the ranks' gradients one."""
    for seed in seeds:
        with gradients_kept(model, sync=seed == seeds[-1]):
            model(seed).backward()
    found = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    return {name: cast(DTensor, grad).full_tensor() for name, grad in found.items()}


@pytest.mark.parametrize("kind", ["external", "contextual", "residual", "internal"])
def test_shards_add_up_the_gradients_that_the_whole_has(kind: str) -> None:
    whole = Injected(kind)
    for seed in (1, 2):
        whole(seed).backward()
    found = gradients(sharded(kind), (1, 2))
    expected = {name: weight.grad for name, weight in whole.named_parameters() if weight.grad is not None}
    assert found.keys() == expected.keys() == dict(whole.named_parameters()).keys()
    for name, grad in expected.items():
        torch.testing.assert_close(found[name], grad, msg=name)


def test_gradients_are_shards_after_each_of_several_passes() -> None:
    """Else a rank would hold those of the whole model."""
    model = sharded("internal")
    with gradients_kept(model, sync=False):
        model(1).backward()
    assert all(isinstance(weight.grad, DTensor) for weight in model.parameters())


def test_no_group_of_shards_is_of_more_than_a_block_or_a_blocks_injection() -> None:
    model = sharded("internal")
    groups = [module for module in model.modules() if hasattr(module, "set_requires_gradient_sync")]
    kinds = [type(module).__name__.removeprefix("FSDP") for module in groups]
    assert sorted(kinds) == ["Injected", *["RowAttention"] * SHAPE.blocks, *["WanTransformerBlock"] * SHAPE.blocks]


def test_the_norm_is_over_all_shards() -> None:
    whole, model = Injected("residual"), sharded("residual")
    whole(1).backward()
    model(1).backward()
    norm = clip(whole, 1e-3)
    assert clip(model, 1e-3) == pytest.approx(norm)
    scaled = [cast(DTensor, weight.grad).full_tensor().square().sum() for weight in model.parameters()]
    assert float(sum(scaled)) ** 0.5 == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.parametrize(
    ("saved", "loaded"), [("copies", "copies"), ("copies", "shards"), ("shards", "alone"), ("alone", "shards")]
)
def test_a_checkpoint_of_any_is_gone_on_with_by_any(tmp_path: Path, saved: str, loaded: str) -> None:
    def made(how: str) -> tuple[nn.Module, torch.optim.Optimizer]:
        model = sharded("residual") if how == "shards" else Injected("residual")
        if how == "copies":
            model = DistributedDataParallel(model)
        return model, torch.optim.AdamW(model.parameters(), lr=0.1)

    def stepped(model: nn.Module, optimiser: torch.optim.Optimizer) -> float:
        loss = model(1)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        return loss.item()

    one, other = made(saved), made(loaded)
    stepped(*one)
    path = checkpoint.save(tmp_path, *one, checkpoint.State(1, [{}], {}), keep=1, main=True)
    checkpoint.load(path, *other)
    assert [stepped(*other) for _ in range(2)] == pytest.approx([stepped(*one) for _ in range(2)], rel=1e-5)
