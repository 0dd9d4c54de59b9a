"""Text accuracy: the paper's rules, from which frames are read to what a line counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.metrics.text_accuracy import (
    character_accuracy,
    exact_line_accuracy,
    frames_to_read,
    normalised,
    text_accuracy,
)

TEXTS = st.text(st.sampled_from("ab $>\n\t"), max_size=30).map(normalised)


@pytest.mark.parametrize(
    ("frames", "read"),
    [
        (0, []),
        (1, [0]),
        (5, [0, 1, 2, 3, 4]),
        (6, [0, 1, 2, 4, 5]),  # 2.5 goes to 2
        (75, [0, 18, 37, 56, 74]),  # 18.5 goes to 18, 55.5 to 56
        (77, [0, 19, 38, 57, 76]),
    ],
)
def test_five_frames_are_read_from_the_first_to_the_last(frames: int, read: list[int]) -> None:
    assert frames_to_read(frames) == read


@given(st.integers(1, 500), st.integers(2, 20))
def test_as_many_frames_as_asked_for_are_read_and_none_twice(frames: int, most: int) -> None:
    read = frames_to_read(frames, most)
    assert read == sorted(set(read))
    assert len(read) == min(frames, most)
    assert (read[0], read[-1]) == (0, frames - 1)


def test_white_space_is_evened_out_and_nothing_else() -> None:
    assert normalised("  $ LS   -la\t x \r\n\n \nA;b\x0c") == ["$ LS -la x", "A;b"]


@given(TEXTS)
def test_a_text_is_all_right_against_itself(lines: list[str]) -> None:
    assert character_accuracy(lines, lines) == exact_line_accuracy(lines, lines) == 1


@given(TEXTS, TEXTS)
def test_accuracies_are_from_0_to_1_and_1_only_of_equal_texts(truth: list[str], predicted: list[str]) -> None:
    characters, lines = character_accuracy(truth, predicted), exact_line_accuracy(truth, predicted)
    assert 0 <= characters <= 1
    assert 0 <= lines <= 1
    assert (characters == 1) == (truth == predicted)


def test_where_nothing_is_to_be_read_any_text_is_wrong() -> None:
    assert character_accuracy([], []) == exact_line_accuracy([], []) == 1
    assert character_accuracy([], ["x"]) == exact_line_accuracy([], ["x"]) == 0
    assert character_accuracy(["x"], []) == exact_line_accuracy(["x"], []) == 0


@pytest.mark.parametrize(
    ("truth", "predicted", "characters"),
    [
        (["abcd"], ["abxd"], 0.75),
        (["abcd"], ["abd"], 0.75),
        (["abcd"], ["abcde"], 0.75),
        (["ab", "cd"], ["ab"], 0.4),  # the line feed counts: 3 of 5 are missing
        (["ab"], ["completely else"], 0),  # and never below
    ],
)
def test_characters_are_counted_by_edits_of_the_true_text(
    truth: list[str], predicted: list[str], characters: float
) -> None:
    assert character_accuracy(truth, predicted) == pytest.approx(characters)


def test_a_line_in_another_place_is_wrong() -> None:
    truth = ["one", "two", "three", "four"]
    assert exact_line_accuracy(truth, ["one", "two", "THREE", "four", "five"]) == 0.75
    assert exact_line_accuracy(truth, ["two", "three", "four"]) == 0
    assert exact_line_accuracy(truth, ["one"]) == 0.25


def test_a_video_has_the_mean_of_its_frames() -> None:
    found = text_accuracy([0, 9], [["ab"], ["abcd"]], [["ab"], ["abxx"]])
    assert (found.characters, found.exact_lines) == (0.75, 0.5)
    assert (found.frames, found.frame_characters, found.frame_exact_lines) == ([0, 9], [1, 0.5], [1, 0])
    with pytest.raises(TracekitError, match="no frames"):
        text_accuracy([], [], [])
