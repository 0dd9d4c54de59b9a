"""LPIPS and FVD within an evaluation. The weights are random: the way is tested, and no figure means anything."""

from pathlib import Path

import numpy as np
import pytest
from load.clip_sets import clip_set, need_torch
from recorded_sets import altered

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.evaluate.config import EvaluateConfig, FvdScore
from tracekit.evaluate.picture_scores import FeaturePairs
from tracekit.evaluate.results import Scores
from tracekit.evaluate.run import evaluate
from tracekit.metrics.frames import Pair

SHAPES = {0: (64, 3, 11), 3: (192, 64, 5), 6: (384, 192, 3), 8: (256, 384, 3), 10: (256, 256, 3)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The options of both scores, with files of the right shapes."""
    need_torch()
    import torch

    from tracekit.metrics.r3d18 import R3d18

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    backbone = {f"features.{n}.weight": torch.randn(out, of, k, k) / 30 for n, (out, of, k) in SHAPES.items()}
    backbone |= {f"features.{n}.bias": torch.zeros(out) for n, (out, *_) in SHAPES.items()}
    torch.save(backbone, folder / "alexnet.pth")
    heads = {f"lin{n}.model.1.weight": torch.rand(1, out, 1, 1) for n, (out, *_) in enumerate(SHAPES.values())}
    torch.save(heads, folder / "alex.pth")
    torch.save(R3d18().state_dict(), folder / "r3d_18.pth")
    return {
        "lpips": {"backbone": str(folder / "alexnet.pth"), "linear": str(folder / "alex.pth")},
        "fvd": {"weights": str(folder / "r3d_18.pth")},
    }


def run(truth: Path, predicted: Path, out: Path, weights: dict[str, dict[str, str]]) -> Scores:
    config = EvaluateConfig.model_validate({
        "pairs": {"truth": str(truth), "predicted": str(predicted)},
        "scores": {**weights, "after_actions": {}},
        "resamples": 100,
        "pictures": 0,
    })  # fmt: skip
    return evaluate(config, Folder(out), lambda what, done, total: None)


def test_videos_are_at_a_distance_and_what_it_was_measured_with_is_told(
    weights: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    truth = clip_set(tmp_path / "set", clips=1)
    scores = run(truth, altered(truth, tmp_path / "made", lambda picture: 255 - picture), tmp_path / "out", weights)
    for name in ("lpips", "lpips_15", "fvd", "fvd_15"):
        found = scores.summary[name]
        assert found.clips == 2
        assert found.value is not None
        assert found.value > 1e-5
    assert "the same number of clips alone" in scores.summary["fvd"].note
    assert len(scores.details["fvd"]["weights_sha256"]) == len(scores.details["lpips"]["heads_sha256"]) == 64


def test_a_pair_of_which_one_video_can_not_be_seen_is_in_neither_set(weights: dict[str, dict[str, str]]) -> None:
    seen = FeaturePairs(FvdScore(weights=weights["fvd"]["weights"]))
    one, none = np.zeros((2, 16, 16, 3), np.uint8), np.zeros((0, 16, 16, 3), np.uint8)
    with pytest.raises(TracekitError, match="no frames"):
        seen.add(Pair(one, none, np.arange(2), 2, 0))
    assert seen.distance().clips == 0
