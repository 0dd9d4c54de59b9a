"""The same shards, unchanged, in loaders that are not ours: each finds all samples, and the bytes that lie there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clip_sets import clip_set, need_torch
from components import require

from tracekit.shards.read import iter_samples

Samples = dict[str, dict[str, bytes]]
"""Content by key and extension."""


@pytest.fixture(scope="module", params=["terminal", "desktop"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_set(tmp_path_factory.mktemp("other") / request.param, 5, request.param)


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "shards").glob("train-*.tar"))


def stored(folder: Path) -> Samples:
    return {sample.key: sample.files for path in shards(folder) for sample in opened(path)}


def opened(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        yield from iter_samples(file, path.name)


def without_marks(sample: Any) -> dict[str, Any]:
    """Without what a loader adds of its own: ``__key__``, ``__url__`` ..."""
    return {name: value for name, value in sample.items() if not name.startswith("__")}


def test_plain_webdataset_reads_them(folder: Path) -> None:
    need_torch()
    import webdataset

    found = webdataset.WebDataset([str(path) for path in shards(folder)], shardshuffle=False)
    assert {sample["__key__"]: without_marks(sample) for sample in found} == stored(folder)


def test_hugging_face_datasets_reads_them(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("datasets", module="datasets", remedy="pip install datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import Features, Json, Value, Video, load_dataset

    text, video = Value("string"), Video(decode=False)
    features = Features({"__key__": text, "mp4": video, "json": Json(), "txt": text, "events.jsonl": Value("binary")})
    found = load_dataset(
        "webdataset",
        data_files={"train": [str(path) for path in shards(folder)]},
        features=features,
        split="train",
        cache_dir=str(tmp_path),
    )
    lying = stored(folder)
    assert {sample["__key__"] for sample in found} == lying.keys()
    for sample in found:
        files = lying[sample["__key__"]]
        assert sample["mp4"]["bytes"] == files["mp4"]
        assert sample["events.jsonl"] == files["events.jsonl"]
        assert sample["txt"].encode() == files["txt"]
        # its own JSON rounds to 15 digits
        assert sample["json"] == json.loads(files["json"], parse_float=lambda number: pytest.approx(float(number)))


def test_energon_reads_them(folder: Path) -> None:
    require("energon", module="megatron", remedy="pip install megatron-energon")
    from megatron.energon import Cooker, DefaultTaskEncoder, WorkerConfig, get_loader, get_val_dataset, stateless
    from megatron.energon.flavors.webdataset import BaseWebdatasetFactory

    def as_it_is(sample: Any) -> Any:
        return dict(sample)

    class Raw(DefaultTaskEncoder):  # type: ignore[misc, type-arg, unused-ignore]
        decoder = None
        cookers = (Cooker(stateless(as_it_is)),)

        def batch(self, samples: list[Any]) -> Any:
            return samples[0]

    lying = {path.name: path.read_bytes() for path in shards(folder)}
    names = [f"shards/{name}" for name in lying]
    BaseWebdatasetFactory.prepare_dataset(folder, names, split_parts_patterns=[("train", ".*")], workers=1)
    (folder / ".nv-meta" / "dataset.yaml").write_text("__module__: megatron.energon\n__class__: CrudeWebdataset\n")
    workers = WorkerConfig(rank=0, world_size=1, num_workers=0)
    found = get_val_dataset(folder, split_part="train", worker_config=workers, batch_size=1, task_encoder=Raw())
    assert {sample["__key__"]: without_marks(sample) for sample in get_loader(found)} == stored(folder)
    assert {path.name: path.read_bytes() for path in shards(folder)} == lying
