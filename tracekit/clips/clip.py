"""What a source makes of an input: clips, each a handful of finished files and what is known about them."""

from dataclasses import dataclass
from typing import Any

from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings


@dataclass(frozen=True)
class Capture:
    """The sections of a recipe that every source reads."""

    clip: ClipSettings
    look: LookSettings
    video: VideoSettings
    licence: str | None
    """SPDX id of the inputs, where nothing nearer to them says otherwise."""
    seed: int


@dataclass(frozen=True)
class Input:
    """One recording that a source found."""

    uri: str
    """Its name in the data set: relative to the recipe's path, never a host's absolute path. Unique in a build."""
    sha256: str
    """Of its bytes as stored; '' where they could not be read."""
    bytes: int
    """Size as stored."""
    locator: str
    """What the source opens it by: a path or URL, valid on every node. Goes into no output."""
    problem: str = ""
    """Why it will be rejected, in words, where the plan can tell: it can't be read, for one."""
    reason: str = "unreadable"
    """By what name it is rejected if there is a problem, ``[a-z0-9-]+``."""


@dataclass(frozen=True)
class Clip:
    """A clip, finished but for its captions and the decisions of the filters."""

    key: str
    """``[a-z0-9_-]{1,120}``, unique in the data set; begins with the key of the recording."""
    files: dict[str, bytes]
    """Content by extension: ``mp4``, ``events.jsonl``, ``cells.npz``, ..."""
    sample: dict[str, Any]
    """``KEY.json`` as `tracekit.shards.sample.Sample` has it, without split, decisions and files. Of captions it has at
    most those that the source knows by itself, which stand unless the captioner writes its own."""
    fingerprint: bytes = b""
    """What near-duplicate filters compare: the bytes of a MinHash signature, say."""


@dataclass(frozen=True)
class ClipRejected:
    """A stretch of a recording that became no clip."""

    key: str
    reason: str
    """Short name, ``[a-z0-9-]+``, that reports are counted by."""
    message: str
