"""How much of a selection each group gets, in whole units: samples, or frames of video."""

from collections.abc import Sequence
from fractions import Fraction


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Divide a total in proportion, by largest remainders, the first of like ones: the parts sum up to it."""
    exact = [total * Fraction(share) / sum(map(Fraction, shares)) for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def largest_total(shares: Sequence[float], available: Sequence[int]) -> int:
    """The largest total at which no group has too little."""
    whole = sum(map(Fraction, shares))
    return min(int(has * whole / Fraction(share)) for has, share in zip(available, shares, strict=True))


def filled(total: int, shares: Sequence[float], available: Sequence[int]) -> list[int]:
    """Divide a total where those that have too little give all they have, and the others make up in proportion."""
    parts = [0] * len(shares)
    places = list(range(len(shares)))
    while places:
        wanted = dict(zip(places, apportion(total - sum(parts), [shares[place] for place in places]), strict=True))
        short = [place for place in places if wanted[place] > available[place]]
        for place in short or places:
            parts[place] = min(wanted[place], available[place])
        if not short:
            break
        places = [place for place in places if place not in short]
    return parts
