"""A small git repository: made by lines of shell, and followed here as commands change it."""

import random
from dataclasses import dataclass, field

from tracekit.tapes.families.world import PEOPLE, amount, file_names, phrase, place, quoted, written

Files = dict[str, list[str]]


@dataclass
class Repo:
    """What stands in the working tree, and what each branch knows of it."""

    author: str
    setup: list[str]
    """The lines of shell that made it."""
    files: Files = field(default_factory=dict)
    """Path -> lines, in the working tree."""
    committed: Files = field(default_factory=dict)
    """The same, as the branch that is checked out has them."""
    branch: str = "main"
    messages: list[str] = field(default_factory=list)
    """Of the commits of that branch, oldest first."""

    def changed(self) -> str:
        """What ``git commit -a`` will say that it changed, where lines were only added."""
        added = {path: len(rows) - len(self.committed.get(path, [])) for path, rows in self.files.items()}
        touched = [count for count in added.values() if count]
        return f"{amount(len(touched), 'file')} changed, {amount(sum(touched), 'insertion')}(+)"

    def commit(self, message: str) -> None:
        """Follow a commit of everything."""
        self.committed = {path: list(rows) for path, rows in self.files.items()}
        self.messages.append(message)


def make_repo(rng: random.Random, commits: int) -> Repo:
    """A repository with two or three files and so many commits, the first of which holds all files."""
    folder, setup = place(rng)
    author = rng.choice(PEOPLE)
    repo = Repo(author, setup)
    repo.files = {name: [phrase(rng) for _ in range(rng.randint(2, 3))] for name in file_names(rng, rng.randint(2, 3))}
    setup += [
        f"git init -q -b main; git config user.name {author}; git config user.email {author}@{folder[5:]}.example",
        "export GIT_PAGER=cat GIT_EDITOR=true",
        *(written(name, rows) for name, rows in repo.files.items()),
    ]
    for number in range(commits):
        if number:
            name, row = rng.choice(sorted(repo.files)), phrase(rng)
            repo.files[name].append(row)
            setup.append(f"echo '{row}' >> {name}")
        message = phrase(rng)
        setup.append(f"git add . && git commit -qm {quoted(message)}")
        repo.commit(message)
    return repo
