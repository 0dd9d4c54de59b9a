"""Shards open in plain WebDataset, where neither tracekit nor torch is."""

import json
import subprocess
import sys
from pathlib import Path

import av
from data_sets import UNFILTERED, built, samples, typed, write

READER = """
import json, sys
sys.modules["torch"] = None
import webdataset as wds
samples = list(wds.WebDataset(sys.argv[1:], shardshuffle=False).decode())
assert not any(name.startswith("tracekit") for name in sys.modules)
print(json.dumps([[one["__key__"], one["json"]["key"], one["txt"], sorted(one)] for one in samples]))
"""


def test_every_sample_is_read_by_webdataset_alone(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        write(tmp_path / "casts" / f"{name}.cast", typed(f"echo {name} line of text\r\n" * 2))
    summary = built(tmp_path / "casts", tmp_path / "out", *UNFILTERED, "shards.samples=2")
    shards = sorted(map(str, (tmp_path / "out" / "shards").glob("*.tar")))
    command = [sys.executable, "-c", READER, *shards]
    read = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)

    stored = samples(tmp_path / "out")
    assert len(shards) > 1
    assert [key for key, *_ in read] == list(stored)
    assert len({key for key, *_ in read}) == summary.clips_kept
    for key, own_key, text, names in read:
        assert own_key == key
        assert text == stored[key]["txt"].decode()
        assert {"mp4", "json", "txt", "events.jsonl", "cells.npz"} <= set(names)


def test_every_video_has_75_frames(tmp_path: Path) -> None:
    write(tmp_path / "casts" / "one.cast", typed("echo a line of text\r\n" * 3))
    built(tmp_path / "casts", tmp_path / "out", *UNFILTERED)
    for key, files in samples(tmp_path / "out").items():
        (tmp_path / f"{key}.mp4").write_bytes(files["mp4"])
        with av.open(str(tmp_path / f"{key}.mp4")) as video:
            assert video.streams.video[0].average_rate == 15
            assert sum(1 for _ in video.decode(video=0)) == 75
