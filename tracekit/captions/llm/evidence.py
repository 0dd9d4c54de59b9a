"""Evidence of a clip, of either kind."""

from tracekit.captions.base import ClipView, DesktopView
from tracekit.captions.llm.evidence_desktop import desktop_evidence
from tracekit.captions.llm.evidence_terminal import terminal_evidence
from tracekit.captions.llm.fence import NORMAL, Budget
from tracekit.captions.llm.known import Evidence

__all__ = ["Budget", "Evidence", "evidence_of"]


def evidence_of(view: ClipView | DesktopView, budget: Budget = NORMAL) -> Evidence:
    """What a model is told of a clip, and what its captions are checked against.

    Only what is to be seen in the clip, what was typed and what the source says is to be done goes in: nothing of the
    clip's provenance, and no key of a sample. The same view gives the same evidence.

    Args:
        view: the clip.
        budget: for `Evidence.text`. The first and the last screen are kept, each shortened to its upper and lower rows
            where both together would leave the changes less than a third of the room; then of each change fewer rows
            are told; then changes are left out from the middle of the clip, and their number is told.
    """
    if isinstance(view, DesktopView):
        return desktop_evidence(view, budget)
    return terminal_evidence(view, budget)
