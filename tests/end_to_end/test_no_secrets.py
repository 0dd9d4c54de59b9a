"""Law 5, from the cast to the last byte of the data set: planted secrets are nowhere in it."""

import re
from pathlib import Path

import numpy as np
import pytest
from canaries import SHAPES
from data_sets import UNFILTERED, built, readable, samples, typed, write

from tracekit.casts.model import Header
from tracekit.casts.scrub import scrub
from tracekit.core.events import Event
from tracekit.video.decode import decode

VALUES = {canary.name: canary.value for canary in SHAPES}
TOKEN, MAIL, KEY = VALUES["github"], VALUES["mail"], VALUES["hugging-face"]
USER, PASSWORD = "wilhelmina", "Tr0ub4dor-and-3"
SECRETS = (TOKEN, MAIL, KEY, USER, PASSWORD)
LOSSLESS = (*UNFILTERED, "video.qp=0", "video.pix_fmt=yuv444p")


def output(*parts: str, start_s: float = 0) -> list[Event]:
    return [Event(round((start_s + place * 0.1) * 1e9), "o", part) for place, part in enumerate(parts)]


PLANTED: dict[str, tuple[Header, list[Event]]] = {
    "whole": (Header(2, 60, 10), output("$ ", f"login {TOKEN}\r\n", f"from {MAIL}\r\n", f"in /home/{USER}/src\r\n")),
    "split": (
        Header(2, 60, 10),
        output("$ ", *TOKEN, "\r\n", *MAIL, " \r\n", f"/home/{USER[:4]}", USER[4:], "/src\r\n"),
    ),
    "coloured": (
        Header(2, 80, 10),
        output("$ ", "".join(f"\x1b[3{place % 8}m{char}" for place, char in enumerate(TOKEN))),
    ),
    "wrapped": (Header(2, 20, 10), output("$ ", f"export GH={TOKEN}", "\r\n", f"{MAIL} \r\n")),
    "typed": (
        Header(2, 60, 10),
        [
            *output("$ "),
            *typed(f"gh auth {TOKEN}\r\n", 0.2, 0.05),
            *output("[sudo] password for root: ", start_s=4),
            *(Event(4_500_000_000 + place, "i", char) for place, char in enumerate(f"{PASSWORD}\r")),
            *output("\r\nok", start_s=5),
        ],
    ),
    "around": (
        Header(
            2,
            60,
            10,
            title=f"as {MAIL}",
            command=f"deploy {TOKEN}",
            env={"SHELL": f"/home/{USER}/bin/sh", "TERM": KEY},
        ),
        [*output(f"\x1b]0;{TOKEN}\x07$ "), Event(10**9, "m", f"{MAIL} {KEY}"), *output("done", start_s=2)],
    ),
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    for name, (header, events) in PLANTED.items():
        write(folder / "casts" / f"{name}.cast", events, header)
    summary = built(folder / "casts", folder / "out", *LOSSLESS)
    assert summary.inputs_kept == len(PLANTED)
    return folder / "out"


def test_a_planted_secret_is_in_no_file_of_the_data_set(out: Path) -> None:
    found = [(place, secret) for place, text in readable(out) for secret in SECRETS if secret in text]
    assert not found


def test_the_search_finds_what_is_there(out: Path) -> None:
    places = [place for place, text in readable(out) if "login" in text]
    assert [place for place in places if ".npz:" in place and "joined" in place]
    assert [place for place in places if place.endswith("events.jsonl (unescaped)")]
    assert "parts/000000/captions.jsonl" in places


def test_pictures_are_those_of_the_disguise(out: Path, tmp_path: Path) -> None:
    for name, (header, events) in PLANTED.items():
        clean = scrub(header, events)
        write(tmp_path / "casts" / f"{name}.cast", clean.events, clean.header)
    built(tmp_path / "casts", tmp_path / "out", *LOSSLESS)
    planted, disguised = _by_recording(out), _by_recording(tmp_path / "out")
    assert planted.keys() == disguised.keys()
    for name, files in planted.items():
        assert files["cells.npz"] == disguised[name]["cells.npz"], name
        pairs = zip(decode(files["mp4"]), decode(disguised[name]["mp4"]), strict=True)
        assert all(np.array_equal(one.to_ndarray(), other.to_ndarray()) for one, other in pairs), name


def _by_recording(out: Path) -> dict[str, dict[str, bytes]]:
    """Samples by name and number, without the hash of the cast."""
    return {re.sub(r"-[0-9a-f]{10}-", "-", key): files for key, files in samples(out).items()}
