"""FVD: the distance is the Gaussians', the networks are the published ones by name and shape, and clips have 16 frames.

The weights here are random, of the right names and shapes: what is tested is the computation.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coded_videos import numbered, pictures
from components import require
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure
from tracekit.metrics.fvd import frechet_distance, fvd_score


def gaussian(n: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Vectors about a place of their own, correlated."""
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(dimensions, dimensions))
    vectors: NDArray[np.float64] = random.normal(size=(n, dimensions)) @ mixed + random.normal(size=dimensions)
    return vectors


@given(dimensions=st.integers(1, 12), n=st.integers(20, 60), m=st.integers(20, 60), seed=st.integers(0, 99))
def test_it_is_what_the_root_of_the_product_gives(dimensions: int, n: int, m: int, seed: int) -> None:
    from scipy.linalg import sqrtm

    one, other = gaussian(n, dimensions, seed), gaussian(m, dimensions, seed + 1)
    s, t = (np.cov(vectors, rowvar=False).reshape(dimensions, dimensions) for vectors in (one, other))
    meant = np.square(one.mean(axis=0) - other.mean(axis=0)).sum() + np.trace(s + t - 2 * np.real(sqrtm(s @ t)))
    assert frechet_distance(one, other) == pytest.approx(meant, rel=1e-6, abs=1e-8)


def test_of_equal_sets_it_is_nothing_and_of_shifted_ones_the_square_of_the_shift() -> None:
    vectors = gaussian(50, 8, 0)
    assert frechet_distance(vectors, vectors) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(vectors, vectors + 3) == pytest.approx(8 * 9)


def test_of_scaled_sets_it_is_the_trace_times_the_square_of_the_difference() -> None:
    vectors = gaussian(50, 8, 0)
    centred = vectors - vectors.mean(axis=0)
    assert frechet_distance(centred, 3 * centred) == pytest.approx(4 * np.trace(np.cov(centred, rowvar=False)))


@pytest.mark.parametrize("n", [2, 3, 10])
def test_it_holds_where_there_are_fewer_clips_than_dimensions(n: int) -> None:
    vectors = gaussian(n, 64, 0)
    assert frechet_distance(vectors, vectors) == pytest.approx(0, abs=1e-5)
    assert frechet_distance(vectors, vectors + 1) == pytest.approx(64)
    other = gaussian(n, 64, 5)
    assert frechet_distance(vectors, other) == pytest.approx(frechet_distance(other, vectors))
    # Of sets of rank n - 1 the trace of the root is the sum of the singular values of one's deviations times other's.
    a, b = (vectors - vectors.mean(axis=0), other - other.mean(axis=0))
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum() / (n - 1)
    spread = (np.square(a).sum() + np.square(b).sum()) / (n - 1) - 2 * root
    apart = np.square(vectors.mean(axis=0) - other.mean(axis=0)).sum()
    assert frechet_distance(vectors, other) == pytest.approx(apart + spread)


def test_one_clip_has_no_distance() -> None:
    with pytest.raises(TracekitError, match="two clips or more, not 1"):
        frechet_distance(gaussian(1, 4, 0), gaussian(9, 4, 0))


def test_features_that_are_not_finite_are_an_error() -> None:
    bad = gaussian(9, 4, 0)
    bad[3, 2] = np.nan
    with pytest.raises(TracekitError, match="not finite"):
        frechet_distance(gaussian(9, 4, 0), bad)


def test_a_score_says_of_how_many_clips_it_is_and_whether_they_are_enough() -> None:
    few = fvd_score(gaussian(4, 8, 0), gaussian(6, 8, 1), "a network", "0" * 64)
    assert (few.clips, few.dimensions, few.full_rank) == (4, 8, False)
    enough = fvd_score(gaussian(9, 8, 0), gaussian(9, 8, 1), "a network", "0" * 64)
    assert (enough.clips, enough.full_rank) == (9, True)
    assert json.loads(json.dumps(asdict(enough), allow_nan=False))["features"] == "a network"


@pytest.fixture(scope="module")
def r3d18(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of its weights, random."""
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    from tracekit.metrics.r3d18 import R3d18

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = R3d18()
    for name, value in network.state_dict().items():
        if name.endswith(("running_mean", "bias")):
            value.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif value.ndim == 5:
            torch.nn.init.kaiming_normal_(value)
    file = tmp_path_factory.mktemp("weights") / "r3d_18.pth"
    torch.save(network.state_dict(), file)
    return file


def published() -> dict[str, tuple[int, ...]]:
    """Names and shapes of torchvision's ``r3d_18``."""
    found: dict[str, tuple[int, ...]] = {}

    def norm(name: str, channels: int) -> None:
        found.update({f"{name}.{of}": (channels,) for of in ("weight", "bias", "running_mean", "running_var")})
        found[f"{name}.num_batches_tracked"] = ()

    found["stem.0.weight"] = (64, 3, 3, 7, 7)
    norm("stem.1", 64)
    before = 64
    for layer, channels in enumerate((64, 128, 256, 512), 1):
        for block in (0, 1):
            name = f"layer{layer}.{block}"
            found[f"{name}.conv1.0.weight"] = (channels, before, 3, 3, 3)
            norm(f"{name}.conv1.1", channels)
            found[f"{name}.conv2.0.weight"] = (channels, channels, 3, 3, 3)
            norm(f"{name}.conv2.1", channels)
            if before != channels:
                found[f"{name}.downsample.0.weight"] = (channels, before, 1, 1, 1)
                norm(f"{name}.downsample.1", channels)
            before = channels
    return found | {"fc.weight": (400, 512), "fc.bias": (400,)}


def test_r3d18_has_the_names_and_shapes_of_torchvisions(r3d18: Path) -> None:
    import torch

    state = {name: tuple(value.shape) for name, value in torch.load(r3d18, weights_only=True).items()}
    assert state == published()
    weights = {name: shape for name, shape in state.items() if "running" not in name and "num_batches" not in name}
    assert sum(int(np.prod(shape)) for shape in weights.values()) == 33_371_472  # as torchvision's page has it


def test_r3d18_is_wired_as_published(r3d18: Path) -> None:
    """Against the same computed step by step from the names of its weights."""
    import torch
    from torch.nn import functional

    from tracekit.metrics.video_features import open_r3d18

    state = torch.load(r3d18, weights_only=True)

    def normed(name: str, value: Any) -> Any:
        kept = (state[f"{name}.{of}"] for of in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(value, *kept)

    with torch.inference_mode():
        clip = torch.randn(1, 3, 16, 32, 32, generator=torch.Generator().manual_seed(1))
        found = open_r3d18(r3d18).network(clip)
        value = functional.conv3d(clip, state["stem.0.weight"], stride=(1, 2, 2), padding=(1, 3, 3))
        value = normed("stem.1", value).relu()
        for name in (f"layer{layer}.{block}" for layer in (1, 2, 3, 4) for block in (0, 1)):
            stride = 2 if f"{name}.downsample.0.weight" in state else 1
            inner = functional.conv3d(value, state[f"{name}.conv1.0.weight"], stride=stride, padding=1)
            inner = normed(f"{name}.conv1.1", inner).relu()
            inner = normed(f"{name}.conv2.1", functional.conv3d(inner, state[f"{name}.conv2.0.weight"], padding=1))
            if stride == 2:
                value = functional.conv3d(value, state[f"{name}.downsample.0.weight"], stride=2)
                value = normed(f"{name}.downsample.1", value)
            value = (inner + value).relu()
        assert found.std() > 0.1
        assert torch.allclose(found, functional.adaptive_avg_pool3d(value, 1).flatten(1), rtol=1e-4, atol=1e-4)


def test_features_of_a_clip_are_512_values_of_the_file_named(r3d18: Path) -> None:
    from tracekit.metrics.video_features import open_r3d18

    extract = open_r3d18(r3d18)
    found = extract(pictures(3, 40, 64))
    assert found.shape == (512,)
    assert found.dtype == np.float32
    assert not np.allclose(found, extract(pictures(3, 40, 64, seed=9)))
    assert extract.sha256 == measure(r3d18).sha256


def test_a_file_of_other_weights_and_none_at_all_are_refused(tmp_path: Path) -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    from tracekit.metrics.video_features import open_r3d18

    torch.save({"fc.weight": torch.ones(400, 512), "fc.bias": torch.ones(400)}, tmp_path / "fc.pth")
    with pytest.raises(TracekitError, match=r"other weights than expected.*stem\.0\.weight"):
        open_r3d18(tmp_path / "fc.pth")
    with pytest.raises(TracekitError, match="no such file of weights") as error:
        open_r3d18(tmp_path / "none.pth")
    assert "r3d_18" in error.value.remedy


@given(frames=st.integers(1, 300))
def test_a_clip_is_seen_in_sixteen_frames_from_first_to_last(frames: int) -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    from tracekit.metrics.video_features import clip_frames

    seen = clip_frames(frames).tolist()
    assert len(seen) == 16
    assert (seen[0], seen[-1]) == (0, frames - 1)
    steps = np.diff(seen)
    if frames < 16:
        assert seen == [*range(frames), *[frames - 1] * (16 - frames)]
    else:
        assert steps.min() >= 1
        assert steps.max() - steps.min() <= 1


@pytest.fixture
def i3d(tmp_path: Path) -> Path:
    """A program that is called as I3D is, and gives the mean of each frame's values again and again."""
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    class Means(torch.nn.Module):
        def forward(self, x: torch.Tensor, rescale: bool, resize: bool, return_features: bool) -> torch.Tensor:
            assert rescale
            assert resize
            assert return_features
            return x.mean(dim=(1, 3, 4)).repeat(1, 25)

    file = tmp_path / "i3d.pt"
    torch.jit.script(Means()).save(str(file))
    return file


def test_i3d_is_given_sixteen_frames_of_0_to_255_and_scales_them_itself(i3d: Path) -> None:
    from tracekit.metrics.video_features import open_i3d

    extract = open_i3d(i3d)
    assert extract(numbered(31)).reshape(25, 16)[3].tolist() == [4.0 * frame for frame in range(16)]
    assert extract.sha256 == measure(i3d).sha256


def test_a_program_that_is_called_otherwise_or_is_none_is_refused(i3d: Path, tmp_path: Path) -> None:
    import torch

    from tracekit.metrics.video_features import open_i3d

    torch.jit.script(torch.nn.Linear(4, 4)).save(str(i3d))
    with pytest.raises(TracekitError, match="does not take what I3D takes"):
        open_i3d(i3d)(numbered(16))
    i3d.write_bytes(b"no program")
    with pytest.raises(TracekitError, match="not a TorchScript"):
        open_i3d(i3d)
    with pytest.raises(TracekitError, match="no such file of weights"):
        open_i3d(tmp_path / "none.pt")


def test_no_frames_are_an_error(i3d: Path) -> None:
    from tracekit.metrics.video_features import open_i3d

    with pytest.raises(TracekitError, match="no frames"):
        open_i3d(i3d)(numbered(2)[:0])
