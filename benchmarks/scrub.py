"""What scrubbing costs and finds, on real recordings. CPU time, one thread, the least of several rounds.

    python benchmarks/scrub.py [CASTS...] [--rounds 3] [--each]

The cost of the guard is that of a row of the screen, once when its text is new and once when it has been seen before,
as most rows have. Texts made to be slow follow: what a character of them costs.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tracekit.casts.model import Header
from tracekit.casts.read import read_cast
from tracekit.casts.scrub import scrub
from tracekit.casts.scrub.sequences import visible
from tracekit.core.clock import seconds
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event

Recording = tuple[str, Header, list[Event]]
SLOW = (
    "eyJaaaaaaaa.",
    "AKIA",
    "password",
    'secret="',
    "a@b.",
    "curl ",
    "x\by\b",
    "4111 1111 ",
    "me@host:~$ ",
    "\x1b[2J",
)


def cpu_s(work: Callable[[], object], rounds: int) -> float:
    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(rounds))


def recordings(places: list[Path]) -> list[Recording]:
    found = []
    for place in places:
        for path in sorted(place.iterdir()) if place.is_dir() else [place]:
            try:
                header, events, _ = read_cast(path)
            except (TracekitError, OSError):
                continue
            found.append((path.name, header, events))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("casts", nargs="*", type=Path, help="files or folders; default: the recordings of the demo")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="a line a recording")
    asked = parser.parse_args()
    casts = recordings(asked.casts or [Path(__file__).parent.parent / "recipes" / "demo_casts"])
    if not casts:
        parser.error("no recordings there")
    scrub(*casts[0][1:])  # loads what is loaded once a process

    total_s, redactions = 0.0, Counter[str]()
    rows: list[str] = []
    for name, header, events in casts:
        cost_s = cpu_s(lambda header=header, events=events: scrub(header, events), asked.rounds)  # type: ignore[misc]
        clean = scrub(header, events)
        total_s += cost_s
        redactions.update(clean.redactions)
        rows += visible("".join(event.data for event in clean.events if event.code == "o")).split("\n")
        if asked.each:
            print(f"{cost_s * 1e3:8.1f} ms  {name[:70]:70}  {clean.redactions}")
    duration_s = sum(seconds(events[-1].time_ns) for _, _, events in casts if events)
    output_kb = sum(len(event.data) for _, _, events in casts for event in events if event.code == "o") / 1e3
    print(f"{len(casts)} recordings, {duration_s:,.0f} s, {output_kb:,.0f} kB of output")
    print(f"scrub: {total_s / duration_s * 1e3:.3f} ms a recorded second, {total_s / output_kb * 1e3:.3f} ms a kB")
    print(f"found: {dict(redactions.most_common())}")

    rows = list(dict.fromkeys(filter(str.strip, rows)))
    guards = [scrub(Header(2, 80, 24), []).guard for _ in range(asked.rounds)]
    new_s = min(cpu_s(lambda guard=guard: [guard.find(row) for row in rows], 1) for guard in guards)  # type: ignore[misc]
    last = rows[-2000:]
    seen_s = cpu_s(lambda: [guards[0].find(row) for row in last], asked.rounds + 1)
    print(
        f"guard: {new_s / len(rows) * 1e6:.2f} us a row that is new, {seen_s / len(last) * 1e6:.2f} us one seen before"
    )

    for text in SLOW:
        output = [Event(0, "o", text * (100_000 // len(text)))]
        cost_s = cpu_s(lambda output=output: scrub(Header(2, 200, 50), output), 1)  # type: ignore[misc]
        print(f"slow: {cost_s / len(output[0].data) * 1e6:6.2f} us a character of {text!r}")


if __name__ == "__main__":
    main()
