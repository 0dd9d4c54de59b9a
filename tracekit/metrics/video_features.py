"""What FVD sees videos with: R3D-18 as the paper does, or I3D as most others do, from weights that are given as files.

A clip is brought to 16 frames, evenly over its length; where it has fewer, the last one is repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Video
from tracekit.metrics.r3d18 import WIDTH, R3d18
from tracekit.metrics.weights import find_weights, load_weights

FRAMES = 16
_SIDE_PX = 112
_MEAN, _DEVIATION = (0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)
"""Of Kinetics-400, as torchvision normalises it for its video models, for values from 0 to 1."""
_I3D_WIDTH = 400

Features = NDArray[np.float32]


class Extractor(Protocol):
    """Makes features of a clip."""

    @property
    def name(self) -> str:
        """Of the network."""

    @property
    def sha256(self) -> str:
        """Of the file that its weights are from."""

    def __call__(self, video: Video) -> Features:
        """Of a clip of any length and size, shape (width of the features,)."""


@dataclass(frozen=True)
class R3d18Features:
    """Prelogits of torchvision's R3D-18, trained on Kinetics-400: 512 values. `open_r3d18` makes one."""

    network: R3d18
    sha256: str
    device: str | torch.device
    name: str = "r3d18-prelogits"

    def __call__(self, video: Video) -> Features:
        """Pictures are scaled to 112 x 112 whatever their shape, and nothing is cut off."""
        pictures = _pictures(video, self.device)
        small = interpolate(pictures / 255, (_SIDE_PX, _SIDE_PX), mode="bilinear", antialias=True)
        mean, deviation = (small.new_tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _DEVIATION))
        clip = ((small - mean) / deviation).permute(1, 0, 2, 3)[None]
        with torch.inference_mode():
            return _as_features(self.network(clip), WIDTH)


@dataclass(frozen=True)
class I3dFeatures:
    """I3D as TorchScript, trained on Kinetics-400: 400 values. `open_i3d` makes one."""

    network: torch.jit.ScriptModule
    sha256: str
    device: str | torch.device
    name: str = "i3d-torchscript"

    def __call__(self, video: Video) -> Features:
        """The file scales pictures to 224 x 224 and normalises them by itself."""
        clip = _pictures(video, self.device).permute(1, 0, 2, 3)[None]
        try:
            with torch.inference_mode():
                features = self.network(clip, rescale=True, resize=True, return_features=True)
        except (RuntimeError, TypeError) as error:
            raise TracekitError(
                "this TorchScript does not take what I3D takes", remedy="give i3d_torchscript.pt as it is published"
            ) from error
        return _as_features(features, _I3D_WIDTH)


def open_r3d18(path: str | PathLike[str], device: str | torch.device = "cpu") -> R3d18Features:
    """R3D-18 from the file of torchvision's ``r3d_18`` (``r3d_18-*.pth``).

    Its weights begin ``stem.0.weight`` (64, 3, 3, 7, 7), ``layer1.0.conv1.0.weight`` (64, 64, 3, 3, 3), and end
    ``fc.weight`` (400, 512), ``fc.bias`` (400,). All must be there and none besides.

    Raises:
        TracekitError: there is no such file, or it is another.
    """
    network = R3d18()
    sha256 = load_weights(network, path, "torchvision's R3D-18 (r3d_18-*.pth)")
    network.to(device).eval()
    return R3d18Features(network, sha256, device)


def open_i3d(path: str | PathLike[str], device: str | torch.device = "cpu") -> I3dFeatures:
    """I3D from ``i3d_torchscript.pt``, the file that FVD is most often computed with (Skorokhodov et al., StyleGAN-V).

    It is called with float32 (1, 3, frames, height, width) of 0 to 255 and ``rescale=True, resize=True,
    return_features=True``, and gives (1, 400). A TorchScript is a program: take it only from those you trust.

    Raises:
        TracekitError: there is no such file, or it is no TorchScript.
    """
    sha256 = find_weights(path, "I3D as TorchScript (i3d_torchscript.pt)")
    read: Callable[..., torch.jit.ScriptModule] = torch.jit.load
    try:
        network = read(str(path), map_location=device).eval()
    except RuntimeError as error:
        raise TracekitError(
            "not a TorchScript", place=str(path), remedy="give i3d_torchscript.pt as it is published"
        ) from error
    return I3dFeatures(network, sha256, device)


def clip_frames(frames: int) -> NDArray[np.int64]:
    """Which frames of a clip are seen, shape (16,): evenly spaced with the first and the last; or all, and the last
    one again."""
    if frames < FRAMES:
        return np.minimum(np.arange(FRAMES), frames - 1)
    return np.rint(np.linspace(0, frames - 1, FRAMES)).astype(np.int64)


def _pictures(video: Video, device: str | torch.device) -> Tensor:
    """Float32 (16, 3, height, width), 0 to 255."""
    if not len(video):
        raise TracekitError("there are no frames to compare")
    return torch.from_numpy(video[clip_frames(len(video))]).to(device).permute(0, 3, 1, 2).float()


def _as_features(features: Tensor, width: int) -> Features:
    if features.shape != (1, width):
        raise TracekitError(f"the network gives {tuple(features.shape)}, not (1, {width})")
    return np.asarray(features[0].cpu().numpy(), np.float32)
