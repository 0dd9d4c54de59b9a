"""An evaluation from its configuration to its scores: pair after pair, nothing lost in silence."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.measures import MEASURES
from tracekit.evaluate.pairs import Case, Found, Refused, find_pairs
from tracekit.evaluate.probes import run_probes
from tracekit.evaluate.report import report
from tracekit.evaluate.results import NAME, ClipScores, Rejection, Scores, Summary, summed_up, tools
from tracekit.evaluate.score import Score, with_package
from tracekit.evaluate.scores import open_scores

if TYPE_CHECKING:
    from tracekit.evaluate.model import Asked

REPORT = "report.html"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and how much there is."""


def evaluate(config: EvaluateConfig, out: Folder, progress: Progress) -> Scores:
    """Score pairs of videos, or a model, and write ``scores.json`` and ``report.html``.

    A pair that can't be read is recorded with the reason and passed over, and so is a score of a clip that it can't be
    had of. Rollouts that are in ``out`` already are not made again.

    Args:
        config: what is evaluated, and by what.
        out: where to.
        progress: who is told.

    Raises:
        TracekitError: there is nothing to evaluate, a score that is asked for by name can't be run, or ``out`` can't be
            written.
    """
    ready, not_run = open_scores(config)
    model = _model(config)
    found = _found(config, model, out, progress)
    details = run_probes(config, model, out, progress)
    clips, refused = [], list(found.refused)
    for done, (key, read) in enumerate(found.cases.items()):
        progress("scores", done, len(found.cases))
        try:
            clips.append(_scored(read(), ready))
        except TracekitError as error:
            refused.append(Refused.of(key, error))
    progress("scores", len(found.cases), len(found.cases))
    details |= {name: told for name, score in ready.items() if (told := score.told())}
    if found.made_with:
        details["rollouts"] = found.made_with
    scores = Scores(
        of="pairs" if config.pairs else "model",
        config=config.model_dump(mode="json", exclude_none=True),
        tools=tools(),
        asked=found.asked,
        summary=_in_order({**summed_up(clips, resamples=config.resamples, seed=config.seed), **dict(_wholes(ready))}),
        clips=clips,
        rejected=[Rejection(**one._asdict()) for one in sorted(refused)],
        not_run=not_run,
        notes=[*found.notes, *_cut_off(clips)],
        details=details,
    )
    out.write(REPORT, report(scores, found.cases, config.pictures))
    out.write(NAME, to_json(scores.model_dump(mode="json")))  # last: where it is, all else is
    return scores


def _model(config: EvaluateConfig) -> "Asked | None":
    """The model, if one is evaluated; pairs do without what it needs."""
    if config.model is None:
        return None
    for package in ("torch", "diffusers", "transformers", "accelerate", "peft"):
        with_package(package, "a model")
    from tracekit.evaluate.model import Asked

    return Asked(config.model)


def _found(config: EvaluateConfig, model: "Asked | None", out: Folder, progress: Progress) -> Found:
    if model is None:
        assert config.pairs
        return find_pairs(config.pairs.truth, config.pairs.predicted, resize=config.pairs.resize)
    from tracekit.evaluate.rollout import make_rollouts

    return make_rollouts(config, model, out, progress)


def _scored(case: Case, ready: Mapping[str, Score]) -> ClipScores:
    """One pair by all scores.

    Raises:
        TracekitError: it can't be read.
    """
    pair = case.pair
    values: dict[str, float | None] = {}
    by_frame: dict[str, list[float | None]] = {}
    compared: list[int] = []
    notes: dict[str, str] = {}
    for name, score in ready.items():
        try:
            outcome = score.clip(case)
        except TracekitError as error:
            values.update(dict.fromkeys(_main(name)))
            notes[name] = str(error)
            continue
        values.update({measure: _finite(value) for measure, value in outcome.values.items()})
        by_frame.update({measure: [_finite(value) for value in of] for measure, of in outcome.by_frame.items()})
        compared = list(outcome.compared) or compared
        if note := outcome.note or ("" if _all_finite(outcome.values) else "it is not a finite number"):
            notes[name] = note
    return ClipScores(
        key=case.key,
        recording=case.recording,
        frames=pair.frames,
        truth_frames=pair.truth_frames,
        predicted_frames=pair.predicted_frames,
        values=values,
        compared=compared,
        by_frame=by_frame,
        notes=notes,
    )


def _wholes(ready: Mapping[str, Score]) -> Iterator[tuple[str, Summary]]:
    """What is of all clips together, by measure."""
    for score in ready.values():
        for name, whole in score.whole().items():
            yield name, Summary(value=whole.value, clips=whole.clips, note=whole.note)


def _main(name: str) -> Iterator[str]:
    """The measure of a clip that a score can't do without: it is null where the score fails."""
    yield from [one for one, measure in MEASURES.items() if measure.score == name and measure.of == "clips"][:1]


def _finite(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


def _all_finite(values: Mapping[str, float | None]) -> bool:
    return all(value is None or math.isfinite(value) for value in values.values())


def _in_order(summary: Mapping[str, Summary]) -> dict[str, Summary]:
    return {name: summary[name] for name in MEASURES if name in summary}


def _cut_off(clips: Sequence[ClipScores]) -> Iterator[str]:
    """What of the true videos was not compared, for want of predicted frames; or the other way round."""
    for whose, other, lost in (
        ("true", "predicted", [clip.truth_frames - clip.frames for clip in clips]),
        ("predicted", "true", [clip.predicted_frames - clip.frames for clip in clips]),
    ):
        if any(lost):
            yield (
                f"{sum(lost):,} frames at the ends of {sum(map(bool, lost)):,} {whose} videos are not compared: the "
                f"{other} ones are shorter."
            )
