"""An image is a function of its files, and is found only if it was made of them."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tracekit.core.errors import TracekitError
from tracekit.sandbox import images, make_images


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources in place of the project's."""
    for module in (images, make_images):
        monkeypatch.setattr(module, "SOURCES", tmp_path / "docker")
    monkeypatch.setenv("TRACEKIT_CACHE", str(tmp_path / "cache"))
    for name in ("terminal.Dockerfile", "bashrc", "agent/main.c", "agent/notes.md", "fixed/proc/uptime"):
        (tmp_path / "docker" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docker" / name).write_text(name)
    return tmp_path / "docker"


def test_an_image_is_another_when_one_of_its_files_is(sources: Path) -> None:
    first = images.place("terminal")
    (sources / "agent/notes.md").write_text("no part of it")
    os.utime(sources / "bashrc", (0, 0))
    assert images.place("terminal") == first
    (sources / "agent/main.c").write_text("changed")
    second = images.place("terminal")
    (sources / "bashrc").chmod(0o755)
    assert len({first.tag, second.tag, images.place("terminal").tag}) == 3


def test_an_image_of_other_files_is_not_taken(sources: Path) -> None:
    with pytest.raises(TracekitError, match=r"has not been made \(make images\)"):
        images.find("terminal")
    images.place("terminal").rootfs.mkdir(parents=True)
    assert images.find("terminal").rootfs.is_dir()
    (sources / "bashrc").write_text("changed")
    with pytest.raises(TracekitError, match=r"files have changed since it was made \(make images\)"):
        images.find("terminal")


def test_what_is_no_image_is_told(sources: Path) -> None:
    with pytest.raises(TracekitError, match="no image named 'desk'"):
        images.find("desk")
    (sources / "terminal.Dockerfile").unlink()
    with pytest.raises(TracekitError, match="use a checkout"):
        images.find("terminal")


def test_a_desktop_with_a_browser_is_another_image_of_the_same_files(sources: Path) -> None:
    for name in ("desktop.Dockerfile", "desktop/agent.py", "desktop/README.md"):
        (sources / name).parent.mkdir(exist_ok=True)
        (sources / name).write_text(name)
    names = ["desktop", *(f"desktop-{browser}" for browser in images.BROWSERS)]
    parts = {sources / "desktop.Dockerfile", sources / "desktop/agent.py"}
    assert all(set(images.inputs(name)) == parts for name in names)
    assert len({images.place(name).tag.partition(":")[2] for name in names}) == len(names)
    for name in ("desktop-lynx", "terminal-chromium", "desktop-"):
        with pytest.raises(TracekitError, match="there is no image named"):
            images.inputs(name)


def test_the_same_files_are_built_from_the_same_bytes(sources: Path) -> None:
    first = make_images.context(images.inputs("terminal")).read()
    os.utime(sources / "bashrc", (0, 0))
    assert make_images.context(images.inputs("terminal")).read() == first
    (sources / "bashrc").write_text("changed")
    assert make_images.context(images.inputs("terminal")).read() != first


@pytest.mark.parametrize("name", ["TRACEKIT_CACHE", "XDG_CACHE_HOME", "HOME"])
def test_images_lie_in_the_cache_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("TRACEKIT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    below = {"TRACEKIT_CACHE": "images", "XDG_CACHE_HOME": "tracekit/images", "HOME": ".cache/tracekit/images"}
    assert images.cache() == tmp_path / below[name]


def test_the_home_folder_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    made = []
    for number in (1, 2):
        target = tmp_path / f"{number}.tar"
        subprocess.run([sys.executable, images.SOURCES / "home/make_home.py", target], check=True)
        made.append(target.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "1.tar") as archive:
        entries = archive.getmembers()
    assert {(entry.uid, entry.gid) for entry in entries} == {(1000, 1000)}
    assert all(entry.mtime < make_images.NEWEST_S for entry in entries)
    names = [entry.name for entry in entries]
    assert {"./project/.git/HEAD", "./data/sales.csv", "./.gitconfig"} <= {
        f"./{name.removeprefix('./')}" for name in names
    }
    assert names[1:] == sorted(names[1:], reverse=True)


def test_the_package_index_holds_whole_wheels(tmp_path: Path) -> None:
    subprocess.run([sys.executable, images.SOURCES / "packages/make_wheels.py", tmp_path / "index"], check=True)
    wheels = sorted((tmp_path / "index").glob("*.whl"))
    assert len(wheels) > 5
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None
            record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
            listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
            assert listed == set(archive.namelist())
            for name in listed:
                if name.endswith(".py"):
                    compile(archive.read(name), name, "exec")
