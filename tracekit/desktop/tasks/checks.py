"""Whether a task's outcome is as wanted: what is read before the recording against what is read after."""

import math
import re
from collections.abc import Sequence
from typing import Any

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.tasks.model import Check
from tracekit.desktop.tasks.widgets import find

_STATES = {"checked", "selected", "pressed", "expanded", "active", "sensitive"}
_AGAIN_NS = 100_000_000


def read_all(desktop: Desktop, checks: Sequence[Check]) -> list[str]:
    """What the checks look at, as it is now."""
    return [_read(desktop, check) for check in checks]


def await_outcome(desktop: Desktop, checks: Sequence[Check], before: Sequence[str], limit_s: float) -> list[str]:
    """What the checks look at once all of them hold, or at the limit: programs write a little later than they say."""
    until_ns = desktop.now_ns() + round(limit_s * NS_PER_S)
    while True:
        after = read_all(desktop, checks)
        if all(map(holds, checks, before, after)) or desktop.now_ns() >= until_ns:
            return after
        if not desktop.wait_until(desktop.now_ns() + _AGAIN_NS):
            return after


def holds(check: Check, before: str, after: str) -> bool:
    """Whether one check holds."""
    if check.unchanged != (before == after):
        return False
    if check.before is not None and before != check.before:
        return False
    if check.after is not None and after != check.after:
        return False
    if check.matches is not None and not re.search(check.matches, after):
        return False
    return check.number is None or math.isclose(_number(after), float(check.number), rel_tol=0, abs_tol=1e-6)


def report(check: Check, before: str, after: str) -> dict[str, Any]:
    """One check as ``task.json`` tells it."""
    return {
        **check.model_dump(mode="json", exclude_defaults=True),
        "read_before": before,
        "read_after": after,
        "holds": holds(check, before, after),
    }


def _read(desktop: Desktop, check: Check) -> str:
    if check.file is not None:
        return str(desktop.ask("read", path=check.file) or "")
    if check.shell is not None:
        return str(desktop.ask("sh", line=check.shell)["stdout"]).removesuffix("\n")
    if check.title is not None:
        titles = [window.title for window in desktop.windows() if re.search(check.title, window.title)]
        return titles[-1] if titles else ""
    target = check.widget or check.states
    widget = find(desktop, target) if target else None
    if widget is None:
        return ""
    return widget.content if check.widget else " ".join(sorted(_STATES.intersection(widget.states)))


def _number(text: str) -> float:
    """Of a display: with the minus sign and the separators of typography."""
    try:
        return float(text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ""))
    except ValueError:
        return math.nan
