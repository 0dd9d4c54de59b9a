"""LPIPS is what its paper says, from files of the published form; and there is none without them.

The weights here are random, of the right names and shapes: what is tested is the computation.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coded_videos import pictures, spoilt
from components import require
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure
from tracekit.metrics.frames import make_pair

FEATURES = {0: (64, 3, 11, 11), 3: (192, 64, 5, 5), 6: (384, 192, 3, 3), 8: (256, 384, 3, 3), 10: (256, 256, 3, 3)}
STRIDES, PADDINGS = {0: 4}, {0: 2, 3: 2}
Weights = dict[str, NDArray[np.float32]]


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def weights() -> tuple[Weights, Weights]:
    """Of AlexNet and of the heads."""
    random = np.random.default_rng(0)
    backbone = {}
    for number, shape in FEATURES.items():
        fan_in = np.prod(shape[1:])
        backbone[f"features.{number}.weight"] = random.normal(0, (2 / fan_in) ** 0.5, shape).astype(np.float32)
        backbone[f"features.{number}.bias"] = random.normal(0, 0.1, shape[0]).astype(np.float32)
    heads = {
        f"lin{number}.model.1.weight": random.uniform(0, 1, (1, shape[0], 1, 1)).astype(np.float32)
        for number, shape in enumerate(FEATURES.values())
    }
    return backbone, heads


@pytest.fixture(scope="module")
def files(weights: tuple[Weights, Weights], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("weights")
    backbone, heads = weights
    classifier = {"classifier.6.weight": np.zeros((10, 4), np.float32)}
    return saved(folder / "alexnet.pth", backbone | classifier), saved(folder / "alex.pth", heads)


def saved(path: Path, arrays: dict[str, Any]) -> Path:
    import torch

    torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, path)
    return path


def opened(files: tuple[Path, Path]) -> Any:
    from tracekit.metrics.lpips import Lpips

    return Lpips(*files)


def convolved(
    picture: NDArray[np.float64], weight: NDArray[np.float32], bias: NDArray[np.float32], stride: int, padding: int
) -> NDArray[np.float64]:
    padded = np.pad(picture, ((0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    out: NDArray[np.float64] = np.einsum("chwij,ocij->ohw", windows, weight, optimize=True) + bias[:, None, None]
    return out


def features(picture: NDArray[np.uint8], backbone: Weights) -> list[NDArray[np.float64]]:
    """Of AlexNet's five convolutions, each at every place divided by its length over the channels."""
    scaled = picture.astype(np.float64).transpose(2, 0, 1) / 255 * 2 - 1
    signal = (scaled - np.array([-0.030, -0.088, -0.188])[:, None, None]) / np.array([0.458, 0.448, 0.450])[
        :, None, None
    ]
    found = []
    for number in FEATURES:
        if number in (3, 6):
            signal = sliding_window_view(signal, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(3, 4))
        weight, bias = backbone[f"features.{number}.weight"], backbone[f"features.{number}.bias"]
        padding = PADDINGS.get(number, 1)
        signal = np.maximum(convolved(signal, weight, bias, STRIDES.get(number, 1), padding), 0)
        found.append(signal / (np.sqrt((signal**2).sum(axis=0)) + 1e-10))
    return found


def test_it_is_the_weighted_squared_difference_of_five_layers_features(
    weights: tuple[Weights, Weights], files: tuple[Path, Path]
) -> None:
    backbone, heads = weights
    truth, predicted = pictures(1, 64, 80), spoilt(pictures(1, 64, 80), 60)
    meant = 0.0
    for number, (one, other) in enumerate(
        zip(features(truth[0], backbone), features(predicted[0], backbone), strict=True)
    ):
        head = heads[f"lin{number}.model.1.weight"][0]
        meant += float((head * (one - other) ** 2).sum(axis=0).mean())
    assert meant > 0.01
    assert opened(files)(truth, predicted) == pytest.approx([meant], rel=1e-4)


def test_equal_frames_are_at_no_distance_and_both_sides_count_alike(files: tuple[Path, Path]) -> None:
    lpips = opened(files)
    truth, predicted = pictures(5, 40, 48), spoilt(pictures(5, 40, 48), 60)
    assert lpips(truth, truth).tolist() == [0.0] * 5
    assert lpips(truth, predicted) == pytest.approx(lpips(predicted, truth), rel=1e-5)


def test_frames_do_not_depend_on_those_beside_them(files: tuple[Path, Path]) -> None:
    lpips = opened(files)
    truth, predicted = pictures(6, 40, 48), spoilt(pictures(6, 40, 48), 60)
    alone = [lpips(truth[frame : frame + 1], predicted[frame : frame + 1])[0] for frame in range(6)]
    assert lpips(truth, predicted) == pytest.approx(alone, rel=1e-4)


def test_the_scores_name_the_files_they_were_made_with(files: tuple[Path, Path]) -> None:
    scores = opened(files).scores(make_pair(pictures(3, 40, 40), spoilt(pictures(3, 40, 40), 20)))
    assert (scores.backbone_sha256, scores.heads_sha256) == tuple(measure(file).sha256 for file in files)
    assert scores.frames == [0, 1, 2]
    assert scores.mean_lpips == pytest.approx(np.mean(scores.lpips))


def test_heads_are_read_in_the_form_they_are_published_in(files: tuple[Path, Path]) -> None:
    """torchmetrics brings the file; only its form is used here, for the network below it is random."""
    require("torchmetrics", module="torchmetrics", remedy="pip install torchmetrics")
    spec = find_spec("torchmetrics")
    assert spec is not None
    assert spec.origin is not None
    published = Path(spec.origin).parent / "functional/image/lpips_models/alex.pth"
    lpips = opened((files[0], published))
    assert lpips.heads_sha256 == measure(published).sha256
    assert lpips(pictures(1, 40, 40), pictures(1, 40, 40, seed=5))[0] > 0


def test_without_weights_there_is_no_score_but_a_remedy(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no such file of weights") as error:
        opened((tmp_path / "alexnet.pth", files[1]))
    assert "alexnet-owt" in error.value.remedy
    with pytest.raises(TracekitError, match="no such file of weights") as error:
        opened((files[0], tmp_path / "alex.pth"))
    assert "heads" in error.value.remedy


def test_a_file_of_other_weights_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="other weights than expected"):
        opened((files[1], files[1]))
    with pytest.raises(TracekitError, match=r"other weights than expected.*size mismatch"):
        opened(
            (
                files[0],
                saved(
                    tmp_path / "vgg.pth",
                    {f"lin{n}.model.1.weight": np.ones((1, 512, 1, 1), np.float32) for n in range(5)},
                ),
            )
        )


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R."])
def test_a_file_that_is_no_weights_is_refused_and_nothing_in_it_runs(
    content: bytes, files: tuple[Path, Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pth"
    bad.write_bytes(content)
    with pytest.raises(TracekitError, match="not a file of weights") as error:
        opened((bad, files[1]))
    assert error.value.place == str(bad)


def test_pictures_that_the_network_leaves_nothing_of_are_refused(files: tuple[Path, Path]) -> None:
    lpips = opened(files)
    assert lpips(pictures(1, 31, 31), pictures(1, 31, 31, seed=2))[0] > 0
    with pytest.raises(TracekitError, match="too small"):
        lpips(pictures(1, 40, 30), pictures(1, 40, 30))
