"""One event of a trace."""

from typing import NamedTuple


class Event(NamedTuple):
    """Something that happened in a trace, at an instant of the trace's clock."""

    time_ns: int
    """Nanoseconds from the start of the trace, >= 0."""
    code: str
    """Of a terminal trace, the asciicast code: ``o`` output, ``i`` input, ``m`` marker, ``r`` resize, ``x`` exit."""
    data: str
    """What the code says it is: text of an output or a keystroke, a marker's label, ``COLSxROWS``, an exit status."""
