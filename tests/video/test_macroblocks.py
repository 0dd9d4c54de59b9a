"""The macroblocks that are said to have changed are those that have."""

from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracekit.video.macroblocks import Macroblocks
from tracekit.video.planes import Area, PixFmt, Planes, new_planes

points = st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)))
sizes = st.tuples(st.integers(1, 60).map(lambda half: 2 * half), st.integers(1, 60).map(lambda half: 2 * half))
formats = st.sampled_from(get_args(PixFmt))


def addresses_that_differ(one: Planes, other: Planes) -> set[int]:
    height, width = one.y.shape
    found = set()
    for a, b in zip(one, other, strict=True):
        side = 16 * a.shape[0] // height
        for y, x in np.argwhere(a != b).tolist():
            found.add(y // side * -(-width // 16) + x // side)
    return found


def spoil(planes: Planes, where: list[tuple[int, float, float]]) -> None:
    for number, y, x in where:
        plane = planes[number]
        plane[int(y * plane.shape[0]), int(x * plane.shape[1])] ^= 0x55


@given(sizes, formats, points, st.integers(0, 8))
def test_all_that_changed_are_found_or_said_to_be_many(
    size: tuple[int, int], pix_fmt: PixFmt, where: list[tuple[int, float, float]], most: int
) -> None:
    planes, before = new_planes(*size, pix_fmt), new_planes(*size, pix_fmt)
    macroblocks = Macroblocks(planes)
    spoil(planes, where)
    differing = addresses_that_differ(planes, before)
    assert macroblocks.changed(most) == (sorted(differing) if len(differing) <= most else None)


@given(sizes, formats, points, st.integers(0, 8), st.integers(0, 40))
def test_looking_where_something_changed_finds_as_much_as_looking_everywhere(
    size: tuple[int, int], pix_fmt: PixFmt, where: list[tuple[int, float, float]], most: int, margin: int
) -> None:
    planes = new_planes(*size, pix_fmt)
    macroblocks = Macroblocks(planes)
    spoil(planes, where)
    width, height = size
    areas = []
    for number, y, x in where:
        step = height // planes[number].shape[0]
        top, left = int(y * planes[number].shape[0]) * step, int(x * planes[number].shape[1]) * step
        areas.append(Area(max(left - margin, 0), max(top - margin, 0), min(left + step + margin, width),
                          min(top + step + margin, height)))  # fmt: skip
    assert macroblocks.changed(most, areas) == macroblocks.changed(most)
    assert macroblocks.changed(most, ()) == []


@given(sizes, formats, points)
def test_what_is_kept_has_not_changed(
    size: tuple[int, int], pix_fmt: PixFmt, where: list[tuple[int, float, float]]
) -> None:
    planes = new_planes(*size, pix_fmt)
    macroblocks = Macroblocks(planes)
    spoil(planes, where)
    for block in macroblocks.changed(1000) or []:
        macroblocks.keep_block(block)
    assert macroblocks.changed(0) == []
    spoil(planes, where[:1])
    macroblocks.keep()
    assert macroblocks.changed(0) == []


@given(formats)
def test_samples_come_plane_by_plane_and_row_by_row(pix_fmt: PixFmt) -> None:
    planes = new_planes(40, 24, pix_fmt)
    for number, plane in enumerate(planes):
        plane[:] = np.arange(plane.size).reshape(plane.shape) % (50 + number)
    side = 16 if pix_fmt == "yuv444p" else 8
    samples = Macroblocks(planes).keep_block(1)
    assert samples[:256] == planes.y[:16, 16:32].tobytes()
    assert samples[256 : 256 + side**2] == planes.u[:side, side : 2 * side].tobytes()
    assert samples[256 + side**2 :] == planes.v[:side, side : 2 * side].tobytes()
