"""Scores of pictures: PSNR, SSIM, LPIPS, FVD, and those of the frames after actions."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tracekit.evaluate.config import AfterActionsScore, EvaluateConfig, FvdScore, LpipsScore
from tracekit.evaluate.pairs import Case
from tracekit.evaluate.score import OfClips, Outcome, Whole, needed, with_package
from tracekit.metrics.after_actions import after_actions, sample_action_times_ns
from tracekit.metrics.frames import EVERY_FRAME, PAPER_AFTER_ACTIONS, Pair, Sampling, Video
from tracekit.metrics.picture import mse, psnr_db, ssim


@dataclass
class Psnr(OfClips):
    """Of each frame, and of the mean squared error of all of a clip's."""

    sampling: Sampling
    first_frame: bool

    def clip(self, case: Case) -> Outcome:
        """Of equal frames it is infinite, and so undefined."""
        pair = case.sampled(self.sampling)
        errors = mse(pair.truth, pair.predicted)
        values = {"psnr": psnr_db(float(errors.mean()))}
        if self.first_frame:
            values["psnr_first_frame"] = psnr_db(float(mse(pair.truth, standing(pair.truth)).mean()))
        note = "" if values["psnr"] is not None else "all frames are equal: PSNR is infinite"
        return Outcome(values, {"psnr": [psnr_db(error) for error in errors.tolist()]}, pair.numbers.tolist(), note)


@dataclass
class Ssim(OfClips):
    """Of each frame, and their mean."""

    sampling: Sampling
    first_frame: bool

    def clip(self, case: Case) -> Outcome:
        """Structural similarity."""
        pair = case.sampled(self.sampling)
        similar = ssim(pair.truth, pair.predicted)
        values: dict[str, float | None] = {"ssim": float(similar.mean())}
        if self.first_frame:
            values["ssim_first_frame"] = float(ssim(pair.truth, standing(pair.truth)).mean())
        return Outcome(values, {"ssim": similar.tolist()}, pair.numbers.tolist())


class Perceptual(OfClips):
    """LPIPS.

    Raises:
        TracekitError: its weights are not given, or not there.
    """

    def __init__(self, options: LpipsScore, sampling: Sampling) -> None:
        self.sampling, self.network = sampling, open_lpips(options)

    def clip(self, case: Case) -> Outcome:
        """Of each frame, and their mean."""
        found = self.network.scores(case.sampled(self.sampling))
        return Outcome({"lpips": found.mean_lpips}, {"lpips": found.lpips}, found.frames)

    def told(self) -> dict[str, Any]:
        """Hashes of the weights."""
        return {"backbone_sha256": self.network.backbone_sha256, "heads_sha256": self.network.heads_sha256}


class Frechet:
    """FVD, of all frames of all clips.

    Raises:
        TracekitError: its weights are not given, or not there.
    """

    def __init__(self, options: FvdScore, sampling: Sampling) -> None:
        self.sampling, self.features = sampling, FeaturePairs(options)

    def clip(self, case: Case) -> Outcome:
        """Its features are kept; a clip by itself has no such distance."""
        self.features.add(case.sampled(self.sampling))
        return Outcome({})

    def whole(self) -> dict[str, Whole]:
        """The distance of the two sets."""
        return {"fvd": self.features.distance()}

    def told(self) -> dict[str, Any]:
        """What sees the videos, and the hash of its weights."""
        return self.features.told()


class FeaturePairs:
    """What a network of videos sees of true and of predicted clips."""

    def __init__(self, options: FvdScore) -> None:
        weights = needed(options.weights, "fvd", "weights", "torchvision's r3d_18, or I3D as TorchScript")
        with_package("torch", "fvd")
        from tracekit.metrics.video_features import open_i3d, open_r3d18

        self._extract = (open_r3d18 if options.features == "r3d18" else open_i3d)(weights)
        self._truth: list[Any] = []
        self._predicted: list[Any] = []

    def add(self, pair: Pair) -> None:
        """One clip more."""
        truth, predicted = self._extract(pair.truth), self._extract(pair.predicted)
        self._truth.append(truth)
        self._predicted.append(predicted)

    def distance(self) -> Whole:
        """Of all that were added; undefined of fewer than two."""
        from tracekit.metrics.fvd import fvd_score

        clips = len(self._truth)
        if clips < 2:
            return Whole(None, clips, "a distance of sets takes two clips or more")
        found = fvd_score(np.stack(self._truth), np.stack(self._predicted), self._extract.name, self._extract.sha256)
        few = f"of {clips} clips and {found.dimensions} features: compare it with the same number of clips alone"
        return Whole(found.fvd, clips, "" if found.full_rank else few)

    def told(self) -> dict[str, Any]:
        """The network and the hash of its weights."""
        return {"features": self._extract.name, "weights_sha256": self._extract.sha256}


class AfterActions:
    """SSIM+15; with the weights of lpips and fvd LPIPS+15 and FVD+15."""

    def __init__(self, options: AfterActionsScore, config: EvaluateConfig) -> None:
        self.rule, lpips, fvd = options.rule, config.scores.lpips, config.scores.fvd
        self.sampling = PAPER_AFTER_ACTIONS if config.sampling == "paper" else EVERY_FRAME
        self.network = open_lpips(lpips) if lpips and lpips.backbone else None
        self.features = FeaturePairs(fvd) if fvd and fvd.weights else None

    def clip(self, case: Case) -> Outcome:
        """Of the frames after actions; undefined of a clip without any."""
        events = case.files.get("events.jsonl")
        if events is None:
            return Outcome({"ssim_15": None}, note="no actions are known of it: it is not a data set's clip")
        times_ns = sample_action_times_ns(str(case.described.get("kind")), events)
        pair = after_actions(case.sampled(self.sampling), times_ns, self.rule)
        if pair is None:
            return Outcome({"ssim_15": None}, note="nothing is done in it, or only at its end")
        values: dict[str, float | None] = {"ssim_15": float(ssim(pair.truth, pair.predicted).mean())}
        if self.network:
            values["lpips_15"] = self.network.scores(pair).mean_lpips
        if self.features:
            self.features.add(pair)
        return Outcome(values)

    def whole(self) -> dict[str, Whole]:
        """The distance of what comes after actions."""
        return {"fvd_15": self.features.distance()} if self.features else {}

    def told(self) -> dict[str, Any]:
        """The rule."""
        return {"rule": self.rule}


def standing(video: Video) -> Video:
    """A video whose first frame stands still."""
    return np.broadcast_to(video[:1], video.shape)


def open_lpips(options: LpipsScore) -> Any:
    """LPIPS with its weights.

    Raises:
        TracekitError: they are not given, or not there.
    """
    backbone = needed(options.backbone, "lpips", "backbone", "torchvision's AlexNet (alexnet-owt-*.pth)")
    linear = needed(options.linear, "lpips", "linear", "the linear layers of LPIPS 0.1 (alex.pth)")
    with_package("torch", "lpips")
    from tracekit.metrics.lpips import Lpips

    return Lpips(backbone, linear)
