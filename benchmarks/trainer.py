"""What a training step waits for, and what injections of actions add to it: measured on a CPU with one thread.

    python benchmarks/trainer.py DATASET [--desktops DATASET] [--clips 16] [--steps 12] [--rounds 5] [--json FILE]

The model is wan-tiny, Wan's own classes with 0.2 million parameters, whose steps take a fraction of a second where a
real model's take many. What carries over is the first table, what the data costs a clip of real size: decoded from its
video, or read from the cache as latents of Wan's shapes (their values are random, their bytes are not fewer).
`benchmarks/paper_runs.py` reckons with it. The other two are of the tiny model on smaller clips: the share of a step
that the loop waits for data, as its own log tells, and steps with each injection, in turn. DATASET needs some clips
with input, such as those of recipes/demo.yaml; --desktops names one of desktops, which are decoded with their actions
and with the cursor drawn by itself. Times are medians; other work on the machine shows in wall times most.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from tracekit.train.config import ModelSection, TrainConfig
    from tracekit.train.latent_cache import LatentCache
    from tracekit.train.learner import Learner
    from tracekit.train.tensors import Examples

REAL = {"frames": 77, "width_px": 832, "height_px": 480}
DESKTOP = {"frames": 77, "width_px": 832, "height_px": 624}
SMALL = {"frames": 77, "width_px": 256, "height_px": 144}
TINY = {"frames": 17, "width_px": 96, "height_px": 64}
REAL_FEATURES = ((257, 1280), 4096)
"""Of Wan2.1: CLIP ViT-H/14's of a picture, and how wide umT5-XXL's of a token are."""
TINY_FEATURES = ((17, 32), 32)
"""Of wan-tiny."""
CAPTION_TOKENS = 200
"""Assumed of a caption of 76 words, the mean of detailed ones in the paper's Table 3."""
WARM = 2
"""Clips, or steps, that are not counted."""


class Cost(NamedTuple):
    """Of one clip."""

    processor_ms: float
    wall_ms: float


class Waiting(NamedTuple):
    """Of one step, as the log tells."""

    step_ms: float
    data_ms: float
    encode_ms: float


class Step(NamedTuple):
    """Of the tiny model."""

    processor_ms: float
    parameters: int
    tokens: int
    """In a block."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="folder of a data set")
    parser.add_argument("--desktops", metavar="DATASET", help="folder of a data set of desktops")
    parser.add_argument("--clips", type=int, default=16, help="of real size that are loaded, besides the first ones")
    parser.add_argument("--steps", type=int, default=12, help="of a run that are measured, after as many")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it remarks on packages that nothing here uses
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        data = data_costs(options.dataset, options.desktops, options.clips, Path(folder))
        print()
        waiting = all_waiting(options.dataset, options.steps, options.rounds, Path(folder))
        print()
        steps = all_steps(options.dataset, options.rounds)
    if options.json:
        found = {
            "clip": REAL,
            "data": data,
            "waiting": {name: one._asdict() for name, one in waiting.items()},
            "injections": {name: one._asdict() for name, one in steps.items()},
        }
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def data_costs(dataset: str, desktops: str | None, clips: int, folder: Path) -> dict[str, float]:
    """What a clip of real size costs, decoded and from the cache."""
    from tracekit.train.config import ActionSection, CursorSection, ModelSection
    from tracekit.train.latent_cache import LatentCache

    cache = LatentCache(str(folder / "real"), "shapes of Wan2.1")
    decoded = cost_a_clip(batches(dataset, REAL), clips)
    fill(cache, dataset, REAL, REAL_FEATURES, clips + WARM)
    costs = {
        f"decoded, {named(REAL)}": decoded,
        f"latents of {named(REAL)}": (read := cost_a_clip(batches(dataset, REAL, cache), clips)),
    }
    found = {"decode_ms": decoded.processor_ms, "cached_ms": read.processor_ms, "sample_kb": mean_kb(dataset)}
    if desktops:
        model = ModelSection(backbone="wan-tiny", actions=ActionSection(), cursor=CursorSection())
        drawn = cost_a_clip(batches(desktops, DESKTOP, model=model), clips)
        costs[f"a desktop, {named(DESKTOP)}"] = drawn
        found |= {"desktop_ms": drawn.processor_ms, "desktop_kb": mean_kb(desktops)}
    kept = sum(path.stat().st_size for path in (folder / "real/clips").rglob("*.safetensors")) / (clips + WARM)

    print(f"the data of one clip, one process, {clips} clips")
    print(f"{'':28}{'processor ms':>14}{'wall ms':>10}{'clips/s of a core':>20}")
    for name, cost in costs.items():
        print(f"{name:28}{cost.processor_ms:14.1f}{cost.wall_ms:10.1f}{1000 / cost.processor_ms:20.1f}")
    print(f"a sample has {found['sample_kb']:.0f} kB in its shard, its latents have {kept / 1e6:.1f} MB", end="")
    print(f"; a desktop has {found['desktop_kb']:.0f} kB" if desktops else "")
    return found


def mean_kb(dataset: str) -> float:
    """Of a sample in its shard."""
    column = pq.read_table(f"{dataset}/index.parquet", columns=["bytes"])["bytes"]
    return float(pc.mean(column).as_py()) / 1e3


def batches(
    dataset: str, size: dict[str, int], cache: "LatentCache | None" = None, model: "ModelSection | None" = None
) -> Iterator["Examples"]:
    """Of one clip each, made by this process."""
    from tracekit.train.config import DataSection, ModelSection
    from tracekit.train.data import Batches

    section = DataSection(shards=dataset, workers=0, **size)
    return iter(Batches(section, model or ModelSection(backbone="wan-tiny"), rank=0, ranks=1, cache=cache))


def fill(
    cache: "LatentCache", dataset: str, size: dict[str, int], features: tuple[tuple[int, int], int], clips: int
) -> None:
    """Put random latents of the right shapes under the names of the first clips, and features under their captions'."""
    import torch

    image, text_width = features
    latents = (size["frames"] - 1) // 4 + 1, size["height_px"] // 8, size["width_px"] // 8
    shapes = {"latents": (16, *latents), "first": (4 + 16, *latents), "image": image}
    for _, examples in zip(range(clips), batches(dataset, size), strict=False):
        cache.put("clips", examples.digests[0], {name: torch.randn(shape) for name, shape in shapes.items()})
        cache.put("texts", examples.captions[0], {"text": torch.randn(CAPTION_TOKENS, text_width)})


def named(size: dict[str, int]) -> str:
    return f"{size['width_px']}x{size['height_px']}x{size['frames']}"


def cost_a_clip(given: Iterator["Examples"], clips: int) -> Cost:
    """The medians over so many batches of one clip."""
    found = []
    for _ in range(clips + WARM):
        processor, wall = time.process_time(), time.perf_counter()
        next(given)
        found.append((time.process_time() - processor, time.perf_counter() - wall))
    return Cost(*(1000 * statistics.median(times) for times in zip(*found[WARM:], strict=True)))


def all_waiting(dataset: str, steps: int, rounds: int, folder: Path) -> dict[str, Waiting]:
    """Steps of the loop with and without the cache, with and without a worker."""
    from tracekit.train.backbones.tiny import wan_tiny
    from tracekit.train.config import ModelSection
    from tracekit.train.latent_cache import LatentCache

    cache = str(folder / "tiny")
    kept = LatentCache(cache, wan_tiny(ModelSection()).digest)
    for size in (TINY, SMALL):
        fill(kept, dataset, size, TINY_FEATURES, 2 * steps + 4)  # workers are some clips ahead
    modes = {
        f"{named(size)}, {how}, {'a' if workers else 'no'} worker": config(dataset, size, steps, workers, where)
        for size, how, where in ((TINY, "decoding", None), (TINY, "cached", cache), (SMALL, "cached", cache))
        for workers in (0, 1)
    }
    found: dict[str, list[Waiting]] = {name: [] for name in modes}
    for number in range(rounds):
        for name, made in modes.items():
            found[name].append(run(made, folder / f"{name} {number}"))
    print(f"a step of wan-tiny on one clip, wall ms, {steps} steps in each of {rounds} rounds")
    print(f"{'':36}{'step':>10}{'encoders':>10}{'data':>10}{'waiting for data':>20}")
    middle = {name: Waiting(*map(statistics.median, zip(*every, strict=True))) for name, every in found.items()}
    for name, one in middle.items():
        print(f"{name:36}{one.step_ms:10.1f}{one.encode_ms:10.1f}{one.data_ms:10.2f}{one.data_ms / one.step_ms:20.1%}")
    return middle


def config(dataset: str, size: dict[str, int], steps: int, workers: int, cache: str | None) -> "TrainConfig":
    """A run of which the second half is measured: the first one starts the workers."""
    from tracekit.train.config import TrainConfig

    return TrainConfig.model_validate({
        "data": {"shards": dataset, "workers": workers, "latent_cache": cache, **size},
        "model": {"backbone": "wan-tiny", "gradient_checkpointing": False},
        "run": {"steps": 2 * steps, "log_every": steps, "precision": "fp32", "threads": 1, "held_clips": 0},
    })  # fmt: skip


def run(made: "TrainConfig", out: Path) -> Waiting:
    """What the log of a run says of its last steps."""
    from tracekit.train.logs import Silent, read_log
    from tracekit.train.loop import train

    train(made, out, Silent())
    last = read_log(out / "log.jsonl")[-1]
    step_ms = 1000 / last["samples_per_s"]
    return Waiting(step_ms, step_ms * last["data_share"], step_ms * last["encode_share"])


def all_steps(dataset: str, rounds: int) -> dict[str, Step]:
    """Steps with each injection, one after the other in each round, so that all see the same machine."""
    from tracekit.train.config import ActionSection, ModelSection

    plain = ModelSection(backbone="wan-tiny", gradient_checkpointing=False, dropout=0)
    sections = {"none": plain} | {
        name: plain.model_copy(update={"actions": ActionSection(injection=name)})
        for name in ("external", "contextual", "residual", "internal")
    }
    sections["none, checkpointing"] = plain.model_copy(update={"gradient_checkpointing": True})
    made = {name: made_step(dataset, section) for name, section in sections.items()}
    times: dict[str, list[float]] = {name: [] for name in made}
    for number in range(10 * rounds + WARM):
        for name, (step, _, _) in made.items():
            begun = time.process_time()
            step()
            if number >= WARM:
                times[name].append(1000 * (time.process_time() - begun))
    found = {name: Step(statistics.median(times[name]), *made[name][1:]) for name in made}
    base = found["none"]
    print(f"a step of wan-tiny with an injection: forward, backward and AdamW, {10 * rounds} steps each in turn")
    print(f"{'':28}{'processor ms':>14}{'over none':>11}{'parameters':>12}{'tokens':>8}{'tokens/s':>10}")
    for name, one in found.items():
        over, rate = one.processor_ms / base.processor_ms - 1, 1000 * base.tokens / one.processor_ms
        print(f"{name:28}{one.processor_ms:14.1f}{over:11.0%}{one.parameters:12,}{one.tokens:8}{rate:10.0f}")
    return found


def made_step(dataset: str, section: "ModelSection") -> tuple[Callable[[], None], int, int]:
    """A function that makes a step on one clip, always the same; the parameters; and the tokens of a block."""
    import torch

    from tracekit.train.config import DataSection
    from tracekit.train.data import Batches
    from tracekit.train.encode import Encoder
    from tracekit.train.learner import make_learner

    backbone, learner = make_learner(section, seed=0)
    examples = next(iter(Batches(DataSection(shards=dataset, workers=0, **TINY), section, rank=0, ranks=1)))
    encoded, empty_text = Encoder(backbone)(examples), backbone.encode_text(("",))
    optimiser = torch.optim.AdamW(learner.parameters(), lr=5e-5)
    learner.train()

    def step() -> None:
        loss = learner.losses(encoded, empty_text, torch.Generator().manual_seed(0))["loss"]
        torch.autograd.backward(loss)
        optimiser.step()
        optimiser.zero_grad()

    parameters = sum(weight.numel() for weight in learner.parameters())
    return step, parameters, tokens_of_a_block(learner, step)


def tokens_of_a_block(learner: "Learner", step: Callable[[], None]) -> int:
    """How many tokens the second block is given: the first one's hooks may still add some."""
    seen: list[int] = []

    def count(_module: Any, arguments: tuple[Any, ...]) -> None:
        seen.append(arguments[0].shape[1])

    hook = learner.denoiser.transformer.get_submodule("blocks.1").register_forward_pre_hook(count)
    step()
    hook.remove()
    return seen[0]


if __name__ == "__main__":
    main()
