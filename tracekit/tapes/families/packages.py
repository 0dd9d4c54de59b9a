"""Packages from an index in a folder: pip installs, lists, upgrades and removes what the tape itself made beforehand.

The wheels are written by the hidden set-up (a wheel is a zip file, PEP 427), so nothing is fetched and every tape
has packages of its own.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import NOUNS, place, project, written

_INDEX = (
    "import sys, zipfile",
    "for wheel in sys.argv[1:]:",
    '    name, version, header, code = wheel.split("|")',
    '    module = name.replace("-", "_")',
    '    with zipfile.ZipFile(f"wheels/{module}-{version}-py3-none-any.whl", "w") as file:',
    '        folder = f"{module}-{version}.dist-info/"',
    '        file.writestr(module + ".py", code)',
    '        label = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n{header}"',
    '        file.writestr(folder + "METADATA", label)',
    '        file.writestr(folder + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
    '        file.writestr(folder + "RECORD", "")',
)
"""A program that writes a wheel for each of its arguments, ``NAME|VERSION|HEADER|CODE``."""
_SITE = (
    "export PYTHONUSERBASE=$PWD/.site PIP_USER=1 PIP_BREAK_SYSTEM_PACKAGES=1 PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1"
    " PIP_FIND_LINKS=$PWD/wheels PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_WARN_SCRIPT_LOCATION=1"
)
"""What is installed goes into the tape's own folder."""


@dataclass
class Package:
    """A package that is in the index: two versions, and a module of one function."""

    name: str
    old: str
    new: str
    factor: int

    @property
    def module(self) -> str:
        """What is imported."""
        return self.name.replace("-", "_")

    def wheels(self, needs: str = "") -> str:
        """The arguments of `_INDEX` for both versions, which need another package if one is named."""
        header = f"Requires-Dist: {needs}" if needs else ""
        return " ".join(
            f"'{self.name}|{version}|{header}|times = lambda n: n * {self.factor}'" for version in (self.old, self.new)
        )


class Packages:
    """Sessions with pip."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """An installation; an installation that is used; or a story of versions, requirements and removal."""
        _, setup = place(rng)
        one, two = _package(rng), _package(rng)
        while two.name == one.name:
            two = _package(rng)
        setup += [
            "mkdir wheels",
            written("index.py", _INDEX),
            f"python3 index.py {one.wheels()} {two.wheels(one.name)}; rm index.py",
            _SITE,
        ]
        if level == 1:
            steps = [rng.choice((_install, _install_both, _download, _dry))(rng, one, two)]
        elif level == 2:
            steps = [
                _install(rng, one, two),
                *(make(rng, one) for make in rng.sample((_use, _show, _list), rng.randint(1, 2))),
            ]
        else:
            steps = rng.choice(_STORIES)(rng, one, two)
        fails = any(string.startswith("ERROR") for one_step in steps for string in one_step.shows)
        return story(rng, setup, steps, classes=("Package",), succeeds=not fails)


def _package(rng: random.Random) -> Package:
    major, minor = rng.randint(0, 4), rng.randint(0, 9)
    old, new = (
        f"{major}.{minor}.{rng.randint(0, 9)}",
        rng.choice((f"{major}.{minor + 1}.0", f"{major + 1}.0.{rng.randint(0, 5)}")),
    )
    name = rng.choice((project(rng), f"{project(rng)}-{rng.choice(NOUNS)}"))
    return Package(name, old, new, rng.randint(2, 99))


def _installed(*packages: tuple[Package, str]) -> str:
    """The last line that pip prints for them."""
    return "Successfully installed " + " ".join(sorted(f"{package.name}-{version}" for package, version in packages))


def _install(rng: random.Random, one: Package, two: Package) -> Step:
    return step(
        f"pip install {one.name}",
        f"[install|install the package] {one.name} from the local index",
        _installed((one, one.new)),
    )


def _install_old(rng: random.Random, one: Package, two: Package) -> Step:
    return step(
        f"pip install {one.name}=={one.old}",
        f"install version {one.old} of {one.name}",
        _installed((one, one.old)),
    )


def _install_both(rng: random.Random, one: Package, two: Package) -> Step:
    return step(
        f"pip install {two.name}",
        f"install {two.name}, which needs {one.name}",
        _installed((one, one.new), (two, two.new)),
    )


def _download(rng: random.Random, one: Package, two: Package) -> Step:
    return step(
        f"pip download --no-deps -d saved {one.name} | tail -n 1",
        f"download {one.name} from the local index without installing it",
        f"Successfully downloaded {one.name}",
    )


def _dry(rng: random.Random, one: Package, two: Package) -> Step:
    return step(
        f"pip install --dry-run '{one.name}<{one.new}'",
        f"[see|ask] which version of {one.name} below {one.new} would be installed",
        f"Would install {one.name}-{one.old}",
    )


def _use(rng: random.Random, one: Package) -> Step:
    number = rng.randint(2, 99)
    return step(
        f"python3 -c 'import {one.module} as m; print(\"{number} times\", m.times({number}))'",
        f"[use|try] it on {number}",
        f"{number} times {number * one.factor}",
    )


def _show(rng: random.Random, one: Package) -> Step:
    return step(f"pip show {one.name} | head -n 2", "[show|ask for] its version", f"Version: {one.new}")


def _list(rng: random.Random, one: Package) -> Step:
    return step("pip freeze", "list what is installed", f"{one.name}=={one.new}")


def _upgrade_story(rng: random.Random, one: Package, two: Package) -> list[Step]:
    return [
        _install_old(rng, one, two),
        _use(rng, one),
        step(f"pip install --upgrade {one.name}", "upgrade it", f"Successfully uninstalled {one.name}-{one.old}"),
        step("pip freeze", "see what is installed now", f"{one.name}=={one.new}"),
    ]


def _requirements_story(rng: random.Random, one: Package, two: Package) -> list[Step]:
    name = rng.choice(("requirements.txt", "needs.txt", f"{rng.choice(NOUNS)}.txt"))
    return [
        step(f"echo '{two.name}=={two.old}' > {name}", f"write {two.name} {two.old} into {name}"),
        step(
            f"pip install -r {name} | tail -n 1", "install what it asks for", _installed((one, one.new), (two, two.old))
        ),
        step("pip freeze", "list what is installed", f"{two.name}=={two.old}"),
        _use(rng, two),
    ]


def _removal_story(rng: random.Random, one: Package, two: Package) -> list[Step]:
    return [
        _install(rng, one, two),
        _show(rng, one),
        step(f"pip uninstall -y {one.name}", "remove it again", f"Successfully uninstalled {one.name}-{one.new}"),
        step("pip freeze | wc -l", "see that nothing is left", "0"),
    ]


def _missing_story(rng: random.Random, one: Package, two: Package) -> list[Step]:
    missing = f"{two.new}.1"
    return [
        step(
            f"pip install {one.name}=={missing}",
            f"try to install version {missing} of {one.name}, which does not exist",
            f"ERROR: No matching distribution found for {one.name}=={missing}",
        ),
        step(f"ls wheels/{one.module}*", "look at what the index has", f"{one.module}-{one.new}-py3-none-any.whl"),
        _install(rng, one, two),
        _use(rng, one),
    ]


_STORIES: tuple[Callable[[random.Random, Package, Package], list[Step]], ...] = (
    _upgrade_story,
    _requirements_story,
    _removal_story,
    _missing_story,
)
