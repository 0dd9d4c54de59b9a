"""A small tree of files, made by lines of shell and known here, so that what is done to it can be followed."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracekit.tapes.families.world import CITIES, FOLDERS, NOUNS, file_names, phrase, written


@dataclass
class Tree:
    """Folders, none within another, and their files: what is in them now."""

    files: dict[str, list[str]] = field(default_factory=dict)
    """Path -> lines."""
    folders: set[str] = field(default_factory=set)

    def commands(self) -> list[str]:
        """The lines of shell that make it."""
        made = [f"mkdir -p {' '.join(sorted(self.folders))}"] if self.folders else []
        return made + [written(path, rows) for path, rows in self.files.items()]

    def inside(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted as ``ls`` does."""
        return sorted(path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/"))

    def size(self, path: str) -> int:
        """Bytes of a file."""
        return sum(len(row) + 1 for row in self.files[path])

    def listing(self) -> list[str]:
        """All files as ``find . -type f | sort`` lists them."""
        return sorted(f"./{path}" for path in self.files)


def make_tree(rng: random.Random, folders: int = 2, files: int = 5, extensions: Iterable[str] = ()) -> Tree:
    """A tree of a few folders and files; every folder has a file, every file one to three lines."""
    tails = (f"/{rng.choice(NOUNS)}", f"/{rng.choice(CITIES)}", f"-{rng.choice(NOUNS)}")
    names = sorted(f"{name}{rng.choice(tails)}" for name in rng.sample(FOLDERS, folders))
    made = file_names(rng, files, tuple(extensions) or ("txt", "md", "csv", "log", "conf"))
    tree = Tree(folders=set(names))
    for number, name in enumerate(made):
        folder = names[number] if number < folders else rng.choice(names)
        tree.files[f"{folder}/{name}"] = [phrase(rng) for _ in range(rng.randint(1, 3))]
    return tree
