"""What happens on a screen: lines typed, printed, rewritten and scrolled are told apart."""

from captions.stage import grid_of, typed

from tracekit.captions.follow import follow
from tracekit.terminal.cells import Cursor


def test_what_is_typed_after_a_prompt_is_an_entry_with_its_output() -> None:
    story = follow(grid_of(typed(["old"], "me@box:~$ ", "make all", ["cc main.c", "done", "me@box:~$ "])))
    (entry,) = story.entries
    assert (entry.prompt, entry.text, entry.typed, entry.done) == ("me@box:~$", "make all", True, True)
    assert entry.output == ["cc main.c", "done"]
    assert story.prompt == "me@box:~$"


def test_a_last_key_and_enter_between_two_frames_are_not_lost() -> None:
    screens = [*typed([], "$ ", "cd .", []), (["$ cd ..", "$ "], Cursor(2, 1))]
    assert [entry.text for entry in follow(grid_of(screens)).entries] == ["cd .."]


def test_a_prompt_of_any_look_is_learnt_from_the_typing() -> None:
    story = follow(grid_of(typed([], "★ serial: ", "open", ["ok"])))
    assert [(entry.prompt, entry.text) for entry in story.entries] == [("★ serial:", "open")]


def test_typing_that_goes_on_at_the_end_is_not_done() -> None:
    (entry,) = follow(grid_of(typed(["x"], "$ ", "git sta", []))).entries
    assert (entry.text, entry.done) == ("git sta", False)


def test_a_typed_line_that_another_program_draws_over_keeps_its_text() -> None:
    screens = typed([], "$ ", "fzf it", [])
    screens.append((["> pick from a menu"], Cursor(2, 0)))
    assert [entry.text for entry in follow(grid_of(screens)).entries] == ["fzf it"]


def test_lines_are_followed_as_they_scroll() -> None:
    numbered = [f"line {number}" for number in range(20)]
    screens = [(numbered[top : top + 8], Cursor(0, 7)) for top in range(5)]
    story = follow(grid_of(screens))
    assert story.scrolled == 4
    assert story.printed == ["line 8", "line 9", "line 10", "line 11"]
    assert not story.rewritten
    assert not story.replaced


def test_a_line_that_changes_in_place_is_rewritten() -> None:
    screens = [(["Loading", f"{percent:3d}% of it"], Cursor(0, 2)) for percent in (10, 40, 90)]
    (line,) = follow(grid_of(screens)).rewritten
    assert (line.first, line.text, line.changes) == (" 10% of it", " 90% of it", 2)


def test_a_screen_that_gives_way_to_another_is_replaced() -> None:
    old, new = [f"old {number}" for number in range(8)], ["menu", "one", "two"]
    story = follow(grid_of([(old, Cursor(0, 7)), (new, Cursor(0, 0))]))
    assert story.replaced == 1
    assert story.printed == new


def test_a_clip_without_change_has_none() -> None:
    story = follow(grid_of([(["$ "], Cursor(2, 0))] * 5))
    assert (story.changes, story.entries, story.printed) == ([], [], [])
