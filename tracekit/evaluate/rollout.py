"""Open-loop rollouts: what a model makes of recorded clips, from their first frame, caption and logged actions.

    rollouts/KEY.mp4    what it made: H.264 in 4:4:4, coded without loss; what turning RGB into Y'CbCr cost is told
    rollouts/KEY.json   what it was given: model, caption, seed, steps, guidance; written last, so where it is, both are

All of a clip is made at once, with the actions that were logged, whatever the model shows: Neural Computers, section 3.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import tracekit
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import Folder, digest, to_json
from tracekit.evaluate.coding import encoded
from tracekit.evaluate.config import EvaluateConfig, ProbeSection
from tracekit.evaluate.model import Asked
from tracekit.evaluate.pairs import INDEX, Case, Found, Refused, case_of_clip, clip_places, stored_clip
from tracekit.evaluate.score import with_package
from tracekit.load.sample import make_sample
from tracekit.metrics.frames import Video, read_video
from tracekit.shards.read import StoredSample
from tracekit.shards.write import Place
from tracekit.train.config import DataSection, ModelSection
from tracekit.train.examples import Maker, wanted_of
from tracekit.train.tensors import Examples
from tracekit.video.quality import psnr

FOLDER = "rollouts"
PROBES = "probes"
TINY = (
    "These videos are of wan-tiny, whose encoders and decoder have random weights: their scores tell that the "
    "evaluation runs, and nothing of quality."
)


def make_rollouts(
    config: EvaluateConfig,
    asked: Asked,
    out: Folder,
    progress: Callable[[str, int, int], None],
    folder: str = FOLDER,
    *,
    captioned: bool = False,
) -> Found:
    """Make the videos that are not there yet, each beside what it was made with.

    Args:
        config: of the evaluation; it has a ``model``.
        asked: that model.
        out: the folder of the evaluation, a local one.
        progress: who is told.
        folder: in it.
        captioned: refuse clips that lack the caption; else they are rolled out with an empty one, as in training.

    Raises:
        TracekitError: the model or the data set can't be used, memory does not do, or ``out`` is not local.
    """
    assert config.model is not None
    if not out.local:
        raise TracekitError("rollouts are made into a local folder", place=out.url, remedy="copy it afterwards")
    source = asked.source
    data = source.config.data.model_copy(
        update={
            "split": config.data.split,
            **({"shards": config.data.shards} if config.data.shards else {}),
            **({"tier": config.data.tier} if config.data.tier else {}),
        }
    )
    if config.data.probe:
        data = probe_set(config.data.probe, data, out)
    dataset = Folder(data.shards)
    places = chosen(dataset, data.split, config.data.clips)
    recipe = {
        "model": {"run": config.model.run, "checkpoint": source.name, "sha256": source.sha256()},
        "injection": actions.injection if (actions := source.config.model.actions) else None,
        "tier": data.tier,
        "steps": config.model.steps,
        "guidance": config.model.guidance,
        "seed": config.model.seed,
        "size_px": [data.width_px, data.height_px],
        "frames": data.frames,
        "tracekit": tracekit.__version__,
    }
    cases: dict[str, Callable[[], Case]] = {}
    refused = []
    for done, (key, (shard, place)) in enumerate(places.items()):
        progress("rollouts", done, len(places))
        path = Path(out.path(f"{folder}/{key}.mp4"))
        try:
            stored = stored_clip(dataset, shard, place)
            given = {**recipe, "clip_sha256": sha256_of(stored)}
            made = _is_made(out, f"{folder}/{key}", given)
            examples, frames = (None, 0) if made else example(stored, data, source.config.model)
            if captioned and examples and not examples.captions[0]:
                raise Rejected("no-caption", f"it has no {data.tier} caption", place=key)
        except TracekitError as error:
            refused.append(Refused.of(key, error))
            continue
        if examples is not None:
            video = asked.model.rollout(examples, config.model, [seed_of(config.model.seed, key)])[0, :frames].numpy()
            write(out, f"{folder}/{key}", video, {**given, "caption": examples.captions[0]})
        cases[key] = partial(case_of_clip, dataset, shard, place, path, False)
    progress("rollouts", len(places), len(places))
    notes = (TINY,) if source.config.model.backbone == "wan-tiny" else ()
    return Found(cases, refused, len(places), {**recipe, "shards": dataset.url, "split": data.split}, notes)


def chosen(dataset: Folder, split: str, clips: int | None) -> dict[str, tuple[str, Place]]:
    """Clips of a split, and where they lie: so many by the hashes of their keys, in the order of their keys.

    Raises:
        TracekitError: it is no data set, or the split has none.
    """
    if not dataset.exists(INDEX):
        raise TracekitError("this is not the folder of a data set", place=dataset.path(INDEX), remedy="set data.shards")
    places = dict(clip_places(dataset, split=split))
    if not places:
        raise TracekitError(f"the split {split} has no clips", place=dataset.url, remedy="set data.split")
    keys = sorted(places, key=lambda key: hashlib.sha256(key.encode()).digest())[:clips]
    return {key: places[key] for key in sorted(keys)}


def example(stored: StoredSample, data: DataSection, model: ModelSection) -> tuple[Examples, int]:
    """A clip as the model is given it, and how many of the frames are the clip's.

    Raises:
        TracekitError: the clip is damaged, or lacks what the model is given.
    """
    sample = make_sample(stored, wanted_of(data, model))
    return Maker.of(data, model).example(sample, None), int(sample["frame_mask"].sum())


def sha256_of(stored: StoredSample) -> str:
    """Of all that a clip is: its ``KEY.json`` has the captions, and the hashes of the other members.

    Raises:
        TracekitError: it is missing.
    """
    if "json" not in stored.files:
        raise TracekitError("the clip has no member .json", place=stored.key)
    return hashlib.sha256(stored.files["json"]).hexdigest()


def seed_of(seed: int, key: str) -> int:
    """Of a clip's noise, 63 bits: it does not depend on which other clips there are."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:8], "big") >> 1


def probe_set(section: ProbeSection, data: DataSection, out: Folder) -> DataSection:
    """Questions of the arithmetic probe as a data set in ``out``, that looks as the run's own does.

    Raises:
        TracekitError: the run's data set does not say how it looks, or the questions do not fit its canvas.
    """
    with_package("rapidfuzz", "data.probe", "evaluate")
    from tracekit.metrics.arithmetic import questions
    from tracekit.metrics.arithmetic_set import SessionFilms, write_probe_set

    name = f"{PROBES}/{digest({**section.model_dump(), 'like': data.shards})[:12]}"
    if not out.exists(f"{name}/{INDEX}"):
        asked = questions(section.questions, section.seed)
        write_probe_set(out.path(name), asked, SessionFilms.like(data.shards), reprompted=section.reprompted)
    return data.model_copy(update={"shards": out.path(name), "split": "validation", "tier": "script"})


def _is_made(out: Folder, name: str, recipe: dict[str, Any]) -> bool:
    """Whether a clip's video is there, made with the same."""
    if not (out.exists(f"{name}.json") and out.exists(f"{name}.mp4")):
        return False
    try:
        told = json.loads(out.read(f"{name}.json"))
    except ValueError:
        return False
    return isinstance(told, dict) and all(told.get(key) == value for key, value in recipe.items())


def write(out: Folder, name: str, made: Video, told: dict[str, Any]) -> None:
    """Write a clip's video, and then what it was made with."""
    coded = encoded(made)
    out.remove(f"{name}.json")
    out.write(f"{name}.mp4", coded)
    cost = psnr(made, read_video(coded).video)
    out.write(f"{name}.json", to_json({**told, "coding_psnr_db": round(cost, 2) if np.isfinite(cost) else None}))
