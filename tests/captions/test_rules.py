"""Captions by rules: grounded, deterministic, of the paper's lengths, and in proper English."""

import re
from pathlib import Path
from statistics import mean

import pytest
from captions.stage import clip, clips_of, grid_of, typed
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.captions.base import ClipView
from tracekit.captions.rules import RuleCaptioner
from tracekit.core.events import Event
from tracekit.shards.sample import Captions
from tracekit.terminal.cells import BOLD, Cursor, Style
from tracekit.terminal.grid import SHAPES

PAPER_WORDS = {"semantic": 55, "regular": 52, "detailed": 76}
QUOTE = re.compile(r"`([^`]*)`")

CHARS = st.sampled_from("ab1 $#>~/:-_.,*`'\"()[]%│─█é漢🙂")
LINES = st.lists(st.text(CHARS, max_size=30), max_size=8)
CURSORS = st.builds(Cursor, st.integers(0, 39), st.integers(0, 7), st.booleans(), st.sampled_from(SHAPES))
SCREENS = st.lists(st.tuples(LINES, CURSORS), min_size=1, max_size=12)
KEYS = st.lists(
    st.sampled_from(["a", "ls -l", "\r", "\x7f", "\x1b[A", "\x03", "\x1b", "é", "`", "\x1b[?1;2c"]), max_size=8
)


def tiers(captions: Captions) -> dict[str, str]:
    return {tier: getattr(captions, tier) for tier in PAPER_WORDS}


def assert_grounded(view: ClipView, captions: Captions) -> None:
    lines = {line for frame in range(view.grid.frames) for line in view.grid.lines(frame)}
    typed_keys = "".join(event.data for event in view.events if event.code == "i")
    for tier, caption in tiers(captions).items():
        quotes = QUOTE.findall(caption)
        assert '"' not in QUOTE.sub("", caption)
        assert caption.count("`") == 2 * len(quotes)
        assert not (tier == "semantic" and quotes)
        for quote in quotes:
            assert quote.strip(), caption
            assert any(quote in line for line in lines) or quote in typed_keys, (quote, caption)
            assert "***" not in quote


def assert_english(captions: Captions) -> None:
    for caption in tiers(captions).values():
        plain = QUOTE.sub("`x`", caption)
        assert re.fullmatch(r"(?:[A-Z0-9`][^.]*(?:\.\d[^.]*)*\.(?: |$))+", plain), caption
        assert not re.search(
            r"  | [,.]|,,|``|`x` `x`|\ba (?!user\b|one\b)[aeiou]|\ban [^aeiouAEIOU]|\bone \w+s\b", plain
        ), plain
        assert not re.search(r"unknown|placeholder|not (?:specified|shown|visible|given)|None\b", plain), plain


@settings(max_examples=150, deadline=None)
@given(SCREENS, KEYS)
def test_everything_quoted_stands_on_the_screen_or_was_typed(
    screens: list[tuple[list[str], Cursor]], keys: list[str]
) -> None:
    view = clip(grid_of(screens), [Event(number, "i", key) for number, key in enumerate(keys)])
    captions = RuleCaptioner().caption(view)
    assert_grounded(view, captions)
    assert_english(captions)


def test_of_real_recordings_everything_quoted_is_grounded_and_lengths_are_the_paper_s(real_casts: list[Path]) -> None:
    captioner = RuleCaptioner()
    words: dict[str, list[int]] = {tier: [] for tier in PAPER_WORDS}
    for path in real_casts:
        for view in clips_of(path, most=3):
            captions = captioner.caption(view)
            assert_grounded(view, captions)
            assert_english(captions)
            for tier, caption in tiers(captions).items():
                words[tier].append(len(caption.split()))
    assert len(words["semantic"]) > 20
    for tier, wanted in PAPER_WORDS.items():
        print(tier, f"{mean(words[tier]):.1f} words, paper {wanted}, {len(words[tier])} clips")
        assert mean(words[tier]) == pytest.approx(wanted, rel=0.15)


@given(SCREENS)
@settings(max_examples=30, deadline=None)
def test_the_same_clip_has_the_same_captions(screens: list[tuple[list[str], Cursor]]) -> None:
    grid = grid_of(screens)
    assert RuleCaptioner().caption(clip(grid)) == RuleCaptioner().caption(clip(grid.load(grid.save())))


def test_phrases_vary_from_clip_to_clip() -> None:
    grid = grid_of(typed([], "$ ", "ls", ["a.txt", "$ "]))
    said = {RuleCaptioner().caption(clip(grid, key=f"clip_{number}")).semantic for number in range(20)}
    assert len(said) > 5


def test_a_command_and_its_output_are_told() -> None:
    captions = RuleCaptioner().caption(
        clip(grid_of(typed([], "user@host:~$ ", "ls docs", ["guide.md", "user@host:~$ "])))
    )
    assert captions.captioner == "rules/3"
    assert "list the contents of a directory" in str(captions.semantic)
    for tier in (captions.regular, captions.detailed):
        assert "`ls docs`" in str(tier)
        assert "`user@host:~$`" in str(tier)
        assert "`guide.md`" in str(tier)


def test_colours_are_named_after_the_theme() -> None:
    red_bold = (Style(), Style(fg=1, attributes=BOLD))
    captions = RuleCaptioner().caption(
        clip(grid_of([(["FATAL problem"], Cursor(0, 1))], styles=red_bold), theme="xterm")
    )
    assert "shows red text on a black ground" in str(captions.detailed)
    assert "`FATAL problem` is set in bold" in str(captions.detailed)


def test_what_scrubbing_leaves_is_never_quoted() -> None:
    screens = typed([], "$ ", "export TOKEN=***********", ["***@******.*** ok then", "$ "])
    captions = RuleCaptioner().caption(clip(grid_of(screens)))
    assert "`export TOKEN=`" in str(captions.regular)
    assert all("**" not in caption for caption in tiers(captions).values())


def test_an_empty_clip_is_told_too() -> None:
    captions = RuleCaptioner().caption(clip(grid_of([([], Cursor(0, 0))])))
    assert all(caption.strip() for caption in tiers(captions).values())
    assert_english(captions)
