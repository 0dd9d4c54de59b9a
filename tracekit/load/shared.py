"""Memory that crosses from a worker to the loop without being copied."""

import math
from typing import Any

import numpy as np
import torch
from torch.utils.data import get_worker_info


def blank(shape: tuple[int, ...]) -> torch.Tensor:
    """Zeros, uint8; in a worker of a DataLoader in shared memory, where torch's own collating puts its batches."""
    if get_worker_info() is None:
        return torch.from_numpy(np.zeros(shape, np.uint8))  # torch's own zeros are written, these are the system's
    untyped: Any = torch.UntypedStorage  # its annotations lack this
    return torch.empty(0, dtype=torch.uint8).set_(untyped._new_shared(math.prod(shape), device="cpu")).view(shape)
