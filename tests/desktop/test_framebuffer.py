"""The frame buffer's file is not trusted: it is what it should be, or an error."""

import os
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.desktop.framebuffer import FrameBuffer

WIDTH_PX, HEIGHT_PX = 6, 4
FIELDS = [
    100, 7, 2, 24, WIDTH_PX, HEIGHT_PX, 0, 0, 32, 0, 32, 32, WIDTH_PX * 4, 4,
    0xFF0000, 0xFF00, 0xFF, 8, 256, 2, WIDTH_PX, HEIGHT_PX, 0, 0, 0,
]  # fmt: skip
PIXELS = bytes(range(WIDTH_PX * HEIGHT_PX * 4))


def dump(fields: list[int] = FIELDS, pixels: bytes = PIXELS) -> bytes:
    return struct.pack(">25I", *fields) + b"\xcc" * 24 + pixels


def read(path: Path) -> bytes:
    with FrameBuffer(path, WIDTH_PX, HEIGHT_PX) as screen:
        pixels = bytearray(screen.bytes)
        screen.read_into(memoryview(pixels))
        return bytes(pixels)


def test_pixels_come_after_header_and_colours(tmp_path: Path) -> None:
    (tmp_path / "fb").write_bytes(dump())
    assert read(tmp_path / "fb") == PIXELS


def test_a_file_that_has_become_shorter_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "fb"
    path.write_bytes(dump())
    with FrameBuffer(path, WIDTH_PX, HEIGHT_PX) as screen:
        os.truncate(path, 140)
        with pytest.raises(TracekitError, match="ends before"):
            screen.read_into(memoryview(bytearray(screen.bytes)))


@pytest.mark.parametrize("field", [1, 2, 3, 4, 5, 7, 11, 12, 14, 15, 16])
def test_a_header_that_says_anything_else_is_refused(tmp_path: Path, field: int) -> None:
    (tmp_path / "fb").write_bytes(dump([value + 1 if at == field else value for at, value in enumerate(FIELDS)]))
    with pytest.raises(TracekitError, match="not the frame buffer"):
        read(tmp_path / "fb")


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.integers(0, 2**32 - 1), min_size=25, max_size=25).map(dump),
        st.tuples(st.integers(0, 24), st.integers(0, 2**32 - 1)).map(
            lambda change: dump([change[1] if at == change[0] else value for at, value in enumerate(FIELDS)])
        ),
    )
)
def test_whatever_a_file_says_it_is_read_in_bounds_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "fb"
    path.write_bytes(data)
    with suppress(TracekitError):
        assert len(read(path)) == len(PIXELS)


def test_a_link_or_a_pipe_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(dump())
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "none"):
        with pytest.raises(TracekitError):
            FrameBuffer(tmp_path / name, WIDTH_PX, HEIGHT_PX)
