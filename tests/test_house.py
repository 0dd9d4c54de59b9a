"""The laws of the house: what may import what, what every file has, what none says."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tracekit"
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = (
    ("core",),
    ("sandbox", "video", "actions"),
    ("terminal",),  # painted straight into the planes that `video` encodes
    ("casts", "shards"),
    ("clips", "load"),
    ("tapes", "desktop"),
    ("captions", "filters", "metrics", "train"),
    ("select", "evaluate"),
    ("build",),
    ("cli",),
)
"""From the ground up: a module may import its own folder and the floors below; a floor's folders stand side by side."""

MOST_LINES = 450
HEAVY = {
    "torch", "ray", "matplotlib", "docker", "Xlib", "pynput", "openai", "anthropic", "aiohttp", "duckdb", "webdataset",
    "diffusers", "transformers",
}  # fmt: skip
"""Packages that take long to import, or that not everybody has."""


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The folders of tracekit that a module imports from, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("tracekit.") and "__" not in name)


def climbs(folder: str, tree: ast.Module) -> set[str]:
    """The folders that a module of ``folder`` imports and should not."""
    floor = next(number for number, names in enumerate(FLOORS) if folder in names)
    allowed = {name for names in FLOORS[:floor] for name in names} | {folder}
    return set(imported(tree)) - allowed


def test_every_folder_has_its_floor() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders == {name for names in FLOORS for name in names}


def test_imports_go_down_the_floors_only() -> None:
    found = {
        (name_of(module), target)
        for module in MODULES
        if module.parent != PACKAGE
        for target in climbs(name_of(module).split("/")[0], tree_of(module))
    }
    assert not found


def test_an_import_that_climbs_or_goes_sideways_is_seen() -> None:
    source = "import tracekit\nfrom tracekit import __version__\nfrom tracekit.casts import read\n"
    source += "def f():\n    import tracekit.build.run\n    from tracekit import cli\n"
    assert climbs("shards", ast.parse(source)) == {"casts", "build", "cli"}
    assert climbs("cli", ast.parse(source)) == set()


def test_no_module_is_long() -> None:
    lines = {name_of(module): module.read_text(encoding="utf-8").count("\n") for module in MODULES}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize("module", ["tracekit", "tracekit.cli.main"])
def test_importing_the_commands_loads_nothing_heavy(module: str) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "tracekit" in loaded
    assert loaded & HEAVY == set()


def texts() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text; where there is no git, whatever stands beside the package."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or [
        path for folder in ("tracekit", "tests", "docs", "benchmarks", "recipes") for path in (ROOT / folder).rglob("*")
    ]
    for path in paths:
        if path.is_file() and b"\0" not in (data := path.read_bytes()):
            yield path, data.decode("utf-8", "replace")


def test_no_file_names_a_path_of_this_machine_or_the_host_of_a_package_registry() -> None:
    here = [re.escape(str(path)) for path in (ROOT, Path(sys.prefix)) if len(path.parts) > 2]
    unwanted = re.compile("|".join([*here, r"\b(?:pypi|npmjs|pythonhosted|anaconda)\.(?:org|com|io)\b"]))
    named = [f"{path.relative_to(ROOT)}: {found[0]}" for path, text in texts() if (found := unwanted.search(text))]
    assert named == []


def undocumented(tree: ast.Module) -> Iterator[str]:
    """The public names of a module that have no docstring; of a class, its methods included."""
    if not ast.get_docstring(tree):
        yield "the module"
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    for scope in scopes:
        for node in scope.body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            overloaded = any(getattr(one, "id", getattr(one, "attr", "")) == "overload" for one in node.decorator_list)
            if not ast.get_docstring(node) and not overloaded:
                yield node.name
            if isinstance(node, ast.ClassDef):
                scopes.append(node)


def test_what_is_public_has_a_docstring() -> None:
    assert [f"{name_of(module)}: {name}" for module in MODULES for name in undocumented(tree_of(module))] == []


def test_a_missing_docstring_is_seen() -> None:
    source = "class A:\n    '''A.'''\n    def f(self): ...\n    def _g(self): ...\ndef h(): ...\n"
    assert list(undocumented(ast.parse(source))) == ["the module", "h", "f"]


def test_type_checkers_may_read_the_package() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_no_two_files_of_tests_have_one_name() -> None:
    modules = [path for path in (ROOT / "tests").rglob("*.py") if not (path.parent / "__init__.py").exists()]
    names = [path.name for path in modules if path.name != "conftest.py"]  # pytest imports them by name alone
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_a_benchmark_has_a_main_and_explains_itself(script: Path) -> None:
    tree = tree_of(script)
    assert any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
    done = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) > 40


def test_components_that_tests_need_are_listed_where_they_are_required() -> None:
    calls = re.compile(r"\b(?:require|missing)\(\s*\"([a-z0-9_-]+)\"")
    used = {name for path in (ROOT / "tests").rglob("*.py") for name in calls.findall(path.read_text("utf-8"))}
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    required = re.search(r"^export TRACEKIT_REQUIRE=(\S+)$", script, re.MULTILINE)
    assert required
    named = set(required[1].split(","))
    assert named - used == set(), "names that no test knows"
    assert used - named - set(re.findall(r"`([a-z0-9_-]+)`", script)) == set(), "neither required nor excused"
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {name for name in used if f"`{name}`" not in contributing} == set()
