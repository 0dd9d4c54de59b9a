"""Scores that are of no pair of videos: of captions, of a model's autoencoder, of a data set. They run if named."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.evaluate.config import DataScore, EvaluateConfig, TiersScore, VaeFontsScore
from tracekit.evaluate.pairs import INDEX, Refused
from tracekit.metrics.data_scores import data_scores
from tracekit.metrics.frames import Pair
from tracekit.metrics.picture import mse, psnr_db, ssim
from tracekit.metrics.tiers import compare_tiers
from tracekit.metrics.vae_fonts import font_scores

if TYPE_CHECKING:
    from tracekit.evaluate.model import Asked

Progress = Callable[[str, int, int], None]


def run_probes(config: EvaluateConfig, model: "Asked | None", out: Folder, progress: Progress) -> dict[str, Any]:
    """What is asked for by name, as values of JSON by the names of the scores.

    Args:
        config: of the evaluation.
        model: that it is of; None: it is of pairs.
        out: the folder of the evaluation.
        progress: who is told.

    Raises:
        TracekitError: one is asked for that the evaluation can't have, or memory does not do.
    """
    scores, found = config.scores, dict[str, Any]()
    if scores.data:
        found["data"] = _data(scores.data, config, model)
    if scores.vae_fonts and model:
        found["vae_fonts"] = _vae_fonts(scores.vae_fonts, model, progress)
    if scores.tiers and model:
        found["tiers"] = _tiers(scores.tiers, config, model, out, progress)
    return found


def _data(options: DataScore, config: EvaluateConfig, model: "Asked | None") -> dict[str, Any]:
    url = config.pairs.truth if config.pairs else config.data.shards
    if model and not url:
        url = model.source.config.data.shards
    if url is None or not Folder(url).exists(INDEX):
        remedy = f"scores.data is of a folder that holds {INDEX}"
        raise TracekitError("this is not the folder of a data set", place=str(url), remedy=remedy)
    return asdict(data_scores(url, shards=options.shards))


def _vae_fonts(options: VaeFontsScore, model: "Asked", progress: Progress) -> dict[str, Any]:
    data = model.source.config.data
    canvas_px = data.width_px, data.height_px
    sizes, rows = options.sizes_px, []
    for done, size_px in enumerate(sizes):
        progress("vae_fonts", done, len(sizes))
        rows += [asdict(score) for score in font_scores(model.model.recoded, [size_px], canvas_px)]
    progress("vae_fonts", len(sizes), len(sizes))
    return {"canvas_px": list(canvas_px), "sizes": rows}


def _tiers(
    options: TiersScore, config: EvaluateConfig, model: "Asked", out: Folder, progress: Progress
) -> dict[str, Any]:
    from tracekit.evaluate.rollout import FOLDER, make_rollouts

    by_tier: dict[str, dict[str, tuple[float | None, float | None]]] = {}
    recordings: dict[str, str] = {}
    refused: dict[str, list[Refused]] = {}
    for tier in options.tiers:
        asked = config.model_copy(update={"data": config.data.model_copy(update={"tier": tier, "probe": None})})
        found = make_rollouts(asked, model, out, progress, f"{FOLDER}-{tier}", captioned=True)
        by_tier[tier], refused[tier] = {}, found.refused
        for key, read in found.cases.items():
            try:
                case = read()
                by_tier[tier][key] = _of_pictures(case.pair)
            except TracekitError as error:
                refused[tier].append(Refused.of(key, error))
            else:
                recordings[key] = case.recording
    compared = {
        name: asdict(
            compare_tiers(
                {tier: {key: values[place] for key, values in clips.items()} for tier, clips in by_tier.items()},
                recordings,
                seed=config.seed,
                resamples=config.resamples,
            )
        )
        for place, name in enumerate(("psnr", "ssim"))
    }
    return {**compared, "refused": {tier: [one._asdict() for one in of] for tier, of in refused.items()}}


def _of_pictures(pair: Pair) -> tuple[float | None, float | None]:
    """PSNR and SSIM."""
    return psnr_db(float(mse(pair.truth, pair.predicted).mean())), float(ssim(pair.truth, pair.predicted).mean())
