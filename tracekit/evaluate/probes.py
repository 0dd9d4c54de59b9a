"""Scores that are of no pair of videos: of captions, of a model's autoencoder, of a data set. They run if named."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.evaluate.config import DataScore, EvaluateConfig, TiersScore, VaeFontsScore
from tracekit.evaluate.pairs import INDEX
from tracekit.evaluate.score import with_package
from tracekit.metrics.data_scores import data_scores
from tracekit.metrics.frames import Pair
from tracekit.metrics.picture import mse, psnr_db, ssim
from tracekit.metrics.tiers import compare_tiers
from tracekit.metrics.vae_fonts import font_scores

Progress = Callable[[str, int, int], None]


def run_probes(config: EvaluateConfig, out: Folder, progress: Progress) -> dict[str, Any]:
    """What is asked for by name, as values of JSON by the names of the scores.

    Raises:
        TracekitError: one is asked for that the evaluation can't have.
    """
    scores, found = config.scores, dict[str, Any]()
    if scores.data:
        found["data"] = _data(scores.data, config)
    if scores.vae_fonts:
        found["vae_fonts"] = _vae_fonts(scores.vae_fonts, config, progress)
    if scores.tiers:
        found["tiers"] = _tiers(scores.tiers, config, out, progress)
    return found


def _data(options: DataScore, config: EvaluateConfig) -> dict[str, Any]:
    url = config.pairs.truth if config.pairs else config.data.shards
    if config.model and not url:
        from tracekit.evaluate.model import find_model  # with torch

        url = find_model(config.model).config.data.shards
    if url is None or not Folder(url).exists(INDEX):
        raise TracekitError("this is not the folder of a data set", place="scores.data", remedy=f"it has no {INDEX}")
    return asdict(data_scores(url, shards=options.shards))


def _vae_fonts(options: VaeFontsScore, config: EvaluateConfig, progress: Progress) -> dict[str, Any]:
    assert config.model
    with_package("torch", "vae_fonts")
    from tracekit.evaluate.model import Model, find_model

    model = Model(find_model(config.model))
    canvas_px = model.config.data.width_px, model.config.data.height_px
    sizes, rows = options.sizes_px, []
    for done, size_px in enumerate(sizes):
        progress("vae_fonts", done, len(sizes))
        rows += [asdict(score) for score in font_scores(model.recoded, [size_px], canvas_px)]
    progress("vae_fonts", len(sizes), len(sizes))
    return {"canvas_px": list(canvas_px), "sizes": rows}


def _tiers(options: TiersScore, config: EvaluateConfig, out: Folder, progress: Progress) -> dict[str, Any]:
    with_package("torch", "tiers")
    from tracekit.evaluate.rollout import FOLDER, make_rollouts

    by_tier: dict[str, dict[str, tuple[float | None, float | None]]] = {}
    for tier in options.tiers:
        asked = config.model_copy(update={"data": config.data.model_copy(update={"tier": tier, "probe": None})})
        found = make_rollouts(asked, out, progress, f"{FOLDER}-{tier}")
        by_tier[tier] = {key: _of_pictures(read().pair) for key, read in found.cases.items()}
    return {
        name: asdict(
            compare_tiers(
                {tier: {key: values[place] for key, values in clips.items()} for tier, clips in by_tier.items()},
                seed=config.seed,
            )
        )
        for place, name in enumerate(("psnr", "ssim"))
    }


def _of_pictures(pair: Pair) -> tuple[float | None, float | None]:
    """PSNR and SSIM."""
    return psnr_db(float(mse(pair.truth, pair.predicted).mean())), float(ssim(pair.truth, pair.predicted).mean())
