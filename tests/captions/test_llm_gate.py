"""The gate: what is true passes, what is made up does not, and no text breaks it."""

from dataclasses import replace

import pytest
from captions import examples
from captions.stage import clip, clips_of, grid_of, typed
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracekit.captions.base import ClipView
from tracekit.captions.llm.evidence import Evidence, evidence_of
from tracekit.captions.llm.form import WORDS
from tracekit.captions.llm.gate import BAR, judge
from tracekit.captions.rules import RuleCaptioner
from tracekit.core.events import Event

TIERS = ("semantic", "regular", "detailed")
PROMPT = "ana@box:~/src$ "
OUTPUT = ["make: *** [all] Error 2", "src/main.c:12: undefined reference", "3 files, 1,024 bytes", PROMPT]


def build() -> ClipView:
    """A command that is typed, and fails."""
    screens = typed(["Welcome to box"], PROMPT, "make -j4 all", OUTPUT)
    return clip(grid_of(screens, 50), [Event(number, "i", key) for number, key in enumerate("make -j4 all\r")])


EVIDENCE = evidence_of(build())
TRUE = (
    "At the prompt `ana@box:~/src$` the user types `make -j4 all` and presses Enter, and the build stops "
    "with the line `make: *** [all] Error 2` under the text that was there before."
)
MADE_UP = (
    "`cargo test`", '"all went well"', "“done in 3 s”", "'zebra x'", "/etc/zebra.conf", "~/zebra", "docs/zebra/a",
    "zebra.txt", "https://zebra.example", "ana@zebra", "--zebra", "zebra_mode", "zebraMode", "$ZEBRA", "run_all()",
    "1f2e3d4c5b6a", "ZebraError", "a segmentation fault", "Ctrl-C", "77 lines", "eleven lines", "88", "55%", "row 71",
    "column 49", "5 of 8 rows", "6 of 9 rows", "three of eight lines", "31 more lines", "99 columns and 9 rows",
    "132x50", "magenta",
)  # fmt: skip


def verdict(text: str, tier: str = "regular", evidence: Evidence = EVIDENCE) -> tuple[bool, str]:
    found = judge(text, tier, evidence)
    return found.score >= BAR, " / ".join(found.faults)


def test_a_true_caption_passes() -> None:
    assert judge(TRUE, "regular", EVIDENCE) == (1.0, ())


@pytest.mark.parametrize("made_up", MADE_UP)
def test_what_is_made_up_is_caught_and_named(made_up: str) -> None:
    passed, faults = verdict(f"{TRUE} After that it shows {made_up} there.")
    assert not passed
    assert made_up.removeprefix("a ").strip("`\"“”'") in faults


@pytest.mark.parametrize(
    "said",
    [
        "src/main.c", "`src/main.c:12`", "-j4", "1,024 bytes", "1024 bytes", "12", "3 files", "50 columns", "50x8",
        "“undefined reference”", "‘Welcome to box’", "`make: ... Error 2`", "`src/main.c:12: undefined ref…`",
        "eight rows", "row 3", "light grey text", "Error 2", "it's the user's and the files' own", "e.g. this",
        "a macOS-like look", "rows 1 to 3", "the first two rows", "a 50-column, 8-row screen", "0.0 to 0.9 seconds",
        "`j4 a`", "the 2nd try", "`Enter`", "<Enter>", "2 of 8 rows", "four new lines",
    ],
)  # fmt: skip
def test_what_stands_there_passes_however_it_is_written(said: str) -> None:
    assert verdict(f"{TRUE} After that it shows {said} there.") == (True, "")


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("In the last frame 6 of 8 rows hold text.", True),
        ("In the last frame 2 of 8 rows hold text.", False),
        ("At the start 2 of 8 rows hold text.", True),
        ("At the start 6 of 8 rows hold text.", False),
        ("The cursor ends on row 6, column 16.", True),
        ("The cursor ends on row 2, column 16.", False),
        ("The cursor ends on row 6, column 15.", False),
        ("The cursor rests, and `Welcome to box` stands on row 1.", True),
    ],
)
def test_rows_that_hold_text_and_the_place_of_the_cursor_are_those_of_the_clip(sentence: str, holds: bool) -> None:
    assert verdict(f"{TRUE} {sentence}", "detailed")[0] == holds


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("The exact username and path are not specified.", "what is not known"),
        ("It is unclear what the file holds.", "what is not known"),
        ("The result cannot be determined.", "what is not known"),
        ("No further details are given.", "what is not known"),
        ("The prompt is that of username@hostname.", "placeholder"),
        ("It opens <filename> then.", "placeholder"),
        ("It sets your_api_key.", "placeholder"),
        ("As an AI, I see a terminal.", "the task"),
        ("Here is the caption.", "the task"),
        ('{"regular": "x"}', "the task"),
        ("<|eot_id|>", "the task"),
        ("It ends with a backtick ` here.", "not closed"),
        ("One.\nTwo.", "control characters"),
        ("It goes on.\x07", "control characters"),
        ("It shows the next line again. " * 5, "repeats itself"),
        ("Leave out whatever the notes do not tell. Never say that something is absent.", "repeats the instructions"),
        ("and so on " * 60, "at most 140"),
    ],
)
def test_a_fault_of_form_takes_the_score_to_nought_and_is_named(sentence: str, fault: str) -> None:
    found = judge(f"{TRUE} {sentence}", "regular", EVIDENCE)
    assert found.score == 0
    assert fault in found.faults[0] + "".join(found.faults)


@pytest.mark.parametrize(
    "text",
    [
        "", " \n", "make", "ok ok", "{}", '{"regular": "', "x" * 100_000,
        "El usuario escribe una orden en la terminal y recibe luego un mensaje de error corto `make -j4 all`.",
        "用户 在 终端 里 输入 命令 然后 程序 打印 一条 错误 信息 `make -j4 all` 用户 等待 下 一 个 提示 符",
        "lamp wide seven running blue make error fine sharp grass table window hand `make -j4 all`",
    ],
)  # fmt: skip
def test_what_is_no_english_caption_has_no_score(text: str) -> None:
    assert judge(text, "regular", EVIDENCE).score == 0


def test_placeholders_and_talk_that_stand_on_the_screen_may_be_quoted() -> None:
    lines = ["username@hostname:~$ cat notes", "the path is not specified", "As an AI I can't"]
    view = clip(grid_of(typed([], "$ ", "cat", lines)))
    text = "The user types `cat` and reads `username@hostname:~$ cat notes`, `the path is not specified` and "
    text += "`As an AI I can't` in the answer."
    assert judge(text, "regular", evidence_of(view)) == (1.0, ())


def test_the_semantic_tier_copies_nothing() -> None:
    general = (
        "A user builds a program from its source in a terminal, and the build stops with an error after a short time."
    )
    assert verdict(general, "semantic") == (True, "")
    for copied in ("`make -j4 all`", "make -j4", "src/main.c", '"undefined reference"'):
        passed, faults = verdict(f"{general} It is {copied} that does it.", "semantic")
        assert not passed
        assert "general words" in faults


@pytest.mark.parametrize("tier", ["regular", "detailed"])
def test_the_other_tiers_copy_something_of_a_screen_with_words(tier: str) -> None:
    vague = (
        "The user enters something at the prompt and gets an answer, and after that the terminal is as it was before."
    )
    passed, faults = verdict(vague, tier)
    assert not passed
    assert "quotes nothing of the screen" in faults


def test_a_topic_needs_something_on_the_screen_but_costs_less() -> None:
    found = judge(f"{TRUE} It is about a database.", "regular", EVIDENCE)
    assert found.score == pytest.approx(1 - 1 / 4, abs=0.1)
    assert "database" in found.faults[0]


def test_an_offensive_word_is_a_fault_unless_the_clip_shows_it() -> None:
    rude = TRUE.replace("the build", "the crappy build")
    assert judge(rude, "regular", EVIDENCE) == (0.0, ("the word 'crappy' is offensive; leave it out",))
    assert judge(rude, "regular", replace(EVIDENCE, screens=(*EVIDENCE.screens, ("what a Crappy day",)))).score == 1


def test_captions_by_rules_pass_and_those_of_another_clip_do_not() -> None:
    views = [build(), examples.terminal()]
    for view, other in (views, views[::-1]):
        captions = RuleCaptioner().caption(view).model_dump()
        for tier in TIERS:
            assert judge(captions[tier], tier, evidence_of(view)) == (1.0, ())
            assert tier == "semantic" or judge(captions[tier], tier, evidence_of(other)).score < BAR


def test_captions_by_rules_of_desktops_pass() -> None:
    captions = RuleCaptioner().caption(examples.desktop()).model_dump()
    for tier in TIERS:
        assert judge(captions[tier], tier, evidence_of(examples.desktop())) == (1.0, ())


def test_captions_by_rules_of_real_recordings_pass(real_casts) -> None:  # type: ignore[no-untyped-def]
    failed, count = [], 0
    for path in real_casts[:20]:
        for view in clips_of(path, most=2):
            captions, evidence = RuleCaptioner().caption(view).model_dump(), evidence_of(view)
            for tier in TIERS:
                found = judge(captions[tier], tier, evidence)
                count += 1
                if found.score < BAR:
                    failed.append((view.key, tier, captions[tier], found.faults))
    assert count > 20
    assert len(failed) <= 0.01 * count, failed


PIECES = (TRUE, *MADE_UP, "`", '"', "“", "'", "{", "<", "|", "\n", "the", "of", "7", "eleven", "row", "columns", "and",
          "\x00", "\ud800", "é", "漢", ".", "...", "…", "3.10.2", "1,0")  # fmt: skip
TEXT = st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)
SENTENCES = (TRUE, "It shows `Welcome to box` first.", "There are 8 rows.", "It is about a database.",
             "Then `make: zebra` comes.", "Part of it is magenta.")  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(TEXT, st.sampled_from(TIERS))
def test_any_text_gets_a_verdict(text: str, tier: str) -> None:
    found = judge(text, tier, EVIDENCE)
    assert 0 <= found.score <= 1
    assert (found.score == 1) == (not found.faults)
    assert judge(text, tier, EVIDENCE) == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, unique=True), st.sampled_from(MADE_UP), st.sampled_from(TIERS))
def test_adding_something_made_up_never_raises_the_score(sentences: list[str], made_up: str, tier: str) -> None:
    text = " ".join(sentences)
    assume(len(text.split()) >= WORDS[tier][0])  # a caption that is too short may well grow long enough
    assert (
        judge(f"{text} After that it shows {made_up} there.", tier, EVIDENCE).score <= judge(text, tier, EVIDENCE).score
    )
