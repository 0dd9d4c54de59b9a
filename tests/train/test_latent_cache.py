"""The cache of latents: what is put in comes out, whole or not at all, whoever else writes."""

import logging
import multiprocessing
import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from load.clip_sets import need_torch

if TYPE_CHECKING:
    from tracekit.train.latent_cache import LatentCache
    from tracekit.train.tensors import Tensor


@pytest.fixture(autouse=True, scope="module")
def _torch() -> None:
    need_torch()


def cache(folder: Path, encoders: str = "encoders") -> "LatentCache":
    from tracekit.train.latent_cache import LatentCache

    return LatentCache(str(folder), encoders)


def tensors(seed: int = 0) -> dict[str, "Tensor"]:
    import torch

    made = torch.Generator().manual_seed(seed)
    return {"latents": torch.randn(16, 2, 3, 4, generator=made), "image": torch.randn(5, 8, generator=made)}


def equal(one: dict[str, "Tensor"], other: dict[str, "Tensor"]) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and one[name].equal(other[name]) for name in one
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_given_back_when_it_is_put_in_is_what_is_read_later(tmp_path: Path) -> None:
    put = cache(tmp_path).put("clips", "a", tensors())
    assert equal(put, cache(tmp_path).get("clips", "a"))
    assert all((tensors()[name] - put[name]).abs().max() < 2**-10 for name in put)  # float16, of values under 4


def test_what_float16_cannot_hold_is_kept_as_it_is(tmp_path: Path) -> None:
    import torch

    large = {"image": torch.tensor([1e5, 0.1])}
    assert equal(cache(tmp_path).put("clips", "a", large), large)
    assert equal(cache(tmp_path).get("clips", "a"), large)


@pytest.mark.parametrize(("kind", "what", "encoders"), [("texts", "a", "e"), ("clips", "b", "e"), ("clips", "a", "f")])
def test_what_was_made_of_something_else_is_not_found(tmp_path: Path, kind: str, what: str, encoders: str) -> None:
    cache(tmp_path, "e").put("clips", "a", tensors())
    assert cache(tmp_path, encoders).get(kind, what) == {}


@pytest.mark.parametrize("damage", ["a byte", "half", "nothing left", "another file"])
def test_a_damaged_file_is_told_and_made_again(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    import torch
    from safetensors.torch import save

    put = cache(tmp_path).put("clips", "a", tensors())
    (file,) = files(tmp_path)
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    other = save({"latents": torch.zeros(3)})
    file.write_bytes(
        {"a byte": data, "half": data[: len(data) // 2], "nothing left": b"", "another file": other}[damage]
    )
    with caplog.at_level(logging.WARNING, "tracekit.train"):
        assert cache(tmp_path).get("clips", "a") == {}
    assert f"damaged, and made again: {file}" in caplog.text
    cache(tmp_path).put("clips", "a", tensors())
    assert equal(cache(tmp_path).get("clips", "a"), put)


def test_several_processes_write_and_read_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert pool.starmap(put_and_get, [(tmp_path, number) for number in range(8)], chunksize=1) == [True] * 8
    assert len(files(tmp_path)) == 2


def put_and_get(folder: Path, number: int) -> bool:
    for _ in range(5):
        put = cache(folder).put("clips", str(number % 2), tensors(number % 2))
        if not equal(cache(folder).get("clips", str(number % 2)), put):
            return False
    return True


def test_a_cache_crosses_to_workers(tmp_path: Path) -> None:
    put = cache(tmp_path).put("clips", "a", tensors())
    assert equal(pickle.loads(pickle.dumps(cache(tmp_path))).get("clips", "a"), put)


def test_a_worker_that_was_forked_opens_the_folder_anew(tmp_path: Path) -> None:
    """Stores' connections refuse to be used by another process than the one that opened them."""
    import fsspec
    from fsspec.implementations.local import LocalFileSystem

    class Store(LocalFileSystem):
        protocol = "tracekit-test"

        def __init__(self, **options: object) -> None:
            super().__init__(**options)
            self.process = os.getpid()

        def info(self, path: str, **options: object) -> dict[str, object]:
            if self.process != os.getpid():
                raise OSError("opened by another process")
            return dict(super().info(path.removeprefix("tracekit-test://"), **options))

    fsspec.register_implementation("tracekit-test", Store, clobber=True)
    from tracekit.train.latent_cache import LatentCache

    made = LatentCache(f"tracekit-test://{tmp_path}", "encoders")
    assert made.get("clips", "a") == {}
    worker = multiprocessing.get_context("fork").Process(target=made.get, args=("clips", "a"))
    worker.start()
    worker.join()
    assert worker.exitcode == 0
