"""A build in an object store: commits there are puts, the record last. The store is moto's S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from components import require
from toy_build import Toy, contents

from tracekit.build.progress import Silent
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.shards.verify import verify

HERE = Workers(0)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    require("s3", module="moto", remedy="pip install 'moto[s3,server]'")
    require("s3", module="s3fs", remedy="pip install 'tracekit[s3]'")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "toy",
        "AWS_SECRET_ACCESS_KEY": "toy",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().makedirs("toys", exist_ok=True)  # servers of one process share their buckets
    yield f"s3://toys/{tmp_path.name}"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_a_build_on_s3_is_the_build_on_a_disk(bucket: str, toy: Toy, tmp_path: Path) -> None:
    recipe = load_recipe(toy())
    build(recipe, str(tmp_path / "out"), HERE)
    first = build(recipe, bucket, HERE)
    folder = Folder(bucket)
    assert {name: folder.read(name) for name in folder.names()} == contents(tmp_path / "out")
    assert verify(bucket).problems == []
    assert build(recipe, bucket, HERE) == first


def test_a_build_on_s3_goes_on_where_it_stopped(bucket: str, toy: Toy, tmp_path: Path) -> None:
    class Interrupted(Silent):
        def step(self, name: str, size: int, remark: str) -> None:
            raise KeyboardInterrupt

    recipe, folder = load_recipe(toy()), Folder(bucket)
    with pytest.raises(KeyboardInterrupt):
        build(recipe, bucket, HERE, Interrupted())
    begun = {name: folder.read(name) for name in folder.names()}
    assert "parts/000000/captions.jsonl" in begun
    assert "summary.json" not in begun
    build(recipe, bucket, HERE)
    build(recipe, str(tmp_path / "out"), HERE)
    assert {name: folder.read(name) for name in folder.names()} == contents(tmp_path / "out")


def test_a_store_that_does_not_answer_is_told(bucket: str, toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(TracekitError):
        build(load_recipe(toy()), bucket, HERE)


def test_a_bucket_that_is_not_there_is_told(bucket: str, toy: Toy) -> None:
    with pytest.raises(TracekitError):
        build(load_recipe(toy()), "s3://nobodys/out", HERE)
