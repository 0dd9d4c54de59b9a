"""What the documents show works: Python runs and prints what stands there, commands parse, recipes are valid."""

import contextlib
import doctest
import io
import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from components import require
from document_blocks import DOCUMENTS, Block, blocks

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.cli.main import app
from tracekit.core.errors import TracekitError

RECORDINGS = ("git.cast", "python_repl.cast")
_NAMES = [str(path.name) for path in DOCUMENTS]
_NEED = {"loading.md": "torch", "training.md": "diffusers"}
"""Documents whose examples need more than is installed always."""


@pytest.fixture(scope="session")
def general(demo_casts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set that the documents call ``general``: a recording in each split."""
    folder = tmp_path_factory.mktemp("documents") / "general"
    paths = ",".join(str(path) for path in demo_casts if path.name in RECORDINGS)
    recipe = demo_casts[0].parents[1] / "cligen_general.yaml"
    settings = [f"source.paths={paths}", "split.validation_fraction=0.5", "split.seed=1"]
    summary = build(load_recipe(recipe, settings), str(folder), Workers(0))
    assert set(summary.samples) == {"train", "validation"}
    return folder


@pytest.mark.parametrize("document", DOCUMENTS, ids=_NAMES)
def test_python_in_a_document_runs_and_prints_what_stands_below_it(
    document: Path, general: Path, demo_casts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if document.name in _NEED:
        require("torch", module=_NEED[document.name], remedy="pip install 'tracekit[train]'")
    shutil.copytree(general, tmp_path / "general")  # each document has its own: some change it
    shutil.copy(next(path for path in demo_casts if path.name in RECORDINGS), tmp_path / "session.cast")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    found = [*blocks(document), Block("", "", "", 0)]
    for block, below in pairwise(found):
        if block.kind == "python" and not block.title:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                # Line numbers of a traceback are those of the document.
                exec(compile("\n" * (block.line - 1) + block.text, document, "exec"), names)
            if below.kind == "text":
                assert printed.getvalue() == below.text, f"{document.name}:{below.line}"
        elif block.kind == "pycon":
            session = doctest.DocTestParser().get_doctest(block.text, names, document.name, str(document), block.line)
            assert doctest.DocTestRunner(verbose=False).run(session).failed == 0


COMMANDS = [
    pytest.param(line, id=f"{document.name}: {line}")
    for document in DOCUMENTS
    for block in blocks(document)
    if block.kind == "console"
    for line in re.findall(r"^\$ (tracekit .*)", block.text.replace("\\\n", ""), re.MULTILINE)
]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_a_document_is_one(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        assert words
        assert words[0] in command.commands
        command = command.commands[words.pop(0)]
    with contextlib.suppress(typer.Exit):  # --help
        assert command.make_context(line, words).params is not None


RECIPES = [
    pytest.param(block.text, id=f"{document.name}:{block.line}")
    for document in DOCUMENTS
    for block in blocks(document)
    if block.kind == "yaml" and not block.title and re.search(r"^name:", block.text, re.MULTILINE)
]


@pytest.mark.parametrize("text", RECIPES)
def test_a_recipe_in_a_document_is_valid(text: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(text)
    assert load_recipe(tmp_path / "recipe.yaml").name


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)(#[^)\s]*)?\)", document.read_text(encoding="utf-8"))
        if not _leads(document, target, anchor)
    ]
    assert not broken


def _leads(document: Path, target: str, anchor: str) -> bool:
    path = document.parent / target if target else document
    if not path.exists():
        return False
    if not anchor or path.suffix != ".md":
        return not anchor
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor[1:] in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_checks_here_see_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A b.c\n\n```python\n1\n```\n[x](b.md) [y](#a-bc)\n")
    assert blocks(tmp_path / "a.md") == [Block("python", "", "1\n", 4)]
    assert not _leads(tmp_path / "a.md", "b.md", "")
    assert _leads(tmp_path / "a.md", "", "#a-bc")
    (tmp_path / "bad.yaml").write_text("name: x\nsource: {kind: casts, paths: [.]}\nnope: 1\n")
    with pytest.raises(TracekitError, match="nope"):
        load_recipe(tmp_path / "bad.yaml")
