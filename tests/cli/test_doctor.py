"""`tracekit doctor` tells what is here, and what to do about what is not."""

import importlib.metadata
import json
import subprocess
from collections.abc import Sequence

import pytest

from cli.conftest import Run
from tracekit.cli import doctor
from tracekit.core.errors import TracekitError
from tracekit.terminal.fonts import FontChain


def test_what_casts_need_is_here(run: Run) -> None:
    answer = run("doctor", "--json")
    report = json.loads(answer.out)
    assert (answer.status, report["ok"]) == (0, True)
    found = {finding["what"]: finding for finding in report["findings"]}
    assert found["font for text"]["detail"] == "DejaVuSansMono.ttf"
    assert found["terminal engine pyte"]["here"]
    assert "libx264" in found["H.264 encoder"]["detail"]
    assert all(finding["remedy"] for finding in report["findings"] if not finding["here"])
    assert all(finding["detail"] for finding in report["findings"])


def test_people_read_a_table(run: Run) -> None:
    answer = run("doctor")
    assert answer.status == 0
    assert "DejaVuSansMono.ttf" in answer.out


def test_a_missing_necessity_is_told_with_its_remedy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    answer = run("doctor", "--json")
    report = json.loads(answer.out)
    assert (answer.status, report["ok"]) == (1, False)
    ray = next(finding for finding in report["findings"] if finding["what"].startswith("ray"))
    assert not ray["here"]
    assert ray["remedy"] == "pip install ray"
    assert "missing" in run("doctor").out


def test_a_font_that_is_not_there_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(chain: FontChain, character: str) -> None:
        return None

    monkeypatch.setattr(FontChain, "find", find)
    answer = run("doctor", "--json")
    assert answer.status == 1
    fonts = [finding for finding in json.loads(answer.out)["findings"] if finding["what"].startswith("font")]
    assert [finding["here"] for finding in fonts] == [False, False, False]


@pytest.mark.parametrize("failure", [subprocess.TimeoutExpired("docker", 20), OSError("no"), TracekitError("no")])
def test_a_program_that_fails_is_told_and_stops_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: Sequence[str], **__: object) -> None:
        raise failure

    monkeypatch.setattr(doctor.shutil, "which", str)
    monkeypatch.setattr(doctor.subprocess, "run", fail)
    answer = run("doctor", "--json")
    assert answer.status == 0
    programs = [f for f in json.loads(answer.out)["findings"] if f["what"].startswith(("docker", "NVIDIA"))]
    assert [finding["here"] for finding in programs] == [False, False]
