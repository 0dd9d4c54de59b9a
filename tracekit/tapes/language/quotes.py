"""Text between quotes. A tape has three kinds and no escapes, so text that holds all three can't stand between any."""

QUOTES = ('"', "'", "`")
_BREAKS = ("\n", "\r", "\0")


def quoted(text: str, quotes: tuple[str, ...] = QUOTES) -> str:
    """Text between the first quotes that it does not hold.

    Raises:
        ValueError: it holds all of them, a line break or NUL.
    """
    if any(char in text for char in _BREAKS):
        raise ValueError(f"{text[:40]!r} holds a line break or NUL, which no string of a tape can")
    for quote in quotes:
        if quote not in text:
            return f"{quote}{text}{quote}"
    raise ValueError(f"{text[:40]!r} holds {' and '.join(quotes)}, and a tape has no escapes")


def quoted_parts(text: str) -> str:
    """Text as one string, or as several that vhs joins with a space between each two.

    Raises:
        ValueError: a part of it without a space holds all quotes, or it holds a line break or NUL.
    """
    parts: list[str] = []
    for word in text.split(" "):
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and not all(quote in longer for quote in QUOTES):
            parts[-1] = longer
        else:
            parts.append(word)
    return " ".join(quoted(part) for part in parts)


def typeable(text: str) -> list[str]:
    """Text cut into as few pieces as each can stand between quotes: typed one after the other they are the text."""
    pieces = [""]
    for char in text:
        longer = pieces[-1] + char
        if all(quote in longer for quote in QUOTES):
            pieces.append(char)
        else:
            pieces[-1] = longer
    return pieces
