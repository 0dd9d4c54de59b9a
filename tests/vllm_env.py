"""The vLLM that tests use: vLLM for CPUs in an environment of its own, and a small model for it to serve.

    python tests/vllm_env.py        makes both, unless they are there, and says where

They stand in the cache folder, below a name that changes with the files they are made of; those of other names are
deleted when new ones are made. vLLM's packages and ours pin
other versions of the same libraries, so they share no environment.
"""

import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from components import missing

LOCK = Path(__file__).with_name("vllm.lock")
CONVERT = Path(__file__).with_name("vllm_convert.py")
UV = "uv==0.13.8"
SOURCES = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
"""pip's settings for where packages are found, and what uv, which reads none of pip's, calls them."""


class Vllm(NamedTuple):
    """A folder with an environment that has vLLM, and a model."""

    folder: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "env" / "bin" / "python"

    @property
    def model(self) -> Path:
        """SmolLM2-135M-Instruct in float32. What it writes is of no use; that it writes is."""
        return self.folder / "SmolLM2-135M-Instruct"


def needed() -> Vllm:
    """What has been made, or a skipped test."""
    vllm = place()
    if not vllm.folder.exists():
        missing("vllm", "python tests/vllm_env.py")
    return vllm


def place() -> Vllm:
    """Where environment and model are once they are made."""
    made_of = [path.read_bytes() for path in (LOCK, CONVERT)] + [f"{UV} {sys.version_info[:2]}".encode()]
    digest = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:16]
    own = os.environ.get("TRACEKIT_CACHE")
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Vllm((Path(own) if own else Path(user) / "tracekit").absolute() / f"vllm-{digest}")


def make() -> Vllm:
    """Make environment and model, unless they are there; whoever else is at it is waited for."""
    vllm = place()
    vllm.folder.parent.mkdir(parents=True, exist_ok=True)
    with vllm.folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not vllm.folder.exists():
            with tempfile.TemporaryDirectory(dir=vllm.folder.parent, prefix="vllm-making-") as parent:
                fresh = Vllm(Path(parent) / "vllm")
                _install(fresh)
                _step("converting the model", [fresh.python, CONVERT, fresh.model], {"HF_HUB_OFFLINE": "1"})
                fresh.folder.rename(vllm.folder)  # an interpreter finds its environment wherever that stands
                _prune(vllm)
    return vllm


def _prune(vllm: Vllm) -> None:
    """Delete what earlier pins made: gigabytes that nobody asks for any more."""
    for old in vllm.folder.parent.glob("vllm-*"):
        if re.fullmatch(r"vllm-[0-9a-f]{16}", old.name) and old != vllm.folder:
            shutil.rmtree(old)
            old.with_suffix(".lock").unlink(missing_ok=True)


def _install(vllm: Vllm) -> None:
    environment = vllm.python.parents[1]
    uv = vllm.python.with_name("uv")
    _step("making an environment", [sys.executable, "-m", "venv", environment])
    _step("installing uv", [vllm.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
    # The lock is whole: without dependencies, as some packages name ones that vLLM does not use on a CPU.
    # Compiled at once, and on all cores: servers that start in a moment's time may not be let to write compiled files.
    how = ["--quiet", "--no-deps", "--compile-bytecode", "--index-strategy", "unsafe-best-match"]
    install = [uv, "pip", "install", *how, "--python", vllm.python, "--requirement", LOCK]
    _step("installing vLLM", install, _sources(vllm.python))


def _sources(python: Path) -> dict[str, str]:
    """Environment that lets uv find packages where pip finds them on this machine."""
    asked = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = dict(line.split("=", 1) for line in asked.stdout.splitlines())
    found = {key.rpartition(".")[2]: str(ast.literal_eval(value)) for key, value in settings.items()}
    return {variable: found[setting] for setting, variable in SOURCES.items() if setting in found}


def _step(what: str, command: list[str | Path], environment: Mapping[str, str] | None = None) -> None:
    start_s = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if done.returncode:
        raise SystemExit(f"vllm: {what} failed:\n{done.stdout}{done.stderr}")
    print(f"vllm: {what}: {time.monotonic() - start_s:.1f} s", flush=True)


if __name__ == "__main__":
    made = make()
    print(f"vllm: {made.python} serves {made.model}")
