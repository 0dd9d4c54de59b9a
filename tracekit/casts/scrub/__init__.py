"""Secrets and names in a recording, replaced by text of the same width before anything is drawn.

``scrub`` works on a recording; the ``Guard`` that it returns works on rows of the screen as they are drawn.
docs/secrets.md says what is found, what is not, and why.
"""

from tracekit.casts.scrub.guard import Guard
from tracekit.casts.scrub.rules import DEFAULT, Rules, Span
from tracekit.casts.scrub.scrub import Finding, Scrubbed, scrub

__all__ = ["DEFAULT", "Finding", "Guard", "Rules", "Scrubbed", "Span", "scrub"]
