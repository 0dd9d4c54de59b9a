"""The images that sandboxes run: what goes into one, and where one that has been made is found.

An image is made of the files under ``docker/``. That of terminals stands in the cache folder as a root file system, and
in the Docker engine as an image of one layer with the very same files. That of desktops, which only Docker runs, stands
in the engine alone, as it was built.
"""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tracekit.core.errors import TracekitError

SOURCES = Path(__file__).parents[2] / "docker"
INPUTS = {
    "terminal": (
        "terminal.Dockerfile",
        "agent/**/*.[ch]",
        "agent/Makefile",
        "bashrc",
        "enter.c",
        "gitconfig",
        "pip.conf",
        "fixed/**/*",
        "home/**/*",
        "packages/*.py",
    ),
    "desktop": (
        "desktop.Dockerfile",
        "enter.c",
        "desktop/*.py",
        "desktop/browser/*",
        "desktop/dpkg.cfg",
        "desktop/home/*.py",
        "desktop/settings/*.xml",
        "desktop/wallpaper.svg",
    ),
}
"""Of each image, the files that it is made of, below ``docker/``."""
UNPACKED = frozenset({"terminal"})
"""The images that are root file systems in the cache folder, too."""
BROWSERS = ("firefox-esr", "chromium")
"""What an image of desktops may hold beside the rest: ``desktop-chromium`` does."""
NAMES = (*INPUTS, *(f"desktop-{browser}" for browser in BROWSERS))
"""All images that there are. Those without a browser are made unless others are named."""


@dataclass(frozen=True)
class Image:
    """An image that has been made."""

    tag: str
    """In the Docker engine; it ends in the digest of the files that the image is made of."""
    folder: Path

    @property
    def rootfs(self) -> Path:
        """The root file system."""
        return self.folder / "rootfs"

    @property
    def fixed(self) -> dict[str, Path]:
        """Files that cover those which tell about the host, by their path in the sandbox (``/proc/uptime``, ...)."""
        folder = self.rootfs / "opt/tracekit/fixed"
        return {f"/{path.relative_to(folder)}": path for path in sorted(folder.rglob("*")) if path.is_file()}

    @property
    def content(self) -> str:
        """``sha256:...``: by it Docker names the one layer of an image that is unpacked, and else the image."""
        return str(json.loads((self.folder / "image.json").read_bytes())["content"])

    def hold(self) -> IO[bytes]:
        """Keep the image from being pruned as long as the file that this returns is open."""
        file = (self.folder / "image.json").open("rb")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file


def find(name: str) -> Image:
    """The image of a name, made of the files as they are now.

    Raises:
        TracekitError: there is no image of that name, or it has not been made, or not since its files changed.
    """
    image = place(name)
    if not image.folder.is_dir():
        earlier = any(image.folder.parent.glob(f"{name}-*"))
        why = "its files have changed since it was made" if earlier else "it has not been made"
        raise TracekitError(f"the image {name!r} is not here: {why}", remedy="make images")
    return image


def place(name: str) -> Image:
    """Where the image of a name stands once it is made."""
    digest = hashlib.sha256(split(name)[1].encode())
    for path in inputs(name):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES)}\0{runs(path)}\0{len(content)}\0".encode() + content)
    short = digest.hexdigest()[:16]
    return Image(f"tracekit/{name}:{short}", cache() / f"{name}-{short}")


def inputs(name: str) -> list[Path]:
    """The files that an image is made of, sorted.

    Raises:
        TracekitError: there is no image of that name, or this is no checkout and its files are not here.
    """
    if name not in NAMES:
        raise TracekitError(f"there is no image named {name!r}", remedy=f"there are: {', '.join(NAMES)}")
    kind, _ = split(name)
    found = {path for pattern in INPUTS[kind] for path in SOURCES.glob(pattern) if path.is_file()}
    if SOURCES / f"{kind}.Dockerfile" not in found:
        raise TracekitError(
            f"what the image {name!r} is made of is not here", place=str(SOURCES), remedy="use a checkout of tracekit"
        )
    return sorted(path for path in found if "__pycache__" not in path.parts)


def split(name: str) -> tuple[str, str]:
    """An image's kind and its browser, '' for none."""
    kind, _, browser = name.partition("-")
    return kind, browser


def runs(path: Path) -> bool:
    """Whether a file is a program; of its mode nothing else counts."""
    return bool(path.stat().st_mode & 0o100)


def cache() -> Path:
    """The folder of images: below ``TRACEKIT_CACHE``, or the user's cache folder (XDG base directories)."""
    own = os.environ.get("TRACEKIT_CACHE")
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(own) if own else Path(user) / "tracekit").absolute() / "images"
