"""Clips whose owners do not want them in a data set."""

from functools import cached_property
from typing import Any

from pydantic import Field, model_validator

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure
from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.deny_list import REASON, DenyList, read_deny_list
from tracekit.shards.sample import Decision


class OptedOut(ClipFilter):
    """Reject what a list names (`tracekit.filters.deny_list` has the format).

    The list is no part of the data set, only its hash is: who asked to be left out need not be told to everybody. So
    each run that decides anew must be given the file.
    """

    file: str | None = Field(None, exclude=True, description="The list: a path or URL")
    sha256: str | None = Field(None, description="Of the list; worked out from it")

    @model_validator(mode="before")
    @classmethod
    def _with_hash(cls, options: Any) -> Any:
        if isinstance(options, dict) and isinstance(options.get("file"), str):
            return {**options, "sha256": measure(options["file"]).sha256}
        return options

    def judge(self, candidate: Candidate) -> Decision:
        """Score: 1 where an entry of the list names the clip, or its recording."""
        entry = self._entries.entry_for(
            uri=candidate.uri, sha256=candidate.input_sha256, recording=candidate.recording, key=candidate.key
        )
        reason = f"the list names {entry}" if entry else ""
        return Decision(filter=REASON, keep=not entry, score=float(bool(entry)), threshold=1, reason=reason)

    @cached_property
    def _entries(self) -> DenyList:
        if self.file is None and self.sha256 is not None:
            raise TracekitError(
                "the list that this build was made with is not at hand",
                place=f"filters.{REASON}",
                remedy=f"add --set filters.{REASON}.file=LIST, or leave it out by --set filters.{REASON}=false",
            )
        return read_deny_list(self.file) if self.file else DenyList({})
