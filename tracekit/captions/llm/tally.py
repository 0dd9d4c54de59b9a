"""What was asked and what it cost so far: the line that shows how fast captions come, and how long they will take."""

import time
from dataclasses import dataclass, field

from tracekit.captions.llm.request import Reply


@dataclass
class Tally:
    """Counts since it was made."""

    replies: int = 0
    """All, those from the cache included."""
    cached: int = 0
    rejected: int = 0
    """Requests that have no reply."""
    failures: int = 0
    """Tries that came to nothing; most of them were followed by a reply."""
    prompt_tokens: int = 0
    """Read by the servers for us, as ``completion_tokens`` were written: replies from the cache cost none."""
    completion_tokens: int = 0
    began_s: float = field(default_factory=time.monotonic)

    def add(self, reply: Reply) -> None:
        """Count a reply."""
        self.replies += 1
        if reply.cached:
            self.cached += 1
        else:
            self.prompt_tokens += reply.prompt_tokens
            self.completion_tokens += reply.completion_tokens

    def line(self, total: int | None = None) -> str:
        """One line of progress.

        Args:
            total: how many requests there will be, if that is known.
        """
        took_s = max(time.monotonic() - self.began_s, 1e-9)
        done = self.replies + self.rejected
        said = [
            f"{done:,} of {total:,}" if total is not None else f"{done:,} done",
            f"{done / took_s:,.1f}/s",
            f"{self.completion_tokens / took_s:,.0f} tokens/s",
        ]
        said += [f"{count:,} {name}" for name, count in self._oddities() if count]
        if total is not None and 0 < done < total:
            said.append(f"{_clock((total - done) * took_s / done)} left")
        return ", ".join(said)

    def _oddities(self) -> list[tuple[str, int]]:
        return [("from the cache", self.cached), ("tries failed", self.failures), ("without reply", self.rejected)]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
