"""Statistics of a data set are counts of its index."""

from pathlib import Path

from shards import toy

from tracekit.shards.index import clip_row
from tracekit.shards.stats import SplitStats, stats


def test_counts(tmp_path: Path) -> None:
    data = toy.dataset()
    files, described = toy.sample("four", 0, "train")
    data.rejected.append(clip_row(toy.complete(files, described), reason="frozen", message="nothing moves"))
    found = stats(str(data.write(tmp_path / "set")))
    size = sum((tmp_path / "set" / "shards" / f"train-00000{number}.tar").stat().st_size for number in (0, 1))
    assert found.splits["validation"].samples == 2
    assert found.splits["train"] == SplitStats(4, 4 * 5 / 3600, 2, found.splits["train"].bytes)
    assert 0 < found.splits["train"].bytes < size
    assert found.inputs == 5
    assert found.inputs_rejected == {"not-a-cast": 1}
    assert found.clips_rejected == {"frozen": 1}
    assert found.licences == {"MIT": 6}
    assert found.sizes == {"64x48": 6}
    assert found.terminals == {"20x4": 6}
    assert found.caption_words == {"semantic": 5, "regular": 4, "detailed": 5}
    assert "typing_interval_mean_s" not in found.means
