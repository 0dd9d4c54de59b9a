"""The loop: from a configuration and a data set to a trained model, on one process or as one rank of several.

All that is drawn in a step is a function of (seed, step, rank): a run that was killed and is started again makes the
same steps. What is not such a function, the weights, the optimiser's moments and the place in the data, is what a
checkpoint keeps.
"""

import hashlib
import math
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import torch
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs, gather_object

from tracekit.core.faults import fault_point
from tracekit.train import checkpoint
from tracekit.train.config import TrainConfig
from tracekit.train.data import Batches
from tracekit.train.encode import Encoder
from tracekit.train.faults import Signals, Stopped, not_finite, told
from tracekit.train.flow import held_loss
from tracekit.train.generate import generate
from tracekit.train.latent_cache import LatentCache
from tracekit.train.logs import Log, Record, Show, Silent, Window, read_log
from tracekit.train.lora import lower_frozen
from tracekit.train.parallel import clip, gradients_kept, mean_over_ranks, spread
from tracekit.train.run_folder import RunFolder
from tracekit.train.samples import write_sample
from tracekit.train.tensors import Encoded, Examples, Tensor
from tracekit.train.trained import has_final, start, write_final

PATIENCE: Final = timedelta(hours=1)
"""For which ranks wait for one: the first writes checkpoints, of twelve bytes for each weight that is trained."""


class Result(NamedTuple):
    """What a run came to."""

    step: int
    """Steps that are done, those of earlier starts included."""
    loss: float | None
    """Of the log's last line; None where there is none."""
    held_first: float | None
    """The loss of the held clips before the first step; None where none are held."""
    held_last: float | None
    """After the last one."""


def train(config: TrainConfig, out: Path, show: Show) -> Result:
    """Train, or go on with a run that was stopped, until ``run.steps`` are done; then write the final model.

    Args:
        config: of the run.
        out: its folder (`tracekit.train.run_folder.RunFolder`), which all ranks see.
        show: who is told; by the first rank alone.

    Raises:
        TracekitError: the folder is another run's, the data or the weights can't be used, memory ran out, or a loss or
            gradient is not finite.
        Stopped: SIGINT or SIGTERM came; a checkpoint was written.
    """
    if config.run.threads:
        torch.set_num_threads(config.run.threads)
    folder = RunFolder(out)
    accelerator = Accelerator(
        cpu=not torch.cuda.is_available(), kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)]
    )
    main = accelerator.is_main_process
    try:
        with Signals(insist=accelerator.num_processes == 1) as signals, told():
            trainer = _Trainer(config, folder, accelerator, show if main else Silent())
            before = trainer.step
            with closing(Log(folder, before)) if main else nullcontext() as log:
                trainer.run(signals, log)
            accelerator.end_training()
    finally:
        show.close()
    step = trainer.step
    del trainer  # the final model is made beside it
    if main and (before < config.run.steps or not has_final(folder, config)):
        write_final(folder, config)
    records = read_log(folder.log)
    losses = [record["loss"] for record in records if "loss" in record]
    held = [record["held"] for record in records if "held" in record]
    first, last = (held[0], held[-1]) if held else (None, None)
    return Result(step, losses[-1] if losses else None, first, last)


def seed_of(*parts: int) -> int:
    """A seed for torch's generators, 63 bits, out of numbers: other numbers, an unrelated seed."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") >> 1


class _Trainer:
    """A run on this rank."""

    def __init__(self, config: TrainConfig, folder: RunFolder, accelerator: Accelerator, show: Show) -> None:
        self.config, self.folder, self.accelerator, self.show = config, folder, accelerator, show
        self.device = accelerator.device
        if accelerator.is_main_process:
            folder.claim(config)
        run, data = config.run, config.data
        self.backbone, learner = start(config)
        half = run.precision == "bf16"
        self.backbone.to(self.device, torch.bfloat16 if half and self.device.type == "cuda" else torch.float32)
        if half:
            lower_frozen(self.backbone.transformer)
        # Its cache would keep a second copy of all weights to the end of each pass, of sharded models as well.
        self.autocast = torch.autocast(self.device.type, torch.bfloat16, enabled=half, cache_enabled=False)
        cache = LatentCache(data.latent_cache, self.backbone.digest) if data.latent_cache else None
        self.encoder = Encoder(self.backbone, cache, self.device)
        self.empty_text = self.backbone.encode_text(("",))
        rank, ranks = accelerator.process_index, accelerator.num_processes
        self.batches = Batches(
            data, config.model, batch_size=run.batch_size, seed=run.seed, rank=rank, ranks=ranks, cache=cache
        )
        if self.batches.left_out:
            show.remark(f"{self.batches.left_out} clips are left out: they have not what the model is trained with")
        self.held = [(examples, self.encoder(examples)) for examples in self.batches.held(run.held_clips)]
        self.model = spread(learner, run.strategy, accelerator)
        section = config.optimiser
        self.optimiser = torch.optim.AdamW(
            [weight for weight in self.model.parameters() if weight.requires_grad],
            lr=section.learning_rate,
            betas=section.betas,
            weight_decay=section.weight_decay,
        )
        self.step, self.window = 0, Window()
        if newest := checkpoint.saved(folder.checkpoints)[-1:]:
            state = checkpoint.load(newest[0], self.model, self.optimiser)
            self.batches.load_state_dict(checkpoint.place_of(state.data, rank, ranks))
            self.step, self.window = state.step, Window(state.window)
            show.remark(f"going on from {newest[0].name}")

    def run(self, signals: Signals, log: Log | None) -> None:
        """Make the steps that are left."""
        run = self.config.run
        self.show.begin(run.steps, self.step)
        if self.step == 0 and self.held:
            self._tell(log, {"step": 0, "time": time.time(), "held": self._held_loss()})
        batches = iter(self.batches)
        while self.step < run.steps:
            self.window.add(*self._make_step(batches))
            self.step += 1
            last = self.step == run.steps
            held = bool(self.held) and (last or self.step % run.held_every == 0)
            if held or last or self.step % run.log_every == 0:
                record = {"step": self.step, "time": time.time(), **self.window.means()}
                self._tell(log, record | ({"held": self._held_loss()} if held else {}))
                self.window = Window()
            self.show.advance(self.step)
            fault_point("train-step")
            stop = self._asked_to_stop(signals)
            if stop or last or self.step % run.checkpoint_every == 0:
                self._save()
            if stop:
                raise Stopped(stop, self.step)
            if run.sample_every and (last or self.step % run.sample_every == 0):
                self._make_samples()

    def _make_step(self, batches: Iterator[Examples]) -> tuple[dict[str, float], int, int]:
        """One update of the weights: the losses, and how many samples and tokens it took on all ranks."""
        config, rank = self.config, self.accelerator.process_index
        torch.manual_seed(seed_of(config.run.seed, self.step, rank))
        keys, samples, tokens = list[str](), 0, 0
        sums: dict[str, Tensor] = {}
        for micro in range(config.run.accumulate):
            encoded = self._next(batches)
            keys += encoded.keys
            samples += len(encoded.keys)
            tokens += encoded.latents[:, 0].numel() // math.prod(self.backbone.shape.patch)
            losses = self._backward(encoded, micro)
            sums = {name: sums.get(name, 0) + loss.detach() / config.run.accumulate for name, loss in losses.items()}
        norm = clip(self.model, config.optimiser.clip_norm)
        values = mean_over_ranks(sums, self.accelerator)
        # The same on all ranks, so that they end together.
        for name, value in {"the loss": values["loss"], "the gradient": norm}.items():
            if not math.isfinite(value):
                raise not_finite(self.step + 1, gather_object(keys), name)
        rate = self._learning_rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        self.optimiser.zero_grad()
        ranks = self.accelerator.num_processes
        return {**values, "grad_norm": norm, "learning_rate": rate}, samples * ranks, tokens * ranks

    def _next(self, batches: Iterator[Examples]) -> Encoded:
        begun = time.perf_counter()
        examples = next(batches)
        given = time.perf_counter()
        encoded: Encoded = self.encoder(examples)
        self.window.spend("data", given - begun)
        self.window.spend("encode", time.perf_counter() - given)
        return encoded

    def _backward(self, encoded: Encoded, micro: int) -> dict[str, Tensor]:
        run = self.config.run
        seed = seed_of(run.seed, self.step, self.accelerator.process_index, micro)
        generator = torch.Generator().manual_seed(seed)
        with gradients_kept(self.model, sync=micro == run.accumulate - 1):
            with self.autocast:
                losses = self.model(lambda learner: learner.losses(encoded, self.empty_text, generator))
            (losses["loss"] / run.accumulate).backward()
        return dict(losses)

    def _learning_rate(self) -> float:
        section = self.config.optimiser
        return section.learning_rate * min(1.0, (self.step + 1) / max(1, section.warmup_steps))

    def _held_loss(self) -> float:
        """The mean over the held clips, the same on all ranks."""
        shift, seed = self.config.model.shift, self.config.run.seed
        with torch.no_grad(), self.autocast:  # here already: DDP would wait for gradients
            losses = [
                self.model(lambda learner, one=encoded: held_loss(learner.denoiser, one, shift, seed))
                for _, encoded in self.held
            ]
        return float(sum(losses) / len(losses))

    def _make_samples(self) -> None:
        """Videos of the held clips. All ranks make them, as a sharded model needs; the first one writes them."""
        run, model = self.config.run, self.config.model
        folder = self.folder.samples(self.step)
        for examples, encoded in self.held:
            with torch.no_grad(), self.autocast:
                made = self.model(
                    lambda learner, one=encoded, video=examples.video: generate(
                        learner.denoiser,
                        self.backbone,
                        one.conditions,
                        seeds=[run.seed],
                        frames=video.shape[1],
                        steps=run.sample_steps,
                        guidance=run.guidance,
                        shift=model.shift,
                    )
                )
            if self.accelerator.is_main_process and examples.video is not None:
                write_sample(folder / f"{examples.keys[0]}.mp4", examples.video[0].numpy(), made[0].cpu().numpy())
        if self.held:
            self.show.remark(f"{len(self.held)} videos, recorded and made open loop, in {folder}")

    def _save(self) -> None:
        places = gather_object([self.batches.state_dict()])
        state = checkpoint.State(self.step, places, self.window.state())
        main, keep = self.accelerator.is_main_process, self.config.run.keep
        checkpoint.save(self.folder.checkpoints, self.model, self.optimiser, state, keep, main)
        self.accelerator.wait_for_everyone()

    def _tell(self, log: Log | None, record: Record) -> None:
        if log:
            log.write(record)
        self.show.record(record)

    def _asked_to_stop(self, signals: Signals) -> int:
        """The number of a signal that came to any rank, or 0; the same on all."""
        caught = torch.tensor([signals.caught], device=self.device)
        return int(self.accelerator.gather(caught).max())
