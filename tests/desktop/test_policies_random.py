"""Random plans: the same for the same seed, possible to make, harmless, and at the paper's pace."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from fake_desktop import FakeDesktop
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.actions.counts import count_actions, px_per_frame
from tracekit.actions.events import InputEvent
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.plan import Do, dump_plan, load_plan
from tracekit.desktop.policies import keystrokes
from tracekit.desktop.policies.base import Window
from tracekit.desktop.policies.pace import Pace
from tracekit.desktop.policies.person import Person, PersonSettings
from tracekit.desktop.policies.play import play
from tracekit.desktop.policies.pointer_path import Point, Screen
from tracekit.desktop.policies.random_fast import FastSettings, RandomFast
from tracekit.desktop.policies.random_plan import PAPER_DIAGONAL_PX, Mix, RandomSettings
from tracekit.desktop.policies.random_policy import RandomPolicy
from tracekit.desktop.policies.random_slow import RandomSlow, SlowSettings
from tracekit.desktop.policies.stage import PROGRAMS
from tracekit.desktop.policies.targets import SORTS, Target, clipped, targets_of, widgets_of

XGA, HD = Screen(1024, 768), Screen(1280, 720)
POLICIES: tuple[type[RandomPolicy], ...] = (RandomSlow, RandomFast)
WINDOWS = (
    Window(1, "Desktop", "Xfdesktop", 0, 0, 1024, 768, False),
    Window(2, "Terminal - ~", "Xfce4-terminal", 4, 28, 655, 434, False),
    Window(3, "galculator", "Galculator", 369, 223, 286, 306, True),
    Window(4, "xfce4-panel", "Xfce4-panel", 0, 729, 1024, 39, False),
)
NODES = [
    {"role": "menu", "window": "galculator", "popup": False, "seen": [369, 223, 37, 24]},
    {"role": "toggle button", "window": "galculator", "popup": False, "seen": [375, 461, 50, 28]},
    {"role": "terminal", "window": "Terminal - ~", "popup": False, "seen": [4, 52, 642, 410]},
    {"role": "push button", "window": "", "popup": False, "seen": [157, 730, 38, 38]},
    {"role": "filler", "window": "galculator", "popup": False, "seen": [369, 247, 286, 282]},
]
TARGETS = [*targets_of(WINDOWS), *widgets_of(NODES, WINDOWS)]

policies = st.sampled_from(POLICIES)
seeds = st.integers(0, 2**32)
lengths = st.floats(0.1, 60)


def plan_of(
    policy: type[RandomPolicy],
    seed: int,
    seconds: float,
    screen: Screen = XGA,
    targets: Sequence[Target] = TARGETS,
    **options: Any,
) -> list[Do]:
    return policy.plan(policy.Config(**options), seed, seconds, screen, targets)


def measured(plan: Sequence[Do], seconds: float, start: Point) -> tuple[float, float]:
    """Pixels from frame to frame and actions a second, as they are measured of recordings."""
    codes = {"down": "button-down", "up": "button-up"}
    keycodes = {keysym: number for number, keysym in enumerate(sorted({do.keysym for do in plan}), 8)}
    events = [
        InputEvent(do.due_ns, codes.get(do.kind, do.kind), 0, 0, dx=do.dx, dy=do.dy, keycode=keycodes[do.keysym])  # type: ignore[arg-type]
        for do in plan
    ]
    moves = [(0, *start), *((do.due_ns, do.x, do.y) for do in plan if do.kind == "move")]
    frames = [frame_time_ns(frame) for frame in range(round(seconds * FPS))]
    newest = np.searchsorted([due_ns for due_ns, _, _ in moves], frames, side="right") - 1
    positions = np.array([move[1:] for move in moves], np.int32)[newest]
    return px_per_frame(positions), count_actions(events) / seconds


@pytest.mark.parametrize("screen", [XGA, HD], ids=str)
@pytest.mark.parametrize("policy", POLICIES)
def test_over_ten_minutes_the_pace_is_within_five_percent_of_the_papers(
    policy: type[RandomPolicy], screen: Screen
) -> None:
    wanted: RandomSettings = policy.Config()
    for seed in range(4):
        px, actions = measured(plan_of(policy, seed, 600, screen), 600, screen.middle)
        assert px == pytest.approx(wanted.px_per_frame * screen.diagonal_px / PAPER_DIAGONAL_PX, rel=0.05)
        assert actions == pytest.approx(wanted.actions_per_s, rel=0.05)


def test_the_wanted_pace_is_that_of_table_7() -> None:
    slow, fast = SlowSettings(), FastSettings()
    assert (slow.px_per_frame, slow.actions_per_s) == (1.51, 1.58)
    assert (fast.px_per_frame, fast.actions_per_s) == (195.15, 4.18)
    assert XGA.diagonal_px == PAPER_DIAGONAL_PX


@settings(max_examples=40, deadline=None)
@given(policies, seeds)
def test_over_a_minute_it_is_near(policy: type[RandomPolicy], seed: int) -> None:
    wanted: RandomSettings = policy.Config()
    px, actions = measured(plan_of(policy, seed, 60), 60, XGA.middle)
    assert px == pytest.approx(wanted.px_per_frame, rel=0.15)
    assert actions == pytest.approx(wanted.actions_per_s, rel=0.15)


@pytest.mark.parametrize("targets", [[], [Target("panel", 0, 0, 30, 20)]])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_pace_does_not_depend_on_what_there_is_to_click(policy: type[RandomPolicy], targets: list[Target]) -> None:
    wanted: RandomSettings = policy.Config()
    px, actions = measured(plan_of(policy, 1, 300, targets=targets), 300, XGA.middle)
    assert px == pytest.approx(wanted.px_per_frame, rel=0.05)
    assert actions == pytest.approx(wanted.actions_per_s, rel=0.05)


@settings(max_examples=40, deadline=None)
@given(policies, seeds, lengths)
def test_a_plan_can_be_made_and_ends_with_nothing_held(policy: type[RandomPolicy], seed: int, seconds: float) -> None:
    plan = plan_of(policy, seed, seconds)
    assert [do.due_ns for do in plan] == sorted(do.due_ns for do in plan)
    held: Counter[tuple[str, str]] = Counter()
    for do in plan:
        assert 0 <= do.due_ns < frame_time_ns(max(round(seconds * FPS) - 1, 1))
        if do.kind == "move":
            assert (do.x, do.y) == XGA.nearest(do.x, do.y)
        elif do.kind == "scroll":
            assert abs(do.dx) + abs(do.dy) == 1
        else:
            held[do.button, do.keysym] += 1 if do.kind in ("down", "key-down") else -1
            assert held[do.button, do.keysym] in (0, 1), "down twice, or up without having been down"
    assert not +held


@settings(max_examples=40, deadline=None)
@given(policies, seeds, lengths)
def test_the_same_seed_gives_the_same_plan_and_another_one_another(
    policy: type[RandomPolicy], seed: int, seconds: float
) -> None:
    plan = plan_of(policy, seed, seconds)
    assert plan_of(policy, seed, seconds) == plan
    assert load_plan(dump_plan(plan)) == plan
    assert len(plan) < 20 or plan_of(policy, seed + 1, seconds) != plan


def test_every_gesture_of_the_mix_is_made() -> None:
    for policy in POLICIES:
        plan = plan_of(policy, 2, 1800)
        buttons = Counter(do.button for do in plan if do.kind == "down")
        assert buttons["left"] > buttons["right"] > 0
        assert buttons["middle"] > 0
        presses = [do.due_ns for do in plan if do.kind == "down" and do.button == "left"]
        gaps = np.diff(presses)
        assert ((gaps >= 80_000_000) & (gaps <= 200_000_000)).any(), "double clicks"
        assert {do.dy for do in plan if do.kind == "scroll"} == {-1, 0, 1}
        assert {do.dx for do in plan if do.kind == "scroll"} > {0}
        keys = Counter(do.keysym for do in plan if do.kind == "key-down")
        assert min(keys[key] for key in ("Control_L", "Shift_L", "BackSpace", "Return", "space", "e", "Escape")) > 0
        dragging, dragged = False, 0
        for do in plan:
            dragging = do.kind == "down" or (dragging and do.kind != "up")
            dragged += dragging and do.kind == "move"
        assert dragged > 20


def test_a_mix_of_one_gesture_makes_no_other() -> None:
    nothing = dict.fromkeys(Mix.model_fields, 0)
    for policy in POLICIES:
        plan = plan_of(policy, 3, 60, mix=Mix(**nothing | {"middle_click": 1}))
        assert {do.button for do in plan if do.kind == "down"} == {"middle"}
        assert {do.keysym for do in plan if do.keysym} <= {"Escape"}
        assert {do.kind for do in plan_of(policy, 3, 30, mix=Mix(**nothing))} <= {"move"}


@settings(max_examples=20, deadline=None)
@given(policies, seeds)
def test_no_plan_presses_what_ends_a_session_or_closes_a_program(policy: type[RandomPolicy], seed: int) -> None:
    held: set[str] = set()
    for do in plan_of(policy, seed, 120):
        if do.kind == "key-down":
            assert do.keysym not in ("Delete", "Super_L", "Menu", "Print")
            assert not do.keysym.startswith("F")
            if "Control_L" in held:
                assert do.keysym not in ("q", "w", "d", "s", "n", "t", "o", "p", "Alt_L", "BackSpace")
            if "Alt_L" in held:
                assert do.keysym == "Tab"
            held.add(do.keysym)
        elif do.kind == "key-up":
            held.discard(do.keysym)


COMMANDS = """
        alias bg bind break bridge builtin cal case cat cd clear command continue cut date dd declare df dir do done du
        echo elif else esac eval exec exit export expr false fc fg fi file find fold for free function getopts groups
        hash head help history host id if in info install jobs join kill last less let link local login logout look ls
        mail make man mesg more mount mv nice open paste perl ping popd printf ps pushd pwd read reboot reset return
        rm script sed select set shift shred shutdown sleep sort source split stat stop strings sum suspend sync tail
        tee test then time times top touch tr trap tree true type ulimit umask unlink until uptime users wait watch
        wc wget whatis whereis which while who write xargs yes
"""


def test_no_word_is_a_command_of_a_shell() -> None:
    assert set(keystrokes.WORDS) & set(COMMANDS.split()) == set()
    assert len(set(keystrokes.WORDS)) == len(keystrokes.WORDS) > 300


@given(seeds, st.sampled_from(keystrokes.WORDS), st.booleans())
def test_typed_text_is_what_was_meant_slips_and_all(seed: int, word: str, capital: bool) -> None:
    text = f"{word}, {word.capitalize() if capital else word}.\n"
    typed, shifted = "", False
    for stroke in keystrokes.type_text(random.Random(seed), text, keystrokes.Fingers(0.1, 0.08, slips=0.3)):
        down = stroke.kind == "key-down"
        if stroke.keysym == "Shift_L":
            shifted = down
        elif down and stroke.keysym == "BackSpace":
            typed = typed[:-1]
        elif down:
            letter = {"space": " ", "comma": ",", "period": ".", "Return": "\n"}.get(stroke.keysym, stroke.keysym)
            typed += letter.upper() if shifted else letter
    assert typed == text


@given(st.lists(st.tuples(st.integers(0, 3 * NS_PER_S), st.integers(0, 1023), st.integers(0, 767)), max_size=30))
def test_the_pace_is_kept_as_recordings_are_measured(moves: list[tuple[int, int, int]]) -> None:
    plan = [Do(due_ns, "move", x, y) for due_ns, x, y in sorted(moves, key=lambda move: move[0])]
    pace = Pace(0, 0, XGA.middle)
    pace.count(plan)
    px, _ = measured(plan, 4, XGA.middle)
    assert -pace.owed_px(4 * NS_PER_S) == pytest.approx(px * (4 * FPS - 1), abs=1e-6)


def test_targets_are_the_parts_of_windows_that_are_on_the_screen() -> None:
    found = Counter(target.sort for target in TARGETS)
    assert found == {"title": 2, "content": 2, "text": 1, "widget": 1, "menu": 1, "panel": 1}
    assert set(found) | {"desktop"} == set(SORTS)
    title = next(target for target in TARGETS if target.sort == "title")
    assert title.window == 1
    assert 4 <= title.y < title.y + title.height_px <= 28
    assert title.x + title.width_px < 4 + 655 - 100, "the buttons that close a window are left out"
    assert clipped(Target("content", -100, 700, 150, 200), XGA) == Target("content", 0, 700, 50, 68)
    assert clipped(Target("content", 1020, 0, 100, 100), XGA) is None


class Stage(FakeDesktop):
    """A desktop whose programs open a window each."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.started: list[str] = []

    def begin(self) -> None:
        self._now_ns = 0

    def ask(self, do: str, /, **what: Any) -> Any:
        if do == "start":
            self.started += what["command"]
            return 1
        raise TracekitError(f"{do}: not known")

    def windows(self) -> Sequence[Window]:
        shell = (WINDOWS[0], WINDOWS[-1])
        return [*shell, *(Window(9, name, name, 100, 100, 400, 300, False) for name in self.started)]


def test_a_run_plays_the_plan_and_keeps_what_it_came_from() -> None:
    for policy in POLICIES:
        desktop = Stage(seconds=20)
        driver = policy(policy.Config(), 7)
        driver.prepare(desktop)
        prepared = len(desktop.done)
        desktop.begin()
        outcome = driver.run(desktop, 20)
        assert outcome.failed == ""
        assert outcome.task["programs"] == desktop.started
        assert 1 <= len(set(desktop.started) & set(PROGRAMS)) == len(desktop.started) <= 3
        targets = [Target(**target) for target in outcome.task["targets"]]
        assert outcome.plan == policy.plan(policy.Config(), 7, 20, XGA, targets)
        made = [do for _, do in desktop.done[prepared:]]
        assert len(made) == outcome.task["played"]["done"] > 10
        assert desktop.now_ns() >= 20 * NS_PER_S, "it stays until the recording ends"


def test_a_desktop_that_dies_fails_the_run_and_keeps_the_plan() -> None:
    desktop = Stage(seconds=20)
    driver = RandomFast(FastSettings(), 7)
    driver.prepare(desktop)
    desktop.begin()
    desktop.dies_at = len(desktop.done) + 100
    outcome = driver.run(desktop, 20)
    assert (outcome.failed, outcome.reason) == ("the desktop is gone", "desktop-died")
    assert outcome.plan


def test_what_is_held_when_a_recording_ends_early_is_let_go() -> None:
    plan = [
        Do(0, "down", button="left"),
        Do(0, "key-down", keysym="Shift_L"),
        Do(0, "key-down", keysym="a"),
        Do(1, "key-up", keysym="a"),
        Do(9 * NS_PER_S, "key-up", keysym="Shift_L"),
        Do(9 * NS_PER_S, "up", button="left"),
    ]
    desktop = FakeDesktop(seconds=2)
    played = play(desktop, plan)
    assert [do[1:] for _, do in desktop.done[4:]] == [
        Do(0, "key-up", keysym="Shift_L")[1:],
        Do(0, "up", button="left")[1:],
    ]
    assert (played.done, played.unplayed) == (6, 2)


def test_where_inputs_are_late_moves_are_dropped_and_all_else_is_made_in_order() -> None:
    press = [Do(60, "down", button="left"), Do(70, "up", button="left")]
    plan = [*(Do(10 * number, "move", number, 0) for number in range(6)), *press, Do(80, "move", 99, 0)]
    desktop = FakeDesktop()
    desktop.wait_until(NS_PER_S)
    played = play(desktop, plan)
    assert [do for _, do in desktop.done] == [plan[5], *press, plan[-1]]
    assert (played.dropped_moves, played.unplayed) == (5, 0)
    assert played.late_max_ns >= NS_PER_S - 80


def test_a_person_is_left_alone_until_the_recording_ends() -> None:
    desktop = Stage(seconds=5)
    person = Person(PersonSettings(programs=("mousepad", "thunar")), 0)
    person.prepare(desktop)
    assert desktop.started == ["mousepad", "thunar"]
    done = len(desktop.done)
    outcome = person.run(desktop, 5)
    assert len(desktop.done) == done
    assert desktop.now_ns() >= 5 * NS_PER_S
    assert outcome.task == {"programs": ["mousepad", "thunar"]}


def test_speed_of_a_hand_grows_with_the_screen() -> None:
    small, large = (measured(plan_of(RandomFast, 4, 60, screen), 60, screen.middle)[0] for screen in (XGA, HD))
    assert large / small == pytest.approx(math.dist((0, 0), HD) / math.dist((0, 0), XGA), rel=0.1)
