"""LPIPS (Zhang et al., arXiv 1801.03924, version 0.1) with AlexNet, from weights that are given as files.

Two files are needed, as their authors published them:

- AlexNet of torchvision, trained on ImageNet (``alexnet-owt-*.pth``): ``features.{0,3,6,8,10}.{weight,bias}`` with
  weights of shape (64, 3, 11, 11), (192, 64, 5, 5), (384, 192, 3, 3), (256, 384, 3, 3) and (256, 256, 3, 3). What it
  has of ``classifier`` is passed over.
- The linear heads of LPIPS (``alex.pth`` of version 0.1, 6 kB): ``lin{0..4}.model.1.weight`` of shape (1, c, 1, 1), c
  the 64, 192, 384, 256 and 256 channels above.
"""

from dataclasses import dataclass
from os import PathLike

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Pair, Video
from tracekit.metrics.weights import load_weights

_CHANNELS = (64, 192, 384, 256, 256)
_TAPS = (1, 4, 7, 9, 11)
"""Layers of ``features`` whose output is compared: each convolution after its ReLU."""
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""ImageNet's mean and deviation, for values from -1 to 1."""
_EPSILON = 1e-10
_LEAST_PX = 31
"""Of a side: of less, AlexNet's second pooling leaves nothing."""
_BATCH = 4


@dataclass(frozen=True)
class LpipsScores:
    """Of the frames of a pair: 0 where they are equal, larger where they look more different."""

    frames: list[int]
    """Their numbers on the clock."""
    lpips: list[float]
    """Of each."""
    mean_lpips: float
    backbone_sha256: str
    """Of the file that AlexNet is from."""
    heads_sha256: str
    """Of the file that the heads are from."""


class Lpips:
    """The measure, ready to be used.

    Args:
        backbone: torchvision's AlexNet.
        heads: the linear heads.
        device: to compute on.

    Raises:
        TracekitError: a file is not there or is another; the remedy says which one is wanted.
    """

    def __init__(
        self, backbone: str | PathLike[str], heads: str | PathLike[str], device: str | torch.device = "cpu"
    ) -> None:
        self._network = Network()
        self.backbone_sha256 = load_weights(
            self._network.backbone, backbone, "torchvision's AlexNet (alexnet-owt-*.pth)", also=("classifier.",)
        )
        self.heads_sha256 = load_weights(self._network.heads, heads, "the heads of LPIPS 0.1 (alex.pth)")
        self._network.to(device).eval()
        self._device = device

    def __call__(self, truth: Video, predicted: Video) -> NDArray[np.float64]:
        """The distance of each frame, shape (frames,).

        Raises:
            TracekitError: the pictures are too small for the network.
        """
        if min(truth.shape[1:3]) < _LEAST_PX:
            raise TracekitError(
                f"pictures of {truth.shape[2]}x{truth.shape[1]} are too small for LPIPS: {_LEAST_PX} px are needed"
            )
        distances = []
        with torch.inference_mode():
            for first in range(0, len(truth), _BATCH):
                part = slice(first, first + _BATCH)
                distance = self._network(self._input(truth[part]), self._input(predicted[part]))
                distances.append(np.asarray(distance.cpu().numpy(), np.float64))
        return np.concatenate(distances)

    def scores(self, pair: Pair) -> LpipsScores:
        """The distance of each frame of a pair, and their mean.

        Raises:
            TracekitError: the pair has no frames, or they are too small.
        """
        if not len(pair.numbers):
            raise TracekitError("there are no frames to compare")
        distances = self(pair.truth, pair.predicted)
        return LpipsScores(
            frames=pair.numbers.tolist(),
            lpips=distances.tolist(),
            mean_lpips=float(distances.mean()),
            backbone_sha256=self.backbone_sha256,
            heads_sha256=self.heads_sha256,
        )

    def _input(self, frames: Video) -> Tensor:
        """Frames as the network takes them: float32 (n, 3, height, width), -1 to 1."""
        pictures = torch.from_numpy(np.ascontiguousarray(frames)).to(self._device)
        return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1


class Network(nn.Module):
    """AlexNet and the heads: features of two pictures, and how far they are from each other."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.ModuleDict({"features": _alexnet()})
        self.heads = nn.ModuleDict({f"lin{number}": _head(channels) for number, channels in enumerate(_CHANNELS)})

    def forward(self, truth: Tensor, predicted: Tensor) -> Tensor:
        """Distances, float32 (n,), of pictures, float32 (n, 3, height, width), -1 to 1."""
        total = torch.zeros(len(truth), device=truth.device)
        for number, (one, other) in enumerate(zip(self._features(truth), self._features(predicted), strict=True)):
            head = self.heads.get_submodule(f"lin{number}.model")
            total = total + head((one - other).square()).mean(dim=(1, 2, 3))
        return total

    def _features(self, pictures: Tensor) -> list[Tensor]:
        """The output of each tap, of unit length over the channels."""
        shift, scale = (pictures.new_tensor(values).view(1, 3, 1, 1) for values in (_SHIFT, _SCALE))
        activation = (pictures - shift) / scale
        features = []
        for number, layer in enumerate(self.backbone.get_submodule("features").children()):
            activation = layer(activation)
            if number in _TAPS:
                features.append(activation / (activation.square().sum(dim=1, keepdim=True).sqrt() + _EPSILON))
        return features


def _head(channels: int) -> nn.ModuleDict:
    """In training there was a dropout before it, hence the 1 in its name."""
    return nn.ModuleDict({"model": nn.Sequential(nn.Identity(), nn.Conv2d(channels, 1, 1, bias=False))})


def _alexnet() -> nn.Sequential:
    """The convolutions of torchvision's AlexNet (Krizhevsky, arXiv 1404.5997), to the last one's ReLU."""
    first, second, third, fourth, fifth = _CHANNELS
    return nn.Sequential(
        nn.Conv2d(3, first, 11, stride=4, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(first, second, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(second, third, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(third, fourth, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(fourth, fifth, 3, padding=1),
        nn.ReLU(),
    )
