"""A task's steps are done as written, refused where a person could not do them, and checked before against after."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_desktop import FakeDesktop

from tracekit.desktop.policies.base import Window
from tracekit.desktop.policies.tasks import TasksConfig, TasksPolicy
from tracekit.desktop.tasks.checks import holds
from tracekit.desktop.tasks.execute import Execution
from tracekit.desktop.tasks.model import Check, Click, Drag, Menu, Target, Type, Wait
from tracekit.desktop.tasks.widgets import CannotDo

EDITOR = Window(1, "Notes", "Editor", 100, 100, 400, 300, active=True)


def node(name: str, x: int, y: int, width: int, height: int, **other: Any) -> dict[str, Any]:
    """A widget of the editor, as the agent tells it."""
    box = [x, y, width, height]
    told = {"role": "push button", "name": name, "box": box, "seen": box, "states": ["sensitive"], "window": "Notes"}
    return told | {"popup": False, "text": "", "value": None} | other


class Told(FakeDesktop):
    """A desktop whose widgets and files the test tells."""

    def __init__(self, *nodes: dict[str, Any], windows: Sequence[Window] = (EDITOR,), seconds: float = 3600) -> None:
        super().__init__(seconds=seconds)
        self._nodes, self._windows = nodes, windows
        self.files: dict[str, str] = {}
        self.opens_at_click = 0
        """At which click menus open."""
        self.saves_to = ""
        """The file that what is typed goes to."""

    def windows(self) -> Sequence[Window]:
        return self._windows

    def ask(self, do: str, /, **what: Any) -> Any:
        match do:
            case "read":
                return self.typed() if what["path"] == self.saves_to else self.files.get(what["path"])
            case "wait_for":
                self._now_ns += round(what["limit_s"] * 1e9) // 4
                found = [one for one in self._nodes if what["name"] is None or one["name"] == what["name"]]
                found = [one for one in found if not one["popup"] or len(self.clicks()) >= self.opens_at_click]
                return {"found": found[0] if found else None, "gone": not found, "count": len(found)}
        raise AssertionError(do)


def execution(desktop: FakeDesktop, seed: int = 1) -> Execution:
    return Execution(desktop, random.Random(seed), 1.0)


def click(name: str, **other: Any) -> Click:
    return Click(id="click", do="click", widget=Target(name=name), limit_s=2, **other)


@pytest.mark.parametrize("seed", range(20))
def test_a_click_falls_into_its_widget_and_every_button_comes_up(seed: int) -> None:
    desktop = Told(node("Save", 200, 200, 40, 16))
    execution(desktop, seed).run((click("Save"),))
    ((button, x, y),) = desktop.clicks()
    assert button == "left"
    assert 200 <= x < 240
    assert 200 <= y < 216
    assert [do.kind for _, do in desktop.done if do.kind in ("down", "up")] == ["down", "up"]


def test_the_same_seed_moves_the_same_way_and_another_does_not() -> None:
    ways = []
    for seed in (1, 1, 2):
        desktop = Told(node("Save", 200, 200, 40, 16))
        execution(desktop, seed).run((click("Save"),))
        ways.append(desktop.done)
    assert ways[0] == ways[1] != ways[2]


@pytest.mark.parametrize(
    ("nodes", "windows", "reason"),
    [
        ((), (EDITOR,), "not-found"),
        ((node("Save", 1020, 200, 40, 16),), (EDITOR,), "off-screen"),
        ((node("Save", 200, -30, 40, 16),), (EDITOR,), "off-screen"),
        (
            (node("Save", 200, 200, 40, 16),),
            (EDITOR, Window(2, "Other", "Other", 0, 0, 1024, 700, active=True)),
            "covered",
        ),
    ],
    ids=["not there", "right of the screen", "above it", "under another window"],
)
def test_what_a_person_could_not_click_is_refused(
    nodes: tuple[dict[str, Any], ...], windows: tuple[Window, ...], reason: str
) -> None:
    desktop = Told(*nodes, windows=windows)
    run = execution(desktop)
    with pytest.raises(CannotDo) as raised:
        run.run((click("Save"),))
    assert raised.value.reason == reason
    assert desktop.clicks() == []
    assert run.done[-1]["id"] == "click"


def test_a_menu_is_above_all_windows() -> None:
    over = Window(2, "Other", "Other", 0, 0, 1024, 700, active=True)
    desktop = Told(node("Copy", 200, 200, 90, 20, popup=True), windows=(EDITOR, over))
    execution(desktop).run((click("Copy"),))
    assert len(desktop.clicks()) == 1


def test_a_button_that_is_held_at_the_end_of_the_recording_comes_up() -> None:
    desktop = Told(node("File", 200, 200, 40, 16), node("Folder", 800, 600, 40, 16), seconds=1.5)
    drag = Drag(id="drag", do="drag", widget=Target(name="File"), to=Target(name="Folder"))
    with pytest.raises(CannotDo) as raised:
        execution(desktop).run((drag,))
    assert raised.value.reason == "recording-ended"
    kinds = [do.kind for _, do in desktop.done if do.kind in ("down", "up")]
    assert kinds.count("down") == kinds.count("up")


def test_what_is_typed_goes_down_and_up_key_by_key() -> None:
    desktop = Told()
    execution(desktop).run((Type(id="type", do="type", text="Hi there\n"),))
    assert desktop.typed() == "<Shift_L>hi<space>there<Return>"
    held: list[str] = []
    for _, do in desktop.done:
        held.append(do.keysym) if do.kind == "key-down" else held.remove(do.keysym)
    assert held == []


def test_keys_wait_for_what_must_be_seen_before() -> None:
    desktop = Told(node("Delete", 200, 200, 40, 16))
    with pytest.raises(CannotDo, match="not there"):
        execution(desktop).run((click("Delete", sees=Target(name="really delete a.txt?")),))
    assert desktop.done == []


def test_the_way_into_a_menu_goes_straight_down() -> None:
    bar = node("Search", 200, 20, 60, 20, role="menu")
    item = node("Find", 200, 40, 300, 24, role="menu item", popup=True)
    desktop = Told(bar, item)
    menu = Menu(id="menu", do="menu", window="Notes", path=("Search", "Find"))
    execution(desktop).run((menu,))
    (_, first_x, _), (_, second_x, second_y) = desktop.clicks()
    assert abs(first_x - second_x) <= 1
    assert 40 <= second_y < 64


def test_a_menu_that_did_not_open_is_clicked_again() -> None:
    item = node("Find", 200, 40, 300, 24, role="menu item", popup=True)
    desktop = Told(node("Search", 200, 20, 60, 20, role="menu"), item)
    desktop.opens_at_click = 2
    execution(desktop).run((Menu(id="menu", do="menu", window="Notes", path=("Search", "Find")),))
    assert [y < 40 for _, _, y in desktop.clicks()] == [True, True, False]


def test_waiting_until_something_is_gone_ends_when_it_is() -> None:
    execution(Told()).run((Wait(id="wait", do="wait", widget=Target(name="Saving"), gone=True),))
    with pytest.raises(CannotDo) as raised:
        execution(Told(node("Saving", 1, 1, 9, 9))).run(
            (Wait(id="wait", do="wait", widget=Target(name="Saving"), gone=True, limit_s=1),)
        )
    assert raised.value.reason == "still-there"


@pytest.mark.parametrize(
    ("check", "before", "after", "held"),
    [
        ({"after": "x"}, "", "x", True),
        ({"after": "x"}, "x", "x", False),
        ({"after": "x"}, "", "y", False),
        ({"after": "x", "before": "w"}, "", "x", False),
        ({"matches": "^x+$"}, "", "xx", True),
        ({"matches": "^x+$"}, "", "xy", False),
        ({"number": "-3"}, "0", "\N{MINUS SIGN}3", True),
        ({"number": "1234"}, "0", "1,234.0", True),
        ({"number": "3"}, "0", "4", False),
        ({"number": "3"}, "0", "", False),
        ({"unchanged": True}, "x", "x", True),
        ({"unchanged": True}, "x", "y", False),
        ({"unchanged": True, "after": "y"}, "x", "x", False),
    ],
)
def test_an_outcome_holds_only_where_before_and_after_are_as_wanted(
    check: dict[str, Any], before: str, after: str, held: bool
) -> None:
    assert holds(Check(file="a.txt", **check), before, after) is held


def policy(folder: Path, **changes: Any) -> TasksPolicy:
    """Of one task: type a word, which is saved to a file."""
    task = {
        "id": "one",
        "program": "editor",
        "instruction": ["Write {word}."],
        "parameters": {"word": {"kind": "word"}},
        "steps": [{"id": "write", "do": "type", "text": "{word}", "limit_s": 1}],
        "check": [{"file": "a.txt", "before": "", "after": "{word}"}],
        "negative": {"without": ["write"]},
    }
    (folder / "one.yaml").write_text(yaml.safe_dump({**task, **changes}), "utf-8")
    return TasksPolicy(TasksConfig(folder=folder), seed=3)


def test_a_task_that_was_done_is_a_success_and_tells_all_of_it(tmp_path: Path) -> None:
    desktop = Told()
    driven = policy(tmp_path)
    driven.prepare(desktop)
    desktop.saves_to = "a.txt"
    outcome = driven.run(desktop, 60)
    word = driven.drawn.values["word"]
    assert outcome.success is True
    assert outcome.instruction == f"Write {word}."
    assert outcome.task["parameters"] == {"word": word}
    assert outcome.task["check"][0]["read_after"] == word
    (step,) = outcome.task["steps"]
    assert 0 < step["start_ns"] < step["end_ns"]
    assert outcome.plan is not None
    assert [do for _, do in desktop.done] == list(outcome.plan)


def test_without_the_step_that_matters_the_check_fails(tmp_path: Path) -> None:
    desktop = Told()
    done = policy(tmp_path)
    negative = TasksPolicy(TasksConfig(folder=tmp_path, negative=True), seed=3)
    assert negative.drawn == done.drawn
    negative.prepare(desktop)
    desktop.saves_to = "a.txt"
    outcome = negative.run(desktop, 60)
    assert outcome.success is False
    assert outcome.task["failure"] is None
    assert outcome.task["outcome_as_wanted"] is False


def test_a_step_that_cannot_be_done_ends_the_run_without_success(tmp_path: Path) -> None:
    steps = [{"id": "open", "do": "click", "widget": {"name": "Open"}, "limit_s": 1}]
    driven = policy(tmp_path, steps=steps, negative={"without": ["open"]})
    desktop = Told()
    driven.prepare(desktop)
    outcome = driven.run(desktop, 60)
    assert outcome.success is False
    assert outcome.failed == ""
    assert outcome.task["failure"]["step"] == "open"
    assert outcome.task["failure"]["reason"] == "not-found"


def test_a_recording_that_ends_before_the_task_is_done_is_no_success(tmp_path: Path) -> None:
    desktop = Told(seconds=1.0)
    driven = policy(tmp_path)
    driven.prepare(desktop)
    outcome = driven.run(desktop, 1.0)
    assert outcome.success is False
    assert outcome.task["failure"]["reason"] == "recording-ended"
