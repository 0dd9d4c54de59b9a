"""Work on files: make, copy, move, find, change modes, compare, link, look."""

import hashlib
import random
from collections.abc import Callable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import FOLDERS, NOUNS, file_name, phrase, place, quoted
from tracekit.tapes.families.world_files import Tree, make_tree

_OnTree = Callable[[random.Random, Tree], Step]


class Files:
    """Sessions in a small tree of files. What they do to it is followed here, so each look shows what it must."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """One look; a change and a look or two; or several changes and a look at what became of it all."""
        _, setup = place(rng)
        tree = make_tree(rng, folders=rng.randint(2, 3), files=rng.randint(4, 6))
        setup += tree.commands()
        if level == 1:
            steps = [rng.choice((*_LOOKS, *_CHANGES_SEEN))(rng, tree)]
        elif level == 2:
            steps = [rng.choice(_CHANGES)(rng, tree), *_some(rng, tree, _LOOKS, rng.randint(1, 2))]
        else:
            steps = [
                *_some(rng, tree, _CHANGES, rng.randint(1, 2)),
                rng.choice((*_LOOKS, *_CHANGES_SEEN))(rng, tree),
                rng.choice(_CHANGES)(rng, tree),
                rng.choice(_OVERVIEWS)(rng, tree),
            ]
        return story(rng, setup, steps, classes=("Files", "FS"))


def _some(rng: random.Random, tree: Tree, makers: Sequence[_OnTree], count: int) -> list[Step]:
    return [make(rng, tree) for make in rng.sample(makers, count)]


def _file(rng: random.Random, tree: Tree) -> str:
    return rng.choice(sorted(tree.files))


def _copy(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    folder = rng.choice([name for name in sorted(tree.folders) if not path.startswith(f"{name}/")])
    copy = f"{folder}/{rng.choice(NOUNS)}.{path.rpartition('.')[2]}"
    tree.files[copy] = list(tree.files[path])
    return step(f"cp -v {path} {copy}", f"copy {path} to {copy}", f"'{path}' -> '{copy}'")


def _move(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    folder = rng.choice([name for name in sorted(tree.folders) if not path.startswith(f"{name}/")])
    target = f"{folder}/{path.rpartition('/')[2]}"
    tree.files[target] = tree.files.pop(path)
    return step(f"mv -v {path} {folder}/", f"move {path} [into|to] {folder}", f"renamed '{path}' -> '{target}'")


def _rename(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    folder, _, name = path.rpartition("/")
    target = f"{folder}/{rng.choice(NOUNS)}-{name}"
    tree.files[target] = tree.files.pop(path)
    return step(f"mv -v {path} {target}", f"rename {path} to {target.rpartition('/')[2]}", f"renamed '{path}'")


def _remove(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    del tree.files[path]
    return step(f"rm -v {path}", f"[delete|remove] {path}", f"removed '{path}'")


def _write(rng: random.Random, tree: Tree) -> Step:
    path = f"{rng.choice(sorted(tree.folders))}/{file_name(rng, 'txt', 'md')}"
    row = phrase(rng)
    tree.files[path] = [row]
    return step(f"echo {quoted(row)} > {path}", f"[write|put] '{row}' [to|into] {path}")


def _append(rng: random.Random, tree: Tree) -> Step:
    path, row = _file(rng, tree), phrase(rng)
    tree.files[path] = [*tree.files[path], row]
    return step(f"echo {quoted(row)} >> {path}", f"[append|add] the line '{row}' to {path}")


def _make_folder(rng: random.Random, tree: Tree) -> Step:
    outer = rng.choice([name for name in FOLDERS if name not in tree.folders])
    inner = rng.choice(NOUNS)
    path = f"{outer}/{inner}/{file_name(rng, 'txt')}"
    tree.files[path] = []
    return Step(
        (f"mkdir -pv {outer}/{inner}", f"touch {path}"),
        f"make the folder {outer}/{inner} with an empty file {path.rpartition('/')[2]} in it",
        (f"created directory '{outer}/{inner}'",),
    )


def _edit(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    rows = [row for row in tree.files[path] if row] or [""]
    words = rng.choice(rows).split()
    old, new = (words[-1] if words else "none"), rng.choice(NOUNS)
    tree.files[path] = [row.replace(old, new, 1) for row in tree.files[path]]
    return step(f"sed -i s/{old}/{new}/ {path}", f"replace {old} by {new} in {path}")


def _link(rng: random.Random, tree: Tree) -> Step:
    path, link = _file(rng, tree), rng.choice(("latest", "current", "newest", *NOUNS))
    return Step(
        (f"ln -s {path} {link}", f"readlink -f {link} | cut -d/ -f4-"),
        f"make a symbolic link {link} to {path} and [see|check] where it leads",
        (path,),
    )


def _mode(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    mode = rng.choice((0o600, 0o640, 0o644, 0o700, 0o750, 0o755, 0o444, 0o664))
    letters = "".join(letter if mode >> (8 - place) & 1 else "-" for place, letter in enumerate("rwxrwxrwx", start=0))
    return Step(
        (f"chmod {mode:o} {path}", f"stat -c '%A %s %n' {path}"),
        f"set the mode of {path} to {mode:o} and [check|verify] it",
        (f"-{letters} {tree.size(path)} {path}",),
    )


def _find_name(rng: random.Random, tree: Tree) -> Step:
    folder, _, name = _file(rng, tree).rpartition("/")
    start = name[: rng.randint(2, 5)]
    found = [path for path in tree.files if path.startswith(f"{folder}/{start}")]
    return step(
        f"find {folder} -name '{start}*' | sort",
        f"[find|list] all files [below|under|in] {folder} [whose names begin|that begin] with {start}",
        *found,
    )


def _list(rng: random.Random, tree: Tree) -> Step:
    folder = rng.choice([name for name in sorted(tree.folders) if tree.inside(name)] or sorted(tree.folders))
    return step(f"ls -1 {folder}", f"[list|show] [the files in {folder}|what is in {folder}]", *tree.inside(folder))


def _read(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    return step(f"cat {path}", f"[read|print|show] {path}", *tree.files[path])


def _bytes(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    return step(
        f"wc -lc {path}",
        f"count lines and bytes of {path}",
        f"{len(tree.files[path])} {tree.size(path)} {path}" if tree.size(path) > 99 else f"{tree.size(path)} {path}",
    )


def _checksum(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    kind = rng.choice(("md5", "sha1", "sha256"))
    digest = hashlib.new(kind, "".join(f"{row}\n" for row in tree.files[path]).encode()).hexdigest()
    return step(f"{kind}sum {path}", f"[compute|print] the {kind} checksum of {path}", digest)


def _search(rng: random.Random, tree: Tree) -> Step:
    words = " ".join(rng.choice(tree.files[_file(rng, tree)] or [phrase(rng)]).split()[-2:])
    found = [f"{path}:{row}" for path, rows in tree.files.items() for row in rows if words in row]
    return step(
        f"grep -r '{words}' . | sort | nl",
        f"[search|look through] all files for '{words}' and number what is found",
        *found,
    )


def _path_parts(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    folder, _, name = path.rpartition("/")
    stem, _, extension = name.rpartition(".")
    return step(
        f"basename {path} .{extension}; dirname $PWD/{path} | cut -d/ -f4-",
        f"[take apart the path|print stem and folder of] {path}",
        *(part for part in (stem, folder)),
    )


def _same(rng: random.Random, tree: Tree) -> Step:
    path = _file(rng, tree)
    copy, row = f"{rng.choice(NOUNS)}.copy", phrase(rng)
    tree.files[copy] = [*tree.files[path], row]
    return Step(
        (f"cp {path} {copy} && echo {quoted(row)} >> {copy}", f"diff {path} {copy} || true"),
        f"copy {path} to {copy} with a line more, and show the difference",
        (f"> {row}",),
    )


def _loop(rng: random.Random, tree: Tree) -> Step:
    folder = rng.choice([name for name in sorted(tree.folders) if tree.inside(name)] or sorted(tree.folders))
    shown = [f"{path}: {tree.size(path)} bytes" for path in tree.files]
    return step(
        f'for f in {folder}/*; do echo "$f: $(wc -c < $f) bytes"; done',
        f"[loop over|go through] {folder} and print the size of each file",
        *(row for row in shown if row.startswith(f"{folder}/")),
    )


def _count_all(rng: random.Random, tree: Tree) -> Step:
    return step(
        "find . -type f | wc -l",
        "count all files below this folder",
        str(len(tree.files)),
    )


def _overview(rng: random.Random, tree: Tree) -> Step:
    return step(
        "find . -type f | sort", "list all files [there are now|that are there now|below this folder]", *tree.listing()
    )


def _largest(rng: random.Random, tree: Tree) -> Step:
    ranked = sorted(((tree.size(path), path) for path in tree.files), reverse=True)
    return step(
        "find . -type f -printf '%s %P\\n' | sort -rn | head -n 3",
        "show the three largest files",
        *(f"{size} {path}" for size, path in ranked[:3] if size > ranked[3][0]) if len(ranked) > 3 else (),
    )


_CHANGES: Sequence[_OnTree] = (_copy, _move, _rename, _remove, _write, _append, _make_folder, _edit)
_CHANGES_SEEN: Sequence[_OnTree] = (_mode, _same, _link)
_LOOKS: Sequence[_OnTree] = (_find_name, _list, _read, _bytes, _checksum, _search, _path_parts, _loop)
_OVERVIEWS: Sequence[_OnTree] = (_overview, _count_all, _largest)
