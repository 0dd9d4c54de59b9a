"""The interface by which a build knows its source."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.settings import Settings


class Source(Protocol):
    """Plans its inputs, and turns one input into clips. A plug-in of the kind ``sources``.

    A source is made anew in every worker process and keeps there what is worth keeping between inputs (an encoder, an
    atlas of glyphs); what it yields depends on the input and the settings alone.
    """

    Config: ClassVar[type[Settings]]
    """Model of the recipe's section ``source``, without ``kind``. Fields that say *where* the inputs are, not what to
    make of them, hold paths or lists of paths and are declared with ``exclude=True``: they arrive absolute, stay out of
    ``build.json``, and may change between runs."""

    def __init__(self, config: Any, capture: Capture) -> None: ...

    def plan(self) -> Sequence[Input]:
        """Find and hash the inputs, in any order.

        Raises:
            TracekitError: nothing there, or a place that can't be listed. A single input that can't be read is no
                error: it is returned with a ``problem``.
        """

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        """Turn one input into clips, in their order of time.

        Raises:
            Rejected: the whole input is unusable; clips yielded before are dropped.
            TracekitError: something that the user must put right; the build stops.
        """

    def tools(self) -> Mapping[str, str]:
        """What else the bytes of a clip depend on, by name: versions of libraries, digests of fonts."""
