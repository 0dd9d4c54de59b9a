"""Lines, blocks and dots that join."""

import numpy as np
import pytest

from tracekit.terminal.boxdraw import DOUBLE, HEAVY, LIGHT, Mask, arms, mask, stroke

SIZES = [
    (4, 8),
    (6, 10),
    (6, 12),
    (8, 16),
    (8, 18),
    (10, 20),
    (12, 24),
    (14, 26),
    (18, 34),
    (24, 48),
    (26, 46),
    (40, 40),
]
BOXES = [chr(code) for code in range(0x2500, 0x2580)]
STRAIGHT = [character for character in BOXES if arms(character) is not None]
ARCS = {"╭": "rd", "╮": "ld", "╯": "lu", "╰": "ru"}

pytestmark = pytest.mark.parametrize(("width", "height"), SIZES)


def drawn(character: str, width: int, height: int) -> Mask:
    shape = mask(character, width, height)
    assert shape is not None
    assert shape.shape == (height, width)
    return shape


def edges(shape: Mask) -> dict[str, list[int]]:
    return {"l": shape[:, 0].tolist(), "u": shape[0].tolist(), "r": shape[:, -1].tolist(), "d": shape[-1].tolist()}


def weights(character: str) -> dict[str, int]:
    if character in ARCS:
        return {side: LIGHT if side in ARCS[character] else 0 for side in "lurd"}
    found = arms(character)
    assert found is not None
    return found


def test_lines_of_one_weight_meet_at_the_same_pixels_in_every_pair_of_neighbours(width: int, height: int) -> None:
    profiles: dict[tuple[str, int], set[tuple[int, ...]]] = {}
    for character in [*STRAIGHT, *ARCS]:
        for side, profile in edges(drawn(character, width, height)).items():
            across = "h" if side in "lr" else "v"
            weight = weights(character)[side]
            # In the smallest cells heavy and double lines run along an edge: those pixels are not an arm's.
            along = {weights(character)[other] for other in ("ud" if across == "h" else "lr")}
            if width > 4 or not along & {HEAVY, DOUBLE}:
                profiles.setdefault((across, weight), set()).add(tuple(profile))
    assert {key: len(found) for key, found in profiles.items()} == dict.fromkeys(profiles, 1)
    for direction in "hv":
        of_direction = [profile for key, found in profiles.items() if key[0] == direction for profile in found]
        assert len(set(of_direction)) == 4, "two weights look the same"


def test_an_arm_runs_from_its_edge_to_the_centre(width: int, height: int) -> None:
    t = stroke(width)
    x, y = (width - t) // 2, (height - t) // 2
    for character in STRAIGHT:
        shape = drawn(character, width, height)
        parts = {"l": shape[y, : x + 1], "r": shape[y, x:], "u": shape[: y + 1, x], "d": shape[y:, x]}
        for side, weight in weights(character).items():
            crosses_double = DOUBLE in weights(character).values()
            if weight in (LIGHT, HEAVY) and not crosses_double:
                assert parts[side].all(), (character, side)


def test_mirrored_characters_are_mirrored_lines(width: int, height: int) -> None:
    if width % 2 or stroke(width) % 2:
        return  # a line of odd thickness has no middle in an even cell
    for left, right in ("┌┐", "└┘", "├┤", "╔╗", "╚╝", "╠╣", "┏┓", "┗┛", "╞╡", "╟╢", "╒╕", "╓╖"):
        assert (drawn(left, width, height)[:, ::-1] == drawn(right, width, height)).all(), left


def test_blocks_fill_what_their_counterparts_leave(width: int, height: int) -> None:
    full = drawn("█", width, height)
    assert full.min() == 255
    for a, b in ("▀▄", "▌▐", "▖▜", "▗▛", "▘▟", "▝▙", "▚▞"):
        assert (drawn(a, width, height).astype(int) + drawn(b, width, height) == full).all(), a + b
    levels = [int(drawn(chr(code), width, height).sum()) for code in range(0x2581, 0x2589)]
    assert levels == sorted(levels)
    widths = [int(drawn(chr(code), width, height).sum()) for code in range(0x2588, 0x2590)]
    assert widths == sorted(widths, reverse=True)


def test_shades_are_even_tones(width: int, height: int) -> None:
    tones = [np.unique(drawn(character, width, height)).tolist() for character in "░▒▓"]
    assert tones == [[64], [128], [191]]


def test_sextants_are_unions_of_their_six_blocks(width: int, height: int) -> None:
    ones = [drawn(chr(0x1FB00 + index), width, height) for index in (0, 1, 3, 7, 15)] + [
        drawn("\U0001fb1e", width, height)
    ]
    total = np.sum([shape.astype(int) for shape in ones], axis=0)
    assert (total == 255).all()
    shapes = {drawn(chr(code), width, height).tobytes() for code in range(0x1FB00, 0x1FB3C)}
    assert len(shapes) == 60


def test_braille_patterns_are_their_dots(width: int, height: int) -> None:
    dots = [drawn(chr(0x2800 + (1 << bit)), width, height) for bit in range(8)]
    assert all(dot.any() for dot in dots)
    for code in (0x2800, 0x2813, 0x28C7, 0x28FF):
        union = np.sum([dots[bit].astype(int) for bit in range(8) if code >> bit & 1], axis=0)
        assert (drawn(chr(code), width, height) == union).all()
    left = sum(int(dot[:, : width // 2].any()) for dot in dots)
    assert left == 4


def test_separators_reach_the_edge_that_they_stand_on(width: int, height: int) -> None:
    for left, right in ("\ue0b0\ue0b2", "\ue0b4\ue0b6"):
        assert drawn(left, width, height)[height // 2, 0] == 255
        assert (drawn(left, width, height)[:, ::-1] == drawn(right, width, height)).all()


def test_every_character_of_the_ranges_is_drawn_and_letters_are_not(width: int, height: int) -> None:
    for code in [*range(0x2500, 0x25A0), *range(0x2801, 0x2900), *range(0x23BA, 0x23BE), *range(0x1FB00, 0x1FB3C)]:
        assert drawn(chr(code), width, height).any(), hex(code)
    assert mask("a", width, height) is None
    assert mask("\ue0b9", width, height) is None
    assert mask("─\u0301", width, height) is None
