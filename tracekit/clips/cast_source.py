"""The source ``casts``: public asciinema recordings become clips (CLIGen, General)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field

from tracekit.casts.read import open_cast
from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.inputs import find_files, listing, read_index
from tracekit.clips.recording import Filming, Recording
from tracekit.clips.settings import Settings
from tracekit.core.errors import Rejected

SUFFIXES = tuple(kind + packed for kind in (".cast", ".json") for packed in ("", ".gz", ".zst"))
_MOST_REPAIRS = 20


class CastConfig(Settings):
    """The recipe's section ``source`` of the kind ``casts``."""

    paths: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = Field(
        min_length=1, exclude=True, description="Files, folders and patterns, local or fsspec URLs"
    )
    index: str | None = Field(
        None, exclude=True, description="Licences and titles by file; default: INDEX.tsv or INDEX.csv in a folder"
    )
    max_error_rate: float = Field(
        0.05, ge=0, le=1, description="Share of a recording's lines that may be unusable before it is rejected"
    )


class CastSource:
    """Turns casts into clips."""

    Config = CastConfig

    def __init__(self, config: CastConfig, capture: Capture) -> None:
        self._config = config
        self._filming = Filming(capture)
        self._listed = read_index(config.paths, config.index)

    def plan(self) -> Sequence[Input]:
        """Find and hash the recordings."""
        return find_files(self._config.paths, SUFFIXES, "casts")

    def tools(self) -> Mapping[str, str]:
        """Versions of what decides about pixels and bytes, and the digest of the fonts."""
        return self._filming.tools()

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        """Read, scrub, cut and film one recording.

        Raises:
            Rejected: it is no cast, damaged beyond ``max_error_rate``, shows nothing, or does not fit the canvas.
        """
        with open_cast(item.locator) as reader:
            events = list(reader)
            header, problems = reader.header, reader.problems
            lines = reader.event_count + reader.skipped_count
            if reader.skipped_count > self._config.max_error_rate * lines:
                message = f"{reader.skipped_count} of {lines} lines can't be used"
                raise Rejected("too-many-errors", message, place=item.uri)
        if not any(event.code == "o" for event in events):
            raise Rejected("no-output", "the recording shows nothing", place=item.uri)
        if header.term_type is not None:  # of version 3; scrubbed where the others have it
            header = replace(header, env={"TERM": header.term_type} | header.env)
        listed = listing(self._listed, item.locator)
        # By name: the message may quote the file, and what it quotes has not been scrubbed.
        repairs = [f"line {problem.line}: {problem.code}" for problem in problems[:_MOST_REPAIRS]]
        yield from self._filming.clips(
            Recording("casts", item, header, events, repairs, title=listed.title, licence=listed.licence)
        )
