"""What loading costs beside the decoder: samples a second, of one data set, one after the other in one run.

The decoder alone has the videos in memory and turns every frame into RGB as exactly as the loader does; it does nothing
else. Plain webdataset, and Megatron-Energon where it is installed, read the same shards in order and decode with PyAV's
default conversion, which is quicker and less exact. Ours reads by the index in shuffled order, checks hashes, parses
captions and actions, and makes batches of one. Where torchcodec can be imported, plain webdataset and ours have a row
with it, too, on the CPU; it is less exact as well.

Processor time counts all processes, and torch has one thread; of several rounds the least. Waiting shows in the wall
time. What resuming costs is the time from the middle of an epoch to its next batch; what memory does is by how much
this process grows from the end of the first round to that of the last.

    python benchmarks/loader.py DATASET [--split train] [--rounds 3] [--workers 2]
"""

import argparse
import importlib.util
import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Cost(NamedTuple):
    """Of loading all samples of a split once."""

    processor_s: float
    wall_s: float


def processor_s() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(work: Callable[[], int], samples: int) -> Cost:
    """Run it once; it returns how many samples it saw."""
    processor, wall = processor_s(), time.perf_counter()
    seen = work()
    cost = Cost(processor_s() - processor, time.perf_counter() - wall)
    if seen != samples:
        raise SystemExit(f"{seen} samples of {samples} were seen")
    return cost


def decode_all(videos: list[bytes]) -> int:
    """The decoder alone, every frame to RGB as the loader has it."""
    from av.video.reformatter import VideoReformatter

    from tracekit.load.frames import Box, scaled
    from tracekit.video.decode import decode

    for video in videos:
        reformatter = VideoReformatter()
        for frame in decode(video):
            scaled(frame, Box(0, 0, frame.width, frame.height), reformatter)
    return len(videos)


def plain_webdataset(shards: list[str], decoded: Callable[[dict[str, Any]], list[Any]]) -> int:
    """Plain webdataset and a decoder."""
    import webdataset

    found = webdataset.WebDataset(shards, shardshuffle=False, empty_check=False)
    return sum(len(decoded(sample)) for sample in found)


def plainly_decoded(sample: dict[str, Any]) -> list[Any]:
    """A tensor of a video's frames, by PyAV's own conversion, in a list."""
    import av
    import torch

    with av.open(io.BytesIO(sample["mp4"])) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [torch.from_numpy(np.stack(frames))]


def torchcodec_decoded(sample: dict[str, Any]) -> list[Any]:
    """A tensor of a video's frames, by torchcodec on the CPU, in a list."""
    from torchcodec.decoders import VideoDecoder

    return [VideoDecoder(sample["mp4"], num_ffmpeg_threads=1, device="cpu")[:]]


def torchcodec_here() -> bool:
    """Whether it can be used on the CPU."""
    from tracekit.core.errors import TracekitError
    from tracekit.load.torchcodec_frames import check

    try:
        check("cpu")
    except TracekitError:
        return False
    return True


def energon_index(shards: list[str], folder: Path) -> None:
    """What Energon wants beside the shards, which it does not change, beside links to them."""
    from megatron.energon.flavors.webdataset import BaseWebdatasetFactory

    for shard in shards:
        (folder / Path(shard).name).symlink_to(Path(shard).resolve())
    names = [Path(shard).name for shard in shards]
    BaseWebdatasetFactory.prepare_dataset(folder, names, split_parts_patterns=[("train", ".*")], workers=1)
    (folder / ".nv-meta" / "dataset.yaml").write_text("__module__: megatron.energon\n__class__: CrudeWebdataset\n")


def energon(folder: Path) -> int:
    """Energon and PyAV, in order, without workers."""
    from megatron.energon import Cooker, DefaultTaskEncoder, WorkerConfig, get_loader, get_val_dataset, stateless

    class Plain(DefaultTaskEncoder):  # type: ignore[misc, type-arg, unused-ignore]
        decoder = None
        cookers = (Cooker(stateless(lambda sample: {"frames": plainly_decoded(sample)})),)

        def batch(self, samples: list[Any]) -> Any:
            return samples[0]

    workers = WorkerConfig(rank=0, world_size=1, num_workers=0)
    found = get_val_dataset(folder, split_part="train", worker_config=workers, batch_size=1, task_encoder=Plain())
    return sum(len(sample["frames"]) for sample in get_loader(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="folder of a data set")
    parser.add_argument("--split", default="train")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="of the loader's second row")
    options = parser.parse_args()

    import torch

    import tracekit
    from tracekit.load.clips import Clips
    from tracekit.load.loader import Loader

    torch.set_num_threads(1)
    clips = tracekit.load(options.dataset, split=options.split)
    samples, videos = len(clips.catalog), stored_videos(options.dataset, clips.catalog.shards)
    shards = [f"{clips.catalog.url}/{name}" for name in clips.catalog.shards]

    def ours(workers: int, clips: Clips = clips) -> int:
        return sum(len(batch["key"]) for batch in Loader(clips, workers=workers))

    modes: dict[str, Callable[[], int]] = {
        "decoder alone": lambda: decode_all(videos),
        "webdataset + PyAV": lambda: plain_webdataset(shards, plainly_decoded),
    }
    linked = tempfile.TemporaryDirectory()
    if importlib.util.find_spec("megatron"):
        energon_index(shards, Path(linked.name))
        modes["Energon + PyAV"] = lambda: energon(Path(linked.name))
    modes |= {
        "tracekit.load": lambda: ours(0),
        f"tracekit.load, {options.workers} workers": lambda: ours(options.workers),
    }
    if torchcodec_here():
        by_torchcodec = tracekit.load(options.dataset, split=options.split, decoder="torchcodec")
        modes["webdataset + torchcodec"] = lambda: plain_webdataset(shards, torchcodec_decoded)
        modes["tracekit.load, torchcodec"] = lambda: ours(0, by_torchcodec)
    costs: dict[str, list[Cost]] = {name: [] for name in modes}
    grown = []
    for _ in range(options.rounds):
        for name, work in modes.items():
            costs[name].append(measure(work, samples))
        grown.append(resident_mb())

    print(f"{samples} samples, {sum(map(len, videos)) / samples / 1e3:.0f} kB of video each, {options.rounds} rounds")
    print(f"{'':28}{'per s of processor':>20}{'of decoder alone':>18}{'per s of wall':>15}")
    least = {name: Cost(*map(min, zip(*found, strict=True))) for name, found in costs.items()}
    alone = least["decoder alone"].processor_s
    for name, cost in least.items():
        ratio = alone / cost.processor_s
        print(f"{name:28}{samples / cost.processor_s:20.1f}{ratio:17.2f}x{samples / cost.wall_s:15.1f}")

    first = Loader(clips)
    first.load_state_dict(first.state_dict() | {"position": samples // 2})
    began = time.perf_counter()
    next(iter(first))
    print(f"from the middle of an epoch to its next batch: {time.perf_counter() - began:.3f} s")
    linked.cleanup()
    print(f"memory from the first round's end to the last one's: {grown[-1] - grown[0]:+.1f} MB of {grown[-1]:.0f}")


def stored_videos(dataset: str, shards: tuple[str, ...]) -> list[bytes]:
    """The videos of some shards."""
    from tracekit.core.files import Folder
    from tracekit.shards.read import iter_samples

    videos = []
    for shard in shards:
        with Folder(dataset).open(f"shards/{shard}") as file:
            videos += [stored.files["mp4"] for stored in iter_samples(file, shard)]
    return videos


if __name__ == "__main__":
    main()
