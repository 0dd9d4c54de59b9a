"""Legibility: what tesseract reads off a clip's picture is what its text grid says, or the clip goes."""

from pathlib import Path

import numpy as np
import pytest
from components import require
from pictured_clips import Output, filmed
from PIL import Image, ImageFilter

from tracekit.core.errors import Rejected, TracekitError
from tracekit.filters import legibility
from tracekit.filters.base import Candidate
from tracekit.filters.legibility import Legibility
from tracekit.filters.measure import StoredClip
from tracekit.shards.sample import Captions, Decision
from tracekit.video import ocr

PAGE: list[Output] = [
    (0.0, "$ cat notes.txt\r\nThe build reads its recipe, plans the parts and draws\r\n"),
    (1.0, "\x1b[32mevery clip\x1b[0m once. A finished part is a file; whoever\r\n"),
    (2.0, "stops the \x1b[1;33mmachine\x1b[0m loses the work of a minute at most.\r\n"),
    (2.5, "\x1b[7m status line: two warnings, no errors \x1b[0m\r\n$ "),
]
WORDLESS: list[Output] = [(0.0, "┌──────┐\r\n│ 漢字 │ 日本語のテキスト\r\n└──────┘ 12345 ▓▓▒▒░░ ab cd\r\n")]


@pytest.fixture(autouse=True)
def tesseract() -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")


def judged(clip: StoredClip) -> Decision:
    rule = Legibility()
    return rule.judge(
        Candidate(clip.key, "r", "0" * 64, "r", clip.sample, b"", Captions(), {"legibility": rule.measure(clip)})
    )


@pytest.mark.parametrize("font_size_px", [13, 20, 40])
@pytest.mark.parametrize("theme", ["asciinema", "github-light"])
def test_clips_as_they_are_drawn_can_be_read(tmp_path: Path, font_size_px: int, theme: str) -> None:
    decision = judged(filmed(tmp_path, PAGE, font_size_px=font_size_px, theme=theme))
    assert decision.keep
    assert decision.score is not None
    assert decision.score >= 0.8
    assert (decision.filter, decision.threshold, decision.reason) == ("legibility", 0.7, "")


def test_letters_of_a_bad_coding_cannot(tmp_path: Path) -> None:
    decision = judged(filmed(tmp_path, PAGE, qp=46))
    assert not decision.keep
    assert decision.reason.endswith("words can be read")


def test_blurred_letters_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sharp = legibility.luma
    blur = ImageFilter.GaussianBlur(2)
    monkeypatch.setattr(legibility, "luma", lambda frame: np.asarray(Image.fromarray(sharp(frame)).filter(blur)))
    assert not judged(filmed(tmp_path, PAGE)).keep


def test_the_wrong_letters_cannot(tmp_path: Path) -> None:
    swapped = [(time_s, data.translate(str.maketrans("aeinostr", "qxzkwvbj"))) for time_s, data in PAGE]
    clip, other = filmed(tmp_path, PAGE), filmed(tmp_path, swapped)
    assert not judged(StoredClip(clip.key, clip.sample, {**clip.files, "mp4": other.files["mp4"]})).keep


def test_screens_without_latin_words_and_desktops_are_not_judged(tmp_path: Path) -> None:
    assert judged(filmed(tmp_path, WORDLESS)) == Decision(filter="legibility", keep=True)
    assert judged(filmed(tmp_path, PAGE[:1])).score is not None
    assert Legibility().measure(StoredClip("a", {"kind": "desktop"}, {})) is None
    desktop = Candidate("a", "r", "0" * 64, "r", {}, b"", Captions(), {"legibility": None})
    assert Legibility().judge(desktop) == Decision(filter="legibility", keep=True)


def test_the_frame_with_the_most_words_is_read_and_twice_the_same(tmp_path: Path) -> None:
    clip = filmed(tmp_path, [*PAGE, (4.0, "\x1b[2J\x1b[Hgone")])
    told = Legibility().measure(clip)
    assert told is not None
    assert told["frame"] == 38  # the first that shows what comes at 2.5 s: ceil(2.5 * 15)
    assert told == Legibility().measure(clip)


@pytest.mark.parametrize(("words", "read", "keep"), [(10, 7, True), (10, 6, False), (7, 0, True), (8, 0, False)])
def test_a_clip_on_the_bound_stays_and_one_with_few_words_is_not_judged(words: int, read: int, keep: bool) -> None:
    told = {"frame": 0, "words": words, "read": read}
    clip = Candidate("a", "r", "0" * 64, "r", {}, b"", Captions(), {"legibility": told})
    assert Legibility().judge(clip).keep == keep


def test_reading_that_takes_too_long_rejects_the_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "LIMIT_S", 0.01)
    with pytest.raises(Rejected, match="longer than") as rejected:
        Legibility().measure(filmed(tmp_path, PAGE))
    assert rejected.value.reason == "late"


def test_without_tesseract_the_recipe_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TracekitError, match="not installed") as told:
        Legibility()
    assert "tesseract-ocr" in told.value.remedy


def test_a_tesseract_without_english_is_told_and_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(TracekitError, match="tesseract fails") as told:
        Legibility().measure(filmed(tmp_path, PAGE))
    assert not isinstance(told.value, Rejected)
    assert "tesseract-ocr-eng" in told.value.remedy
