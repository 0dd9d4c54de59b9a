"""Times as Go writes them, which is what vhs reads (``time.ParseDuration``)."""

import re

_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[+-]?(?:0|(?:{_PART})+)")
_PARTS = re.compile(r"([0-9]*)\.?([0-9]*)([a-zµμ]+)")
_MOST_CHARS = 64
_MOST_NS = (1 << 63) - 1


def parse_duration(text: str) -> int:
    """The nanoseconds of a time such as ``1.5s``, ``250ms`` or ``1h2m``; what is below a nanosecond is cut off.

    Raises:
        ValueError: it is none, or does not go into 64 bits.
    """
    if len(text) > _MOST_CHARS or not _DURATION.fullmatch(text):
        raise ValueError("not a time")
    total_ns = 0
    for whole, fraction, unit in _PARTS.findall(text):
        total_ns += int(whole or "0") * _UNITS_NS[unit] + int(fraction or "0") * _UNITS_NS[unit] // 10 ** len(fraction)
    if total_ns > _MOST_NS:
        raise ValueError("not a time that goes into 64 bits")
    return -total_ns if text.startswith("-") else total_ns


def write_duration(duration_ns: int) -> str:
    """A time >= 0 as a tape has it: in seconds if they are whole, else in milliseconds; exact."""
    if duration_ns and duration_ns % _UNITS_NS["s"] == 0:
        return f"{duration_ns // _UNITS_NS['s']}s"
    whole, rest = divmod(duration_ns, _UNITS_NS["ms"])
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "ms" if rest else f"{whole}ms"
