"""R3D-18, a ResNet of three dimensions (Tran et al., arXiv 1711.11248): what the paper's FVD sees videos with.

The names and shapes of its weights are those of torchvision's ``r3d_18``, so that its file loads as it is.
"""

from torch import Tensor, nn

WIDTH = 512
"""Of the prelogits."""
_CLASSES = 400
"""Of Kinetics."""


class R3d18(nn.Module):
    """The network without its last layer, which has weights in the file and is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(3, 64, (3, 7, 7), stride=(1, 2, 2), padding=(1, 3, 3), bias=False), nn.BatchNorm3d(64), nn.ReLU()
        )
        self.layer1 = _layer(64, 64, stride=1)
        self.layer2 = _layer(64, 128, stride=2)
        self.layer3 = _layer(128, 256, stride=2)
        self.layer4 = _layer(256, WIDTH, stride=2)
        self.fc = nn.Linear(WIDTH, _CLASSES)

    def forward(self, clips: Tensor) -> Tensor:
        """What comes before the last layer, float32 (n, 512), of clips (n, 3, frames, height, width), normalised."""
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(self.stem(clips)))))
        return features.mean(dim=(2, 3, 4))


class _Block(nn.Module):
    """Two convolutions with a way around them."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(_convolution(channels_in, channels, stride), nn.BatchNorm3d(channels), nn.ReLU())
        self.conv2 = nn.Sequential(_convolution(channels, channels, 1), nn.BatchNorm3d(channels))
        self.relu = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1:
            shrink = nn.Conv3d(channels_in, channels, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shrink, nn.BatchNorm3d(channels))

    def forward(self, activation: Tensor) -> Tensor:
        """As large as before; with a stride half of it each way."""
        sum_of_ways: Tensor = self.relu(self.conv2(self.conv1(activation)) + self.downsample(activation))
        return sum_of_ways


def _layer(channels_in: int, channels: int, stride: int) -> nn.Sequential:
    return nn.Sequential(_Block(channels_in, channels, stride), _Block(channels, channels, 1))


def _convolution(channels_in: int, channels: int, stride: int) -> nn.Conv3d:
    return nn.Conv3d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
