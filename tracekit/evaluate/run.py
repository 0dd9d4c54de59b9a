"""An evaluation from its configuration to its scores: pair after pair, nothing lost in silence."""

from collections.abc import Callable, Iterator, Mapping

from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.pairs import Case, Found, Refused, find_pairs
from tracekit.evaluate.probes import run_probes
from tracekit.evaluate.report import report
from tracekit.evaluate.results import NAME, ClipScores, Rejection, Scores, Summary, summed_up, tools
from tracekit.evaluate.score import Score, with_package
from tracekit.evaluate.scores import open_scores

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
    found = _found(config, out, progress)
    details = run_probes(config, out, progress)
    clips, refused = [], list(found.refused)
    for done, (key, read) in enumerate(found.cases.items()):
        progress("scores", done, len(found.cases))
        try:
            clips.append(_scored(read(), ready))
        except TracekitError as error:
            refused.append(Refused(key, error.reason if isinstance(error, Rejected) else "unreadable", str(error)))
    progress("scores", len(found.cases), len(found.cases))
    details |= {name: told for name, score in ready.items() if (told := score.told())}
    if found.made_with:
        details["rollouts"] = found.made_with
    scores = Scores(
        of="pairs" if config.pairs else "model",
        config=config.model_dump(mode="json", exclude_none=True),
        tools=tools(),
        asked=found.asked,
        summary={**summed_up(clips, resamples=config.resamples, seed=config.seed), **dict(_wholes(ready))},
        clips=clips,
        rejected=[Rejection(**one._asdict()) for one in sorted(refused)],
        not_run=not_run,
        notes=list(found.notes),
        details=details,
    )
    out.write(REPORT, report(scores, found.cases, config.pictures))
    out.write(NAME, to_json(scores.model_dump(mode="json")))  # last: where it is, all else is
    return scores


def _found(config: EvaluateConfig, out: Folder, progress: Progress) -> Found:
    if config.pairs:
        return find_pairs(config.pairs.truth, config.pairs.predicted, resize=config.pairs.resize)
    with_package("torch", "a model")
    from tracekit.evaluate.rollout import make_rollouts  # pairs do without it

    return make_rollouts(config, out, progress)


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
            notes[name] = str(error)
            continue
        values.update(outcome.values)
        by_frame.update(outcome.by_frame)
        compared = list(outcome.compared) or compared
        if outcome.note:
            notes[name] = outcome.note
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
