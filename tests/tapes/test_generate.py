"""Generated tapes: repeatable piece by piece, well-formed, labelled, and different from each other."""

import random
from itertools import islice

import pytest

from tracekit.core import plugins
from tracekit.core.errors import TracekitError
from tracekit.tapes.caption_script import script_caption
from tracekit.tapes.distinct import Distinct
from tracekit.tapes.families.compose import Typist, expected, hidden, sentence, step, story, wording
from tracekit.tapes.generate import tapes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import (
    Chord,
    Comment,
    Hide,
    Output,
    Press,
    Program,
    Require,
    Setting,
    Show,
    Sleep,
    Type,
)
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import TapeMeta, meta_comment, meta_of

MS = 1_000_000
ALL = dict.fromkeys(plugins.names("families"), 1.0)


def test_a_tape_depends_on_its_seed_and_its_number_alone() -> None:
    whole = list(tapes(ALL, 40, 7))
    assert [*tapes(ALL, 15, 7), *tapes(ALL, 25, 7, first=15)] == whole
    assert list(tapes(ALL, 40, 8)) != whole


def test_every_tape_parses_back_to_itself() -> None:
    for tape in tapes(ALL, 300, 1):
        assert parse(write(tape.program), tape.id) == tape.program


def test_no_two_tapes_of_any_seeds_have_one_id() -> None:
    ids = [tape.id for seed in (1, 11) for tape in tapes(ALL, 150, seed)]
    assert len(set(ids)) == len(ids)


def test_tapes_of_a_seed_are_different_sessions_with_different_instructions() -> None:
    bodies, instructions = Distinct(), Distinct()
    for tape in tapes(ALL, 1500, 3):
        meta = meta_of(tape.program)
        assert meta
        bodies.add(script_caption(tape.program, pauses=False))
        instructions.add(meta.instruction)
    assert bodies.share >= 0.99
    assert instructions.share >= 0.95


def test_a_tape_is_labelled() -> None:
    (tape,) = tapes({"logs": 1}, 1, 5, level=2)
    meta = meta_of(parse(write(tape.program)))
    assert meta
    assert (meta.id, meta.family, meta.level, meta.seed) == (tape.id, "logs", 2, 5)
    assert meta.expect
    assert meta.classes


def test_weights_are_how_often_a_family_is_drawn() -> None:
    drawn = [tape.family for tape in tapes({"logs": 3, "text": 1}, 400, 0)]
    assert 2.2 < drawn.count("logs") / drawn.count("text") < 4.2


def test_what_a_tape_runs_it_requires() -> None:
    (tape,) = tapes({"git": 1}, 1, 0)
    assert Require("git") in tape.program.commands


def test_a_tape_says_where_vhs_leaves_its_video_and_how_it_looks() -> None:
    (tape,) = tapes({"text": 1}, 1, 0)
    assert Output(f"{tape.id}.mp4") in tape.program.commands
    assert {command.name for command in tape.program.commands if isinstance(command, Setting)} >= {"Theme", "Width"}


def test_every_tape_has_80_columns_and_20_rows() -> None:
    for tape in tapes(ALL, 60, 2):
        settings = settings_of(tape.program)
        assert settings.columns >= 80
        assert settings.rows >= 20


def test_tapes_come_one_at_a_time() -> None:
    assert len(list(islice(tapes(ALL, 10**12, 0), 3))) == 3


@pytest.mark.parametrize("families", [{}, {"no-such-family": 1.0}])
def test_a_family_that_is_not_there_is_an_error_with_the_known_ones(families: dict[str, float]) -> None:
    with pytest.raises(TracekitError, match="logs"):
        next(tapes(families, 1, 0))


def test_a_label_survives_the_tape() -> None:
    meta = TapeMeta(id="a-1", family="logs", level=1, instruction='Say "é" \u2028.', expect=("# x", "`"), answer="5")
    assert meta_of(parse(write(Program((meta_comment(meta), Type("x")))))) == meta


def test_a_tape_without_label_has_none() -> None:
    assert meta_of(Program((Comment(" tracekit is fine"), Type("x")))) is None


@pytest.mark.parametrize("text", [" tracekit: {", ' tracekit: {"id": "a"}', " tracekit: []"])
def test_a_broken_label_is_an_error_with_its_line(text: str) -> None:
    with pytest.raises(TracekitError, match="line 2"):
        meta_of(parse(f"Sleep 1s\n#{text}\n"))


def test_the_script_is_the_caption_in_the_form_of_the_paper() -> None:
    program = Program(
        (
            Setting("FontSize", 20),
            *hidden(["secret"]),
            Sleep(400 * MS),
            Type("pyt", 50 * MS),
            Sleep(100 * MS),
            Type("hon", 60 * MS),
            Press("Enter"),
            Sleep(500 * MS),
            Sleep(300 * MS),
            Type('say "x"'),
            Press("Up", 3),
            Chord("C", ctrl=True),
            Hide(),
            Type("exit"),
        )
    )
    assert script_caption(program) == 'Type "python" Enter Sleep 800ms Type \'say "x"\' Up 3 Ctrl+C'
    assert script_caption(program, pauses=False) == 'Type "python" Enter Type \'say "x"\' Up 3 Ctrl+C'


def test_what_is_hidden_ends_with_a_clear_screen_in_sight() -> None:
    commands = hidden(["mkdir a"])
    assert isinstance(commands[0], Hide)
    assert isinstance(commands[-1], Show)
    assert [command.text for command in commands if isinstance(command, Type)] == ["mkdir a", "clear"]


@pytest.mark.parametrize("text", ["a\nb", "'\"`"])
def test_what_no_tape_can_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="can't type"):
        Typist(random.Random(0)).line(text)


def test_a_typist_types_a_line_whole_at_40_to_120_ms_a_key() -> None:
    for seed in range(200):
        commands = Typist(random.Random(seed), seed * 10).line("find notes -name 'a*' | sort")
        typed = [command for command in commands if isinstance(command, Type)]
        assert "".join(command.text for command in typed) == "find notes -name 'a*' | sort"
        assert all(40 * MS <= (command.delay_ns or 0) <= 120 * MS for command in typed)


def test_what_the_typing_shows_is_no_proof_of_anything() -> None:
    assert expected(["echo ab"], ["ab", "ba", "ba", "x" * 99]) == ("ba", "x" * 60)


def test_a_sentence_says_every_step_in_order() -> None:
    for seed in range(100):
        text = sentence(random.Random(seed), ["say one", "say two", "say three"][: seed % 3 + 1])
        places = [text.lower().find(f"say {word}") for word in ("one", "two", "three")[: seed % 3 + 1]]
        assert places == sorted(places)
        assert -1 not in places
        assert text[0].isupper()
        assert text.endswith(".")


def test_a_choice_of_words_is_one_of_them() -> None:
    seen = {wording(random.Random(seed), "[print|show] it [now|then]") for seed in range(50)}
    assert seen == {"print it now", "print it then", "show it now", "show it then"}


def test_a_story_shows_what_its_steps_show() -> None:
    draft = story(random.Random(1), ["mkdir a"], [step("echo ab | rev", "turn ab round", "ba")], classes=("Text",))
    assert draft.expect == ("ba",)
    assert "turn ab round" in draft.instruction.lower()
    assert isinstance(draft.commands[-1], Sleep)


def test_distinct_counts_what_differs() -> None:
    distinct = Distinct()
    assert [distinct.add(text) for text in "abca"] == [True, True, True, False]
    assert (distinct.total, distinct.different, distinct.share) == (4, 3, 0.75)
