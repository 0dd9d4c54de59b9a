"""Version control with git: looking, committing, branches, merges, conflicts that are mended, stashes, reverts."""

import random
from collections.abc import Callable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import NOUNS, VERBS, file_name, phrase, quoted
from tracekit.tapes.families.world_repo import Repo, make_repo

_OnRepo = Callable[[random.Random, Repo], Step]
_Story = Callable[[random.Random, Repo], list[Step]]


class Git:
    """Sessions in a small repository, which is followed here, so each look at it shows what it must."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """One look at the history; a change that is committed, and a look; or a story of branches."""
        repo = make_repo(rng, rng.randint(2, 4) if level == 1 else rng.randint(1, 2))
        if level == 1:
            steps = [rng.choice(_LOOKS)(rng, repo)]
        elif level == 2:
            steps = [*_change(rng, repo), rng.choice(_LOOKS)(rng, repo)]
        else:
            steps = rng.choice(_STORIES)(rng, repo)
        # A merge that stops at a conflict says so by its exit status.
        fails = any("CONFLICT" in string for one in steps for string in one.shows)
        return story(rng, repo.setup, steps, classes=("VCS", "Files"), succeeds=not fails)


def _file(rng: random.Random, repo: Repo) -> str:
    return rng.choice(sorted(repo.committed))


def _branch(rng: random.Random) -> str:
    return f"{rng.choice(VERBS)}-{rng.choice(NOUNS)}"


def _log(rng: random.Random, repo: Repo) -> Step:
    name = _file(rng, repo)
    return step(
        f"git log --format='%an did: %s' {name}",
        f"[show|list] who changed {name}, and how",
        f"{repo.author} did: {repo.messages[0]}",
    )


def _last(rng: random.Random, repo: Repo) -> Step:
    name = _branch(rng)
    return step(
        f"git tag {name} && git log --oneline -n 1",
        f"tag the last commit as {name} and show it",
        f"(HEAD -> {repo.branch}, tag: {name}) {repo.messages[-1]}",
    )


def _grep(rng: random.Random, repo: Repo) -> Step:
    words = " ".join(rng.choice(repo.committed[_file(rng, repo)]).split()[-2:])
    found = [
        f"{path}:{number}:{row}"
        for path, rows in repo.committed.items()
        for number, row in enumerate(rows, start=1)
        if words in row
    ]
    return step(f"git grep -n '{words}'", f"[search|look through] all tracked files for '{words}'", *found)


def _blame(rng: random.Random, repo: Repo) -> Step:
    name = _file(rng, repo)
    rows = repo.committed[name]
    first = rng.randint(1, len(rows))
    return step(
        f"git blame -s -L {first},{len(rows)} {name}",
        f"[show|find out] which commit brought each line of {name} from line {first} on",
        *(f"{number}) {row}" for number, row in enumerate(rows[first - 1 :], start=first)),
    )


def _old_version(rng: random.Random, repo: Repo) -> Step:
    name = _file(rng, repo)
    return step(
        f"git show HEAD:{name} | nl",
        f"[print|show] {name} as the last commit has it, with line numbers",
        *_numbered(repo, name),
    )


def _numbered(repo: Repo, name: str) -> list[str]:
    return [f"{number:6}  {row}" for number, row in enumerate(repo.committed[name], start=1)]


def _tracked(rng: random.Random, repo: Repo) -> Step:
    name = _file(rng, repo)
    stem, _, end = name.rpartition(".")
    start = stem[: rng.randint(2, len(stem))]
    found = sorted(path for path in repo.committed if path.startswith(start) or path.endswith(f".{end}"))
    return step(
        f"git ls-files '{start}*' '*.{end}' | nl -w1 -s': '",
        f"[list|number] the tracked files that begin with {start} or end in .{end}",
        *(f": {path}" for path in found),
    )


def _count(rng: random.Random, repo: Repo) -> Step:
    name = _branch(rng)
    return Step(
        (f"git branch {name}", f'echo "commits: $(git rev-list --count {name})"'),
        f"make a branch {name} and count its commits",
        (f"commits: {len(repo.messages)}",),
    )


def _diff(rng: random.Random, repo: Repo) -> Step:
    name, row = _file(rng, repo), phrase(rng)
    repo.files[name].append(row)
    return Step(
        (f"echo {quoted(row)} >> {name}", f"git diff -U0 {name}"),
        f"add a line to {name} and show the [difference|change]",
        (f"+{row}", f"+++ b/{name}"),
    )


def _status(rng: random.Random, repo: Repo) -> Step:
    name = _file(rng, repo)
    new = file_name(rng, "tmp", "new", "out")
    return Step(
        (f"echo {rng.choice(NOUNS)} | tee -a {name} {new}", "git status -s"),
        f"change {name}, make {new}, and show the short status",
        (f" M {name}", f"?? {new}"),
    )


def _commit(rng: random.Random, repo: Repo) -> Step:
    """Commit everything; how much that is, git says."""
    message, changed = phrase(rng), repo.changed()
    repo.commit(message)
    return step(
        f"git commit -am {quoted(message)}",
        f"commit [it|the change|that] as '{message}'",
        changed,
        f"[{repo.branch} ",
    )


def _append(rng: random.Random, repo: Repo, name: str) -> Step:
    row = phrase(rng)
    repo.files[name].append(row)
    return step(f"echo {quoted(row)} >> {name}", f"[append|add] '{row}' to {name}")


def _change(rng: random.Random, repo: Repo) -> list[Step]:
    """A change, and its commit."""
    if rng.random() < 0.6:
        return [_append(rng, repo, _file(rng, repo)), _commit(rng, repo)]
    name, row = f"{rng.choice(NOUNS)}.txt", phrase(rng)
    repo.files[name] = [row]
    return [
        Step((f"echo {quoted(row)} > {name}", f"git add {name}"), f"make the file {name} and [add|stage] it"),
        _commit(rng, repo),
    ]


def _switch(repo: Repo, name: str) -> Step:
    repo.branch = name
    return step(f"git switch -c {name}", f"[start|make] a branch {name}", f"Switched to a new branch '{name}'")


def _merge(rng: random.Random, repo: Repo) -> list[Step]:
    """Work on a branch, which is then merged."""
    name, straight = _branch(rng), rng.random() < 0.5
    steps = [_switch(repo, name), *_change(rng, repo)]
    merge = (
        step(f"git merge {name}", f"merge {name}", "Fast-forward")
        if straight
        else step(
            f"git merge --no-ff --no-edit {name}",
            f"merge {name} with a commit of its own",
            "Merge made by the 'ort' strategy.",
        )
    )
    shown = f" {repo.messages[-1]}" if straight else f"main) Merge branch '{name}'"
    return [
        *steps,
        step("git switch main", "[go back|switch back|return] to main", "Switched to branch 'main'"),
        merge,
        step("git log --oneline --graph -n 3", "[show|look at] the history", shown),
    ]


def _conflict(rng: random.Random, repo: Repo) -> list[Step]:
    """Two branches that change the same line, and how that is mended."""
    name, path = _branch(rng), _file(rng, repo)
    ours, theirs, message = phrase(rng), phrase(rng), phrase(rng)
    kept, dropped = rng.choice((("ours", theirs), ("theirs", ours)))
    row = ours if kept == "ours" else theirs
    repo.setup += [
        f"git switch -qc {name}; echo {quoted(theirs)} > {path}; git commit -qam {quoted(phrase(rng))}",
        f"git switch -q main; echo {quoted(ours)} > {path}; git commit -qam {quoted(phrase(rng))}",
    ]
    return [
        step(f"git merge {name}", f"merge {name}, which conflicts", f"CONFLICT (content): Merge conflict in {path}"),
        step(f"cat {path}", f"look at the conflict in {path}", "<<<<<<< HEAD", row, dropped),
        Step((f"git checkout --{kept} {path}", f"cat {path}"), f"keep [{kept}|the version called {kept}]"),
        Step(
            (f"git add {path}", f"git commit -m {quoted(message)}"),
            f"[end|finish|conclude] the merge as '{message}'",
            ("[main ",),
        ),
    ]


def _stash(rng: random.Random, repo: Repo) -> list[Step]:
    """Put a change away and take it back."""
    name = _file(rng, repo)
    return [
        _append(rng, repo, name),
        step(
            "git stash",
            "put the change [away|on the stash]",
            f"Saved working directory and index state WIP on {repo.branch}: ",
        ),
        step(f"wc -l {name}", f"count the lines of {name} without it", f"{len(repo.committed[name])} {name}"),
        step("git stash pop", "take it back", f"modified:   {name}", "Dropped refs/stash@{0}"),
        _commit(rng, repo),
    ]


def _revert(rng: random.Random, repo: Repo) -> list[Step]:
    """Commit something and take it back by another commit."""
    name = _file(rng, repo)
    count = len(repo.committed[name])
    made = [_append(rng, repo, name), _commit(rng, repo)]
    message = repo.messages[-1]
    return [
        *made,
        step("git revert --no-edit HEAD", "revert it", f'Revert "{message}"'),
        step(f"wc -l {name}", f"[check|see] that {name} is as long as before", f"{count} {name}"),
        step("git log --oneline -n 2", "show the last two commits", f'(HEAD -> main) Revert "{message}"'),
    ]


def _cherry_pick(rng: random.Random, repo: Repo) -> list[Step]:
    """Take one commit of another branch over."""
    name, new, row, message = _branch(rng), f"{rng.choice(NOUNS)}.txt", phrase(rng), phrase(rng)
    return [
        _switch(repo, name),
        Step(
            (f"echo {quoted(row)} > {new} && git add {new}", f"git commit -m {quoted(message)}"),
            f"commit the new file {new} as '{message}'",
            ("1 file changed, 1 insertion(+)", f"create mode 100644 {new}"),
        ),
        step("git switch -", "go back to main", "Switched to branch 'main'"),
        step(f"git cherry-pick {name}", "take that commit over", "[main "),
        step(f"nl {new}", f"[check|see] that {new} is there", f"     1\t{row}".expandtabs()),
    ]


def _amend(rng: random.Random, repo: Repo) -> list[Step]:
    """Commit, and commit better."""
    made, better = _change(rng, repo), phrase(rng)
    count = len(repo.messages)
    return [
        *made,
        step(f"git commit --amend -m {quoted(better)}", f"change its message to '{better}'", f"[{repo.branch} "),
        step(
            "git log --format='%h [%s]'",
            "see that the history [is|stays] clean",
            f"[{better}]",
            f"[{repo.messages[0]}]",
        )
        if count > 1
        else step("git log --format='%h [%s]'", "show the history", f"[{better}]"),
    ]


def _restore(rng: random.Random, repo: Repo) -> list[Step]:
    """Lose a file and get it back."""
    name = _file(rng, repo)
    return [
        step(f"rm {name}", f"delete {name} by [mistake|accident]"),
        step("git status -s", "see what git says", f" D {name}"),
        step(f"git restore {name}", "restore it"),
        step(f"nl {name}", "[read|check] it", *_numbered(repo, name)),
        *_change(rng, repo),
    ]


_LOOKS: Sequence[_OnRepo] = (_log, _last, _grep, _blame, _old_version, _tracked, _count, _diff, _status)
_STORIES: Sequence[_Story] = (_merge, _conflict, _stash, _revert, _cherry_pick, _amend, _restore)
