"""Make the images of sandboxes: ``python -m tracekit.sandbox.make_images [NAME...] [--base IMAGE] [--prune]``.

The Docker engine builds ``docker/NAME.Dockerfile`` on a public base image, or where no registry is reachable on one
that mmdebstrap makes. The image of desktops is then ready. That of terminals is put right once (no time stamp later
than a fixed instant, nothing of this machine), and the same archive then becomes the root file system in the cache
folder and the image in the engine. A call that finds everything made does nothing.
"""

import argparse
import fcntl
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from tracekit.core.errors import TracekitError
from tracekit.sandbox.engine import connect, told
from tracekit.sandbox.images import INPUTS, NAMES, SOURCES, UNPACKED, Image, cache, inputs, place, runs, split

if TYPE_CHECKING:
    from docker.api.client import APIClient

BASE = "debian:bookworm-slim"
LOCAL_BASE = "tracekit/base:bookworm"
NEWEST_S = 1_735_689_600
"""2025-01-01 00:00 UTC. No file of an image is newer, so every tape can begin after it."""
_LEFT_OUT = ("dev/", ".dockerenv")
"""What a container has of its own accord."""
_EMPTIED = {"etc/hosts", "etc/hostname", "etc/resolv.conf"}
"""What names the machine that made the base. Sandboxes cover these files."""


def make(name: str, base: str | None = None) -> Image:
    """Make an image unless it is there.

    Args:
        name: one of ``NAMES``.
        base: the image to build on; by default the public one, or where that can't be had one made by mmdebstrap.

    Raises:
        TracekitError: no engine, no base image, or the build failed; the message ends with what the build said last.
    """
    image, engine = place(name), connect()
    with told(), _alone():
        if image.folder.is_dir() and _has(engine, image.tag):
            _say(f"{image.tag} is made: {image.folder}")
            return image
        built = f"tracekit/{name}-build"
        _build(engine, name, built, base or _base(engine))
        if place(name) != image:
            raise TracekitError("files changed while the image was built", place=str(SOURCES), remedy="make images")
        with tempfile.TemporaryDirectory(dir=cache(), prefix="making-") as folder:
            made = Path(folder) / "image"
            made.mkdir()
            if name in UNPACKED:
                content = _unpack(engine, built, image.tag, made / "rootfs")
            else:
                engine.tag(built, *image.tag.split(":"))
                content = engine.inspect_image(image.tag)["Id"]
            (made / "image.json").write_text(json.dumps({"tag": image.tag, "content": content}))
            shutil.rmtree(image.folder, ignore_errors=True)
            made.rename(image.folder)
    _say(f"{image.tag} is made: {image.folder}")
    return image


def prune() -> None:
    """Remove the images of earlier versions of the files, unless something runs in them."""
    engine, wanted = connect(), {place(name).tag for name in NAMES}
    with told(), _alone():
        for record in cache().glob("*/image.json"):
            tag = json.loads(record.read_bytes())["tag"]
            if tag in wanted:
                continue
            with record.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    _say(f"{tag} is in use")
                    continue
                shutil.rmtree(record.parent)
            if _has(engine, tag):
                engine.remove_image(tag)
            _say(f"{tag} is removed")


def _say(line: str) -> None:
    print(f"images: {line}", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make images."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _has(engine: "APIClient", tag: str) -> bool:
    return bool(engine.images(name=tag, quiet=True))


def _base(engine: "APIClient") -> str:
    """The base image: the one that is here, or else the public one, or else one that mmdebstrap makes."""
    from docker.errors import APIError

    for tag in (LOCAL_BASE, BASE):
        if _has(engine, tag):
            return tag
    _say(f"pulling {BASE}")
    try:
        engine.pull(*BASE.split(":"))
        return BASE
    except APIError as error:
        _say(f"no registry is reachable ({error.explanation})")
    if not shutil.which("mmdebstrap"):
        raise TracekitError(f"{BASE} can't be pulled, and mmdebstrap is not here", remedy="apt install mmdebstrap")
    _say("mmdebstrap makes a base")
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--components=main", "bookworm", "-"]
    with tempfile.TemporaryFile() as archive, tempfile.TemporaryFile() as said:
        if subprocess.run(command, stdout=archive, stderr=said, check=False).returncode:
            said.seek(0)
            raise TracekitError(f"mmdebstrap failed: {said.read()[-2000:].decode(errors='replace')}")
        archive.seek(0)
        _take(engine, cast(IO[bytes], archive), LOCAL_BASE)
    return LOCAL_BASE


def _take(engine: "APIClient", archive: IO[bytes], tag: str) -> None:
    """Make an image of one layer of an archive."""
    path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    blocks = iter(lambda: archive.read(1 << 20), b"")  # a file would be sent with its length and in chunks as well
    engine.import_image_from_stream(blocks, *tag.split(":"), changes=['CMD ["bash"]', path])


def _build(engine: "APIClient", name: str, tag: str, base: str) -> None:
    _say(f"building {name} on {base}")
    kind, browser = split(name)
    said: list[str] = []
    steps = engine.build(
        fileobj=context(inputs(name)),
        custom_context=True,
        dockerfile=f"{kind}.Dockerfile",
        buildargs={"BASE": base} | ({"BROWSER": browser} if browser else {}),
        tag=tag,
        rm=True,
        forcerm=True,
        decode=True,
    )
    for step in steps:
        line = str(step.get("stream") or step.get("error") or "").rstrip()
        said += line.splitlines()
        if line.startswith("Step "):
            _say(line.splitlines()[0][:110])
        if "error" in step:
            raise TracekitError("the image did not build:\n" + "\n".join(said[-15:]), place=str(SOURCES))


def context(paths: Iterable[Path]) -> IO[bytes]:
    """What the engine builds from, the same bytes for the same files: it then knows the steps it did before."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for path in paths:
            entry = tarfile.TarInfo(str(path.relative_to(SOURCES)))
            content = path.read_bytes()
            entry.size, entry.mode, entry.mtime = len(content), 0o755 if runs(path) else 0o644, NEWEST_S
            archive.addfile(entry, io.BytesIO(content))
    context.seek(0)
    return context


def _unpack(engine: "APIClient", image: str, tag: str, rootfs: Path) -> str:
    """Put the files of an image right, unpack them, and hand them back to the engine; return the archive's digest."""
    archive = rootfs.with_suffix(".tar")
    _say("putting the files right")
    content = _export(engine, image, archive)
    _say("unpacking them")
    rootfs.mkdir()
    subprocess.run(["tar", "-xf", archive, "--numeric-owner", "-C", rootfs], check=True)
    _say("handing them to the engine")
    with archive.open("rb") as file:
        _take(engine, file, tag)
    archive.unlink()
    return content


def _export(engine: "APIClient", image: str, target: Path) -> str:
    """Write the files of an image as an archive, put right; return ``sha256:...`` of the archive."""
    raw = target.with_suffix(".raw")
    container = engine.create_container(image, command=["true"])["Id"]
    try:
        with raw.open("wb") as file:
            file.writelines(engine.export(container))
    finally:
        engine.remove_container(container, force=True)
    with tarfile.open(raw) as source, tarfile.open(target, "w") as archive:
        root = tarfile.TarInfo("./")
        root.type, root.mode, root.mtime = tarfile.DIRTYPE, 0o755, NEWEST_S
        archive.addfile(root)
        for entry in source:
            if entry.name.startswith(_LEFT_OUT):
                continue
            content = source.extractfile(entry) if entry.isreg() else None
            entry.mtime, entry.pax_headers = min(int(entry.mtime), NEWEST_S), {}
            if entry.name in _EMPTIED:
                entry.size = 0
            archive.addfile(entry, content)
    raw.unlink()
    with target.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def main(arguments: list[str] | None = None) -> int:
    """Make images; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the images that sandboxes run")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: those without a browser)"
    )
    parser.add_argument("--base", help=f"the image to build on (default: {BASE}, or one made by mmdebstrap)")
    parser.add_argument("--prune", action="store_true", help="remove the images of earlier versions instead")
    options = parser.parse_args(arguments)
    try:
        if options.prune:
            prune()
        else:
            for name in options.names or INPUTS:
                make(name, options.base)
    except (TracekitError, OSError, subprocess.CalledProcessError) as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
