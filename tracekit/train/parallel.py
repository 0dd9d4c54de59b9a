"""One model on several ranks: copies whose gradients are averaged (DDP), or shards of it on each (FSDP2)."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal

import torch
from accelerate import Accelerator
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

from tracekit.train.tensors import Tensor


def spread(model: nn.Module, strategy: Literal["ddp", "fsdp2"], accelerator: Accelerator) -> nn.Module:
    """Put a model on this rank's device, and have the ranks share the work of training it.

    accelerate knows FSDP on GPUs only, so sharding is torch's own ``fully_shard``: a group for each of the modules that
    the transformer and the injection say not to split (``_no_split_modules``, as diffusers names them), and one for the
    rest; each goes to the device by itself, where there need never be room for all of them whole. The shards and what
    is sent are float32, whatever the precision of computing: both strategies learn the same.

    Args:
        model: the same on all ranks.
        strategy: ``fsdp2`` also with one rank shards nothing, and works as ``ddp``.
        accelerator: of this process.
    """
    if strategy == "ddp" or accelerator.num_processes == 1:
        prepared: nn.Module = accelerator.prepare_model(model)
        return prepared
    whole = {name for module in model.modules() for name in getattr(module, "_no_split_modules", None) or ()}
    for module in reversed(list(model.modules())):  # parts before what they are of
        if type(module).__name__ in whole:
            fully_shard(module)
    fully_shard(model)
    return model


@contextmanager
def gradients_kept(model: nn.Module, sync: bool) -> Iterator[None]:
    """Backward passes in here add up on each rank; only one with ``sync`` makes the ranks' gradients one.

    Shards add up theirs in each: to wait, a rank would have to hold the gradients of the whole model.
    """
    with model.no_sync() if isinstance(model, DistributedDataParallel) and not sync else nullcontext():
        yield


def clip(model: nn.Module, most: float) -> float:
    """Scale the gradients down to a norm over all of them, on all ranks, and return what it was."""
    norm = nn.utils.clip_grad_norm_((weight for weight in model.parameters() if weight.grad is not None), most)
    return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)


def mean_over_ranks(values: dict[str, Tensor], accelerator: Accelerator) -> dict[str, float]:
    """Numbers of this rank, averaged over all; every rank calls it with the same names."""
    together: Tensor = torch.stack([value.detach().double() for value in values.values()])
    means = accelerator.reduce(together, "mean")
    return dict(zip(values, means.tolist(), strict=True))
