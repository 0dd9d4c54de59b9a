"""How large a tape may be.

Anybody can write a tape, so every size in one is bounded before memory or time is spent on it. vhs knows no bounds.
"""

MOST_CHARS = 4 << 20
"""Of one tape."""
MOST_COMMANDS = 200_000
"""Of a tape with its sources put in."""
MOST_PRESSES = 1_000_000
"""``Enter 1000000``: of one key in one command."""
MOST_NS = 86_400 * 1_000_000_000
"""Of one time: a day."""
