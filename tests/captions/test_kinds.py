"""What is entered at a prompt is told to be a command or a line of code."""

import pytest

from tracekit.captions.kinds import purpose_of, setting_of


@pytest.mark.parametrize(
    "text",
    [
        "echo crisp island | cut -c3- | rev",
        "!!; echo oak",
        "^water^little",
        "awk -F, 'NR > 1 {s += $4} END {print s}' table.csv",
        "for x in a b; do echo $x; done",
        "PLACE=denver; echo $PLACE",
        "NAME=value",
        "ls",
        "./run.sh --fast",
        "unheard-of --flag file.txt",
        "",
    ],
)
def test_the_prompt_of_tapes_takes_commands(text: str) -> None:
    assert setting_of(">", text) == "shell"


@pytest.mark.parametrize(
    "text",
    ["const x = 3", "x", "x + 1", "2 + 3", "total = 5", "Math.max(1, 2)", "[1, 2].map(n => n * 2)", "'a'.length",
     "for (let i = 0; i < 3; i++) console.log(i)", ".exit"],
)  # fmt: skip
def test_the_same_prompt_takes_lines_of_code_where_node_runs(text: str) -> None:
    assert setting_of(">", text) == "code"


@pytest.mark.parametrize(
    ("prompt", "setting"), [(">>>", "code"), ("$", "shell"), ("user@host:~$", "shell"), ("Name:", "dialogue")]
)
def test_a_prompt_that_is_only_one_thing_says_what_it_takes(prompt: str, setting: str) -> None:
    assert setting_of(prompt, "x") == setting


def test_a_command_has_its_purpose() -> None:
    assert purpose_of(">", "sort -u names.txt") == "work on text"
    assert purpose_of(">", ".exit") == "leave the session"
    assert purpose_of("$", "sudo apt install jq") == "manage packages of the system"
    assert purpose_of("$", "frobnicate") is None
