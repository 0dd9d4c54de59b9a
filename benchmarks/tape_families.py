"""A corpus of tapes from one seed: do all parse, how many differ, how long it takes, how much memory.

    python benchmarks/tape_families.py [--count 250000] [--seed 0] [--families all]

Bodies are what is typed and pressed in sight, without pauses, speeds, looks and the hidden set-up; captions are the
prose instructions. Nothing is written to disk.
"""

import argparse
import resource
import time
from collections import defaultdict

from tracekit.core import plugins
from tracekit.tapes.caption_script import script_caption
from tracekit.tapes.distinct import Distinct
from tracekit.tapes.generate import tapes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import meta_of


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=250_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--families", default="all", help="names with commas between them, or all")
    options = parser.parse_args()
    names = plugins.names("families") if options.families == "all" else options.families.split(",")

    bodies, captions = defaultdict(Distinct), defaultdict(Distinct)
    all_bodies, all_captions = Distinct(), Distinct()
    composing_s = checking_s = 0.0
    parsed = 0
    begun_mb = 0.0
    drawn = tapes(dict.fromkeys(names, 1.0), options.count, options.seed)
    for number in range(options.count):
        begun_s = time.process_time()
        tape = next(drawn)
        text = write(tape.program)
        written_s = time.process_time()
        parsed += parse(text, tape.id) == tape.program
        body = script_caption(tape.program, pauses=False)
        meta = meta_of(tape.program)
        assert meta
        for distinct, value in (
            (bodies[tape.family], body),
            (captions[tape.family], meta.instruction),
            (all_bodies, body),
            (all_captions, meta.instruction),
        ):
            distinct.add(value)
        composing_s += written_s - begun_s
        checking_s += time.process_time() - written_s
        if number == min(1000, options.count - 1):
            begun_mb = peak_mb()

    print(f"{'family':14} {'tapes':>8} {'bodies':>8} {'captions':>8}")
    for name in sorted(bodies):
        print(f"{name:14} {bodies[name].total:8,} {bodies[name].share:8.2%} {captions[name].share:8.2%}")
    print(f"{'all':14} {options.count:8,} {all_bodies.share:8.2%} {all_captions.share:8.2%}")
    print(f"parsed back to themselves: {parsed:,} of {options.count:,}")
    print(f"CPU: {composing_s:.0f} s to compose and write, {checking_s:.0f} s to parse and compare")
    print(f"peak memory: {begun_mb:.0f} MB after 1,000 tapes, {peak_mb():.0f} MB at the end, fingerprints included")


if __name__ == "__main__":
    main()
