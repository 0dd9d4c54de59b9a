"""Every task file is right for any seed, says what is wanted, and what is not right is told with its place."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracekit.core.errors import TracekitError
from tracekit.desktop.tasks.model import TaskFile, load_tasks

FOLDER = Path(__file__).parents[2] / "recipes" / "tasks"
FILES = sorted(FOLDER.glob("*.yaml"))
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
SEEDS = 200

TASK: dict[str, Any] = {
    "id": "one",
    "program": "mousepad",
    "instruction": ["Write {word}."],
    "parameters": {"word": {"kind": "word"}},
    "steps": [{"id": "write", "do": "type", "text": "{word}"}],
    "check": [{"file": "a.txt", "after": "{word}"}],
    "negative": {"without": ["write"]},
}


def written(folder: Path, **changes: Any) -> Path:
    """A task file that differs from `TASK` in some keys."""
    path = folder / "one.yaml"
    path.write_text(yaml.safe_dump({**TASK, **changes}, sort_keys=False), "utf-8")
    return path


def roots(parameters: dict[str, Any], name: str) -> set[str]:
    """The parameters, drawn by themselves, that a parameter's value comes from, and itself."""
    found = {name}
    parameter = parameters[name]
    sources = [parameter[key] for key in ("of", "by") if key in parameter and parameter["kind"] != "choice"]
    for source in sources:
        for one in [source] if isinstance(source, str) else source:
            if one in parameters:
                found |= roots(parameters, one)
    return found


def test_there_are_thirty_tasks_over_six_programs() -> None:
    tasks = [yaml.safe_load(path.read_text("utf-8")) for path in FILES]
    assert len({task["id"] for task in tasks}) == len(FILES) >= 30
    assert len({task["program"] for task in tasks}) >= 6
    assert [path.stem for path in FILES] == [task["id"] for task in tasks]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_task_is_right_for_every_seed_and_the_same_for_the_same_seed(path: Path) -> None:
    file = TaskFile(path)
    drawn = [file.draw(seed) for seed in range(SEEDS)]
    assert file.draw(7) == drawn[7] == TaskFile(path).draw(7)
    for one in drawn:
        text = json.dumps(one.task.model_dump(mode="json", exclude={"parameters"})) + one.instruction
        assert [name for name in PLACE.findall(text) if name in one.values] == []
    if drawn[0].values:
        assert len({json.dumps(one.values) for one in drawn}) >= 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_instruction_tells_all_that_has_to_be_typed(path: Path) -> None:
    task = yaml.safe_load(path.read_text("utf-8"))
    parameters = task.get("parameters", {})
    typed = {name for step in task["steps"] for name in PLACE.findall(step.get("text", "")) if step["do"] == "type"}
    for instruction in task["instruction"]:
        told = set(PLACE.findall(instruction))
        assert told <= parameters.keys()
        derived = {name for name in parameters if roots(parameters, name) & told}
        told |= derived | {root for name in told for root in roots(parameters, name)}
        assert typed <= told, f"{instruction!r} does not tell {typed - told}"


def test_the_tasks_have_thousands_of_variants() -> None:
    variants = {(task.id, json.dumps(task.draw(seed).values)) for task in load_tasks(FOLDER) for seed in range(SEEDS)}
    assert len(variants) > 2000


def test_values_stand_as_they_are_in_text_are_quoted_for_the_shell_and_escaped_in_patterns(tmp_path: Path) -> None:
    hostile = "a b'; rm -rf * [c]"
    path = written(
        tmp_path,
        parameters={"word": {"kind": "choice", "of": [hostile]}},
        setup={"files": {"{word}": "{word}"}, "shell": ["cat {word} {1..3} ${HOME}"]},
        steps=[{"id": "write", "do": "type", "text": "{word}", "window": "^{word}$"}],
    )
    task = TaskFile(path).draw(0).task
    assert task.setup.files == {hostile: hostile}
    assert task.setup.shell == ("""cat 'a b'"'"'; rm -rf * [c]' {1..3} ${HOME}""",)
    step = task.steps[0]
    assert step.do == "type"
    assert step.text == hostile
    assert step.window is not None
    assert re.search(step.window, hostile)
    assert not re.search(step.window, hostile.replace("*", ""))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"color": 1}, "color: Extra inputs"),
        ({"steps": [{"id": "write", "do": "type", "text": "x", "speed": 1}]}, "steps.0.type.speed"),
        ({"steps": [{"id": "write", "do": "jump"}]}, "steps.0"),
        ({"instruction": ["Write {wrod}."]}, "there is no parameter 'wrod'"),
        ({"steps": [{"id": "write", "do": "keys", "keys": ["a"], "window": "["}]}, "no regular expression"),
        ({"steps": [TASK["steps"][0], TASK["steps"][0]]}, "two steps have the same id"),
        ({"negative": {"without": ["wait"]}}, "there is no step 'wait'"),
        ({"check": [{"file": "a.txt", "unchanged": True}]}, "nothing that it checks is to change"),
        ({"check": [{"file": "a.txt"}]}, "a check says what is to be read after"),
        ({"check": [{"file": "a.txt", "shell": "ls", "after": ""}]}, "a check has one of"),
        ({"parameters": {"word": {"kind": "number", "least": 3, "most": 2}}}, "least is more than most"),
        ({"parameters": {"word": {"kind": "lower", "of": "none"}}}, "parameters can't be drawn"),
        ({"check": [{"file": "a.txt", "after": "x", "number": "{word}"}]}, "is no number"),
    ],
)
def test_what_is_wrong_with_a_task_is_told_with_its_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(TracekitError, match=re.escape(said)) as raised:
        TaskFile(path)
    assert raised.value.place == str(path)


@pytest.mark.parametrize("data", [b"", b"- 1", b"a: [", b"\xff", b"[" * 5000, b"!!python/object:os.system {}"])
def test_a_file_that_is_no_task_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    with pytest.raises(TracekitError) as raised:
        TaskFile(path)
    assert raised.value.place == str(path)


def test_tasks_are_chosen_by_id_or_pattern() -> None:
    assert [task.id for task in load_tasks(FOLDER, ["thunar-rename"])] == ["thunar-rename"]
    assert {task.id.split("-")[0] for task in load_tasks(FOLDER, ["galculator-*", "mate-*"])} == {"galculator", "mate"}


def test_a_folder_or_a_task_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="there is no folder of tasks"):
        load_tasks(tmp_path / "none")
    with pytest.raises(TracekitError, match="there are no tasks"):
        load_tasks(tmp_path)
    written(tmp_path)
    with pytest.raises(TracekitError, match="there is no task 'two'"):
        load_tasks(tmp_path, ["two"])
    (tmp_path / "other.yaml").write_text((tmp_path / "one.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(TracekitError, match="the id one is that of"):
        load_tasks(tmp_path)
