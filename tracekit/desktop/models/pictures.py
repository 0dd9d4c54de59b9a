"""Pictures in a conversation: the last ones stay, a note stands for each older one."""

import base64
from typing import Any, Final

NOTE: Final = "(an earlier screenshot stood here)"


def encode(picture: bytes) -> str:
    """A PNG as APIs take it."""
    return base64.b64encode(picture).decode()


def forget(content: Any, keep: int, kind: str) -> int:
    """Put a text block in the place of each picture but the last ones, in lists of content blocks.

    Args:
        content: messages or blocks: lists and objects as they are sent; changed in place.
        keep: how many pictures stay.
        kind: the type of blocks that are pictures.

    Returns:
        How many more could have stayed.
    """
    if isinstance(content, list):
        for place in reversed(range(len(content))):
            block = content[place]
            if not isinstance(block, dict) or block.get("type") != kind:
                keep = forget(block, keep, kind)
            elif keep > 0:
                keep -= 1
            else:
                content[place] = {"type": "text", "text": NOTE}
    elif isinstance(content, dict):
        keep = forget(content.get("content"), keep, kind)
    return keep
