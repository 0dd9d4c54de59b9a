"""Filters that read what a clip shows and says: language, toxicity."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stored_clips import stored

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.language import Language, is_prose, passages
from tracekit.filters.toxicity import Toxicity
from tracekit.shards.sample import Captions, Decision

CLIP = Candidate("a", "r", "0" * 64, "a.cast", {}, b"", Captions())

ENGLISH = ["The release was delayed because the tests were failing on two machines",
           "and nobody knew the reason until somebody looked at the clock of the server"]  # fmt: skip
GERMAN = ["Die Auslieferung wurde verschoben, weil die Prüfungen auf zwei Rechnern scheiterten",
          "und niemand wusste warum, bis jemand auf die Uhr des Servers geschaut hat"]  # fmt: skip
CHINESE = ["由于两台机器上的测试失败，发布被推迟了", "直到有人看了服务器的时钟，才知道原因"]
CODE = ["for (int i = 0; i < n; i++) { total += values[i]; }", "drwxr-xr-x  2 root root  4096 Jan  1 00:00 src",
        "$ docker run --rm -it -v /data:/data image:latest bash", "import numpy as np; from os import path",
        "   1,024   2,048   4,096   8,192  16,384", "https://example.com/a?c=d&e=f", "✔ ✔ ──── ██ 42%"]  # fmt: skip


def judged(one: ClipFilter, name: str, *lines: str, captions: Captions = CLIP.captions) -> Decision:
    value = json.loads(json.dumps(one.measure(stored(*lines))))
    return one.judge(replace(CLIP, captions=captions, measured={name: value}))


@pytest.mark.parametrize(("lines", "language"), [(ENGLISH, "en"), (GERMAN, "de"), (CHINESE, "zh")])
def test_the_language_of_prose_is_told_among_code(lines: list[str], language: str) -> None:
    decision = judged(Language(allow=[language], min_letters=20), "language", *CODE, *lines, *CODE)
    assert decision.keep
    assert decision.score == 1
    other = "de" if language == "en" else "en"
    against = judged(Language(allow=[other], min_letters=20), "language", *CODE, *lines, *CODE)
    assert not against.keep
    assert against.reason.endswith(f"most is in {language}")


@pytest.mark.parametrize("line", CODE)
def test_code_commands_and_tables_are_no_prose(line: str) -> None:
    assert not is_prose(line)


@pytest.mark.parametrize("line", [*ENGLISH, *GERMAN, *CHINESE])
def test_sentences_are_prose(line: str) -> None:
    assert is_prose(line)


def test_where_there_is_too_little_prose_the_clip_stays_without_a_score() -> None:
    decision = judged(Language(allow=["fr"]), "language", *CODE, "a few words only")
    assert (decision.keep, decision.score) == (True, None)


def test_menus_and_names_are_of_no_language() -> None:
    menu = "PID USER PRI VIRT RES CPU MEM TIME Command Setup Search Filter Sorted Collap Nice Kill Quit Help"
    assert Language().measure(stored(menu)) == {}


def test_the_share_is_that_of_the_letters() -> None:
    decision = judged(Language(allow=["en"], min_share=0.9), "language", *ENGLISH * 2, *GERMAN * 2)
    assert decision.score is not None
    assert 0.2 < decision.score < 0.8
    assert not decision.keep


def test_a_language_that_nobody_knows_is_an_error_at_once() -> None:
    with pytest.raises(ValidationError, match="No language is known as xx"):
        Language(allow=["en", "xx"])


def test_however_much_stands_on_a_screen_only_so_much_is_read() -> None:
    assert sum(map(len, passages(ENGLISH * 1000))) < 4200


@pytest.mark.parametrize(
    "text",
    ["Scunthorpe United beat Penistone", "assert cocktail, therapist of Essex", "Dick Dickinson grapes the classic",
     "./brainfuck.py --shitake mushroom", "kill -9 the master and its slave", "track.ass pornic analysis"],
)  # fmt: skip
def test_clean_words_that_hold_others_are_clean(text: str) -> None:
    assert judged(Toxicity(), "toxicity", text).score == 0


def test_rude_words_are_weighed_by_the_thousand_and_slurs_are_too_many_at_once() -> None:
    clean = ["these are seven words of clean text"] * 1
    assert judged(Toxicity(), "toxicity", *clean, "what the Fuck").score == 1000 * 1 / 200
    assert judged(Toxicity(), "toxicity", *clean, "what the Fuck").keep
    many = judged(Toxicity(), "toxicity", "fuck this shit", "SHIT! shit.")
    assert (many.keep, many.score) == (False, 1000 * 4 / 200)
    assert not judged(Toxicity(), "toxicity", *clean, "faggots").keep


def test_captions_count_as_well_as_the_screen() -> None:
    said = Captions(semantic="Shit happens.", detailed="Shit, shit and more shit.")
    assert not judged(Toxicity(max_per_1000_words=15), "toxicity", "a clean screen", captions=said).keep


def test_a_reason_repeats_no_word_of_the_list() -> None:
    assert "shit" not in judged(Toxicity(max_per_1000_words=0), "toxicity", "shit").reason


def test_words_can_be_added_and_taken_out() -> None:
    assert judged(Toxicity(never=["Shit"]), "toxicity", "shit shit shit").score == 0
    assert not judged(Toxicity(also=["Frobnicate"], max_per_1000_words=9), "toxicity", "we FROBNICATE").keep
    assert Toxicity(also=["x"]).measure_digest != Toxicity().measure_digest
    assert Toxicity(max_per_1000_words=1).measure_digest == Toxicity().measure_digest


HOSTILE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=300)


@given(st.lists(HOSTILE, max_size=4), HOSTILE)
def test_no_text_raises_and_the_same_text_gives_the_same(lines: list[str], said: str) -> None:
    clip = stored(*lines)
    captions = Captions(detailed=said)
    for name, one in (("language", Language()), ("toxicity", Toxicity())):
        value: Any = one.measure(clip)
        assert json.loads(json.dumps(value)) == value == one.measure(clip)
        candidate = replace(CLIP, measured={name: value}, captions=captions)
        assert one.judge(candidate) == one.judge(candidate)


@pytest.mark.parametrize("line", ["a " * 100_000, "word" * 50_000, "语" * 50_000, "\x00\x1b[" * 50_000, "a-" * 100_000])
def test_huge_lines_are_read_in_no_more_than_their_own_length(line: str) -> None:
    is_prose(line)
    assert sum(map(len, passages([line] * 3))) <= 4200
    said = Captions(detailed=line)
    decision = Toxicity().judge(
        replace(CLIP, captions=said, measured={"toxicity": {"words": 0, "hits": 0, "weight": 0}})
    )
    assert decision.keep
