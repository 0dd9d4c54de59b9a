"""Scripts run in a sandbox, and what they had to say."""

from collections.abc import Mapping
from typing import NamedTuple

from tracekit.core.errors import Rejected
from tracekit.sandbox.base import DEFAULT_LIMITS, Ended, Limits, Sandbox


class Answer(NamedTuple):
    """What a script wrote to its standard output, and how its session ended."""

    text: str
    ended: Ended


def run(sandbox: Sandbox, script: str, *, files: Mapping[str, bytes] = {}, limits: Limits = DEFAULT_LIMITS) -> Answer:
    """Run a bash script (or one for Python that begins with ``#!python3``) until it ends, or a limit ends it."""
    command = ["/usr/bin/python3", "-c"] if script.startswith("#!python3") else ["/bin/bash", "-c"]
    said = b""
    with sandbox.start([*command, script], files=files, limits=limits) as session:
        try:
            while line := session.readline():
                said += line
        except Rejected:
            pass
        ended = session.finish()
    return Answer(said.decode(errors="replace"), ended)
