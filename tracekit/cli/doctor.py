"""`tracekit doctor`: what is here, and what to do about the rest."""

import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import typer
from rich.table import Table

from tracekit.cli import say
from tracekit.core.errors import TracekitError
from tracekit.core.plugins import load, names
from tracekit.sandbox.images import INPUTS, find


@dataclass(frozen=True)
class Finding:
    """One thing that tracekit uses."""

    what: str
    needed: bool
    """Whether casts can't become shards without it."""
    here: bool
    detail: str
    remedy: str = ""


def doctor(as_json: say.Json = False) -> None:
    """Tell what is here: encoder, fonts, engines, Docker, GPU; and what to do about the rest.

    Exits with 1 if something is missing that `tracekit build` can't do without.
    """
    findings = [*_encoder(), *_engines(), *_fonts(), *_packages(), *_programs()]
    if as_json:
        say.result({"ok": all(f.here for f in findings if f.needed), "findings": [asdict(f) for f in findings]})
    else:
        table = Table(box=None, pad_edge=False)
        for heading in ("", "what", "found", "remedy"):
            table.add_column(heading, overflow="fold")
        for finding in findings:
            mark = "[green]ok" if finding.here else "[red]missing" if finding.needed else "[yellow]optional"
            table.add_row(mark, finding.what, finding.detail, "" if finding.here else finding.remedy)
        say.out.print(table)
    if not all(finding.here for finding in findings if finding.needed):
        raise typer.Exit(1)


def _try(what: str, needed: bool, remedy: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, needed, True, look())
    except (ImportError, OSError, ValueError, TracekitError, subprocess.TimeoutExpired) as error:
        return Finding(what, needed, False, str(error), remedy)


def _encoder() -> Iterator[Finding]:
    def x264() -> str:
        import av

        av.CodecContext.create("libx264", "w")
        return f"libx264 in PyAV {av.__version__}"

    yield _try("H.264 encoder", True, "pip install av from a wheel: it carries its own ffmpeg with libx264", x264)


def _engines() -> Iterator[Finding]:
    for name in names("engines"):
        yield _try(
            f"terminal engine {name}",
            name == "pyte",
            f"pip install 'tracekit[{name}]'",
            lambda name=name: f"opens {load('engines', name)(80, 24).columns} columns",  # type: ignore[misc]
        )


def _fonts() -> Iterator[Finding]:
    from tracekit.terminal.fonts import FontChain

    for what, needed, character, remedy in (
        ("font for text", True, "a", "pip install matplotlib: it carries DejaVu Sans Mono"),
        ("font for Chinese, Japanese, Korean", False, "世", "pip install 'tracekit[fonts]'"),
        (
            "font for emoji",
            False,
            "🚀",
            "pip install 'tracekit[fonts]', or apt install fonts-noto-color-emoji for colour",
        ),
    ):

        def covers(character: str = character) -> str:
            family = FontChain().find(character)
            if family is None:
                raise ValueError("no font of the default chain has it")
            return family.regular.name

        yield _try(what, needed, remedy, covers)


def _packages() -> Iterator[Finding]:
    for package, needed, extra, purpose in (
        ("ray", True, "", "builds run on it"),
        ("asciinema", True, "", "records terminals"),
        ("s3fs", False, "s3", "builds into object stores"),
    ):
        remedy = f"pip install 'tracekit[{extra}]'" if extra else f"pip install {package}"
        yield _try(
            f"{package} ({purpose})",
            needed,
            remedy,
            lambda package=package: importlib.metadata.version(package),  # type: ignore[misc]
        )


def _programs() -> Iterator[Finding]:
    def docker() -> str:
        if not shutil.which("docker"):
            raise ValueError("no docker program on PATH")
        asked = ["docker", "version", "--format", "{{.Server.Version}}"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        if answer.returncode:
            raise ValueError("the docker program is here, but no engine answers it")
        return f"engine {answer.stdout.strip()}"

    yield _try("docker engine (sandboxes)", False, "apt install docker.io, then docker/start_engine.sh", docker)

    def bwrap() -> str:
        if not shutil.which("bwrap"):
            raise ValueError("no bwrap program on PATH")
        answer = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, timeout=20, check=False)
        return answer.stdout.strip()

    yield _try("bubblewrap (sandboxes)", False, "apt install bubblewrap", bwrap)
    for name in INPUTS:
        yield _try(f"image {name} (sandboxes)", False, "make images", lambda name=name: find(name).tag)  # type: ignore[misc]

    def gpu() -> str:
        if not shutil.which("nvidia-smi"):
            raise ValueError("no nvidia-smi on PATH")
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        if answer.returncode:
            raise ValueError("nvidia-smi finds no device")
        return "; ".join(answer.stdout.split("\n")).strip("; ")

    yield _try("NVIDIA GPU (training, vLLM)", False, "casts need none", gpu)
    cores = len(os.sched_getaffinity(0))
    yield Finding("processor cores", True, True, f"{cores}: the default of --workers")
