"""Which scores an evaluation asks for, made ready."""

from collections.abc import Callable
from typing import Any

from tracekit.core.errors import TracekitError
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.picture_scores import AfterActions, Frechet, Perceptual, Psnr, Ssim
from tracekit.evaluate.score import Score
from tracekit.evaluate.text_scores import Arithmetic, Cursor, GridText, Ocr, Texts
from tracekit.metrics.frames import EVERY_FRAME, PAPER_GLOBAL


def open_scores(config: EvaluateConfig) -> tuple[dict[str, Score], dict[str, str]]:
    """The scores that an evaluation asks for, ready to be used.

    Returns:
        scores by name; and of those that can't be run, asked for by ``all`` and not by name, why not.

    Raises:
        TracekitError: one that is asked for by name can't be run.
    """
    texts = Texts()
    sampling = PAPER_GLOBAL if config.sampling == "paper" else EVERY_FRAME
    openers: dict[str, Callable[[Any], Score]] = {
        "psnr": lambda _: Psnr(sampling, config.first_frame),
        "ssim": lambda _: Ssim(sampling, config.first_frame),
        "lpips": lambda options: Perceptual(options, sampling),
        "fvd": lambda options: Frechet(options, sampling),
        "after_actions": lambda options: AfterActions(options, config),
        "ocr": lambda options: Ocr(texts, options),
        "grid": lambda options: GridText(texts, options),
        "cursor": lambda options: Cursor(options),
        "arithmetic": lambda _: Arithmetic(texts),
    }
    ready: dict[str, Score] = {}
    not_run: dict[str, str] = {}
    for name, options in config.scores.asked(openers).items():
        try:
            ready[name] = openers[name](options)
        except TracekitError as error:
            if getattr(config.scores, name) is not None:
                raise TracekitError(
                    error.message, place=error.place or f"scores.{name}", remedy=error.remedy
                ) from error
            not_run[name] = str(error)
    return ready, not_run
