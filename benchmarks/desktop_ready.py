"""How long a desktop takes until it can be recorded, and what it costs.

    python benchmarks/desktop_ready.py [DESKTOPS] [AT_ONCE]

Opens so many desktops (default 8), one after the other or several at once. Ready is when the session's programs have
drawn their windows, the picture rests and nothing is at work; the time runs from before the container is made.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from tracekit.desktop.session import DesktopConfig, open_session


def cost(_: int) -> tuple[float, float, float, int]:
    """Of one desktop: seconds until it is ready, its processor seconds till then, seconds to close, processes."""
    with open_session(DesktopConfig()) as desktop:
        cpu_s = desktop.cpu_s()
        processes = sum(map(len, desktop.ask("programs").values()))
        began = time.monotonic()
        desktop.close()
        return desktop.ready_s, cpu_s, time.monotonic() - began, processes


def main() -> None:
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__)
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    at_once = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with ThreadPoolExecutor(at_once) as pool:
        ready_s, cpu_s, close_s, processes = zip(*pool.map(cost, range(count)), strict=True)
    print(f"{count} desktops, {at_once} at once, each with {processes[0]} processes")
    print(f"ready after   p50 {median(ready_s):.2f} s, least {min(ready_s):.2f} s, most {max(ready_s):.2f} s")
    print(f"processors    {median(cpu_s):.2f} s until then")
    print(f"closed within {max(close_s):.2f} s")


if __name__ == "__main__":
    main()
