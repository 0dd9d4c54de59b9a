"""A build from its recipe to its data set. What is committed is passed over: one that was stopped is just run again."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from tracekit.build import lock, sections, summary
from tracekit.build.card import card
from tracekit.build.decide import AllJudged, decide
from tracekit.build.lock import Lock, read_lock
from tracekit.build.pack import Shard, ShardJob, done_shard, index_rows, pack, plan_pack, sweep_shards
from tracekit.build.part_job import PartDone, PartJob, run_part
from tracekit.build.plan import make_plan
from tracekit.build.pool import Crashed, LatePool, NoPool, Pool
from tracekit.build.progress import Silent, Steps
from tracekit.build.recipe import Recipe
from tracekit.build.recipe_file import with_settings
from tracekit.build.report import report
from tracekit.build.summary import Summary, read_summary, summarise
from tracekit.core.check import checked
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest, to_json
from tracekit.core.yaml_file import SETTINGS
from tracekit.shards.index import write_index
from tracekit.shards.manifest import Manifest, ShardRecord

INDEX, MANIFEST, CARD, REPORT = "index.parquet", "shards/manifest.json", "README.md", "report.html"
LATER = ("name", "description", "captions", "filters", "split", "shards")
"""The sections of a recipe that can be changed without drawing again."""


@dataclass(frozen=True)
class Workers:
    """Who does the work."""

    count: int = 2
    """Processes on this machine; 0 does the work in this process, without Ray."""
    address: str | None = None
    """Of a Ray cluster to use instead."""

    def open(self) -> Pool:
        """Start them."""
        if self.count == 0 and self.address is None:
            return NoPool()
        from tracekit.build.ray_pool import RayPool  # takes a second, which builds without Ray can save

        return RayPool(self.count, self.address)


def build(recipe: Recipe, out: str, workers: Workers = Workers(), steps: Steps | None = None) -> Summary:
    """Build a data set, or go on with one that was begun.

    Args:
        recipe: what to build.
        out: the folder, a local path or any URL that fsspec knows; on a cluster every node must reach it.
        workers: who does the work. The data set does not depend on it.
        steps: told how far it is.

    Raises:
        TracekitError: no inputs, the folder holds a build of something else, the disk is full, ... What is committed by
            then stays, and the same call goes on from there.
    """
    folder = Folder(out)
    folder.sweep()
    source = sections.source_of(recipe)
    begun = Lock(sections.resolved(recipe), lock.tools(source.tools()), make_plan(source.plan(), recipe.parts))
    begun.keep(folder)
    return _Build(folder, recipe, begun, workers, steps or Silent()).run()


def rebuild(out: str, settings: Sequence[str], workers: Workers = Workers(), steps: Steps | None = None) -> Summary:
    """Make captions, decisions and shards of a captured build again, with other settings, without its inputs.

    Args:
        out: the folder of the build.
        settings: ``a.b=value`` each, of the recipe's later sections.
        workers: as for `build`.
        steps: told how far it is.

    Raises:
        TracekitError: no build there, not all of it is captured, or a setting that would need drawing again.
    """
    folder = Folder(out)
    before = read_lock(folder)
    folder.sweep()
    for setting in settings:
        if (section := setting.partition("=")[0].split(".")[0].strip()) not in LATER:
            remedy = f"build into another folder; {', '.join(LATER)} can be changed here"
            raise TracekitError(
                f"{section!r} can't be changed without drawing again", place=SETTINGS.file, remedy=remedy
            )
    plain = {name: value for name, value in before.recipe.items() if name in Recipe.model_fields}
    recipe = checked(Recipe, with_settings(plain, settings), SETTINGS)
    after = replace(before, recipe=sections.resolved(recipe, before.recipe))
    if after != before:
        after.write(folder)
    return _Build(folder, recipe, after, workers, steps or Silent(), may_draw=False).run()


@dataclass(frozen=True)
class _Build:
    out: Folder
    recipe: Recipe
    lock: Lock
    workers: Workers
    steps: Steps
    may_draw: bool = True

    def run(self) -> Summary:
        """Do all that is not done."""
        with closing(LatePool(self.workers.open)) as pool:
            self._run_parts(pool)
            decided = decide(self.out, self.lock.plan, self.recipe, self.lock.recipe, sections.filters_of(self.recipe))
            clips = AllJudged(self.out, self.lock.plan)
            jobs = plan_pack(self.out, clips, self.recipe, decided)
            settings = digest([self.lock.recipe, dict(self.lock.tools), [job.settings for job in jobs]])
            finished = read_summary(self.out)
            if finished and finished.settings == settings and self._whole(jobs):
                return finished
            shards = self._pack(pool, jobs)
        rows = index_rows(self.lock.plan, self.out, clips, shards, self.recipe.captions.tier)
        self.out.write(INDEX, lambda file: write_index(file, rows))
        finished = summarise(settings, self.lock.plan, self.out, clips, shards)
        self.out.write(CARD, card(self.lock, finished).encode())
        self.out.write(REPORT, report(self.out, self.recipe.name, self.recipe.source.kind, finished, INDEX))
        self.out.sweep()  # what workers left that were killed
        self.out.write(summary.FILE, to_json(finished.to_dict()))
        return finished

    def _whole(self, jobs: Sequence[ShardJob]) -> bool:
        return all(map(self.out.exists, (INDEX, MANIFEST, CARD, REPORT))) and all(map(done_shard, jobs))

    def _run_parts(self, pool: Pool) -> None:
        recipe_json = self.recipe.model_dump_json()
        jobs = [
            PartJob(self.out, part, recipe_json, self.lock.recipe, self.lock.tools, may_draw=self.may_draw)
            for part in self.lock.plan.parts
        ]
        waiting = [job for job in jobs if not job.done]
        work, unit = ("capture", "bytes") if self.may_draw else ("parts", "clips")
        total = sum(job.size for job in jobs)
        self.steps.begin(work, total, total - sum(job.size for job in waiting), unit)
        crashed = [job for job, done in self._parts(pool, waiting) if not done]
        for job, done in self._parts(pool, [replace(job, alone=True) for job in crashed]):
            if not done:
                raise TracekitError("its worker dies, and not by one of its inputs", place=f"part {job.part.id}",
                                    remedy="is there memory enough? The same command goes on from here")  # fmt: skip

    def _parts(self, pool: Pool, jobs: Sequence[PartJob]) -> Iterator[tuple[PartJob, bool]]:
        for job, result in pool.run(run_part, jobs):
            if isinstance(result, PartDone):
                self.steps.step(job.part.id, job.size, str(result))
            yield job, isinstance(result, PartDone)

    def _pack(self, pool: Pool, jobs: Sequence[ShardJob]) -> list[Shard]:
        shards = {job.name: shard for job in jobs if (shard := done_shard(job))}
        waiting = [job for job in jobs if job.name not in shards]
        # Until the summary is committed the folder holds no whole data set, and must not look like one.
        for name in (summary.FILE, MANIFEST, INDEX):
            self.out.remove(name)
        sweep_shards(self.out, [job.name for job in jobs])
        self.steps.begin(
            "pack", sum(job.size for job in jobs), sum(len(one.places) for one in shards.values()), "samples"
        )
        for job, result in pool.run(pack, waiting):
            if isinstance(result, Crashed):
                raise TracekitError(f"its worker dies: {result}", place=f"shards/{job.name}",
                                    remedy="is there memory enough? The same command goes on from here")  # fmt: skip
            self.steps.step(job.name, job.size, f"{result.content.bytes / 1e6:.1f} MB")
            shards[job.name] = result
        ordered = [shards[name] for name in sorted(shards)]
        records = [ShardRecord(name=one.name, samples=len(one.places), **one.content._asdict()) for one in ordered]
        self.out.write(MANIFEST, to_json(Manifest(shards=records).model_dump(mode="json")))
        return ordered
