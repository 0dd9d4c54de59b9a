"""How well secrets and personal data are found, on a labelled set that is made from seeds, and on recordings given.

    python benchmarks/secrets_labelled.py [--seeds 1 2 3] [--each 1] [--misses] [--casts FOLDER] [--given FOLDER]

Cases and harmless lines are planted in the recordings of the demo, or of ``--casts``. Of the scrubber is counted what
reaches no pixel, text grid or event; of the filter what it tells of recordings that were not scrubbed. A secret counts
as seen from eight of its characters on. ``--given`` lists what both find in recordings that nobody has labelled.
"""

import argparse
from collections import Counter
from pathlib import Path

from labelled.judging import GROUPS, Judged, filtered, given, scrubbed
from labelled.planting import labelled_set, recordings

DEMO = Path(__file__).parent.parent / "recipes" / "demo_casts"


def report(name: str, judged: Judged, harmless: int, *, misses: bool) -> None:
    missed = Counter(case.shown.kind for case in judged.missed)
    wrong = Counter(kind for kind, _ in judged.wrong)
    print(f"\n{name}: {sum(judged.found.values()) + len(judged.missed)} cases, {harmless} harmless lines")
    print(f"  {'kind':16} {'cases':>6} {'found':>6} {'recall':>8}")
    for kind in sorted(judged.found.keys() | missed.keys()):
        cases = judged.found[kind] + missed[kind]
        print(f"  {kind:16} {cases:6} {judged.found[kind]:6} {judged.found[kind] / cases:8.2%}")
    print(f"  {'found by':16} {'right':>6} {'wrong':>6} {'precision':>8}")
    right = Counter[str]()
    for kind, count in judged.found.items():
        right[GROUPS.get(kind, kind)] += count
    for kind in sorted(right.keys() | wrong.keys()):
        total = right[kind] + wrong[kind]
        print(f"  {kind:16} {right[kind]:6} {wrong[kind]:6} {right[kind] / total:8.2%}")
    if misses:
        for case in judged.missed:
            print(f"  missed: {case.shown.kind}, {case.shown.form}, {case.way}: {case.shown.text[:160]!r}")
        for kind, text in dict.fromkeys(judged.wrong):
            print(f"  wrong: {kind}: {text[:160]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--each", type=int, default=1, help="how often each form comes")
    parser.add_argument("--misses", action="store_true", help="list what was missed, and what was found wrongly")
    parser.add_argument("--casts", nargs="+", type=Path, default=[DEMO], help="recordings to plant in")
    parser.add_argument("--given", nargs="+", type=Path, help="recordings whose findings to list, none planted")
    asked = parser.parse_args()
    if asked.given:
        for name, finder, kind, value, line in given(recordings(asked.given)):
            print(f"{finder} {kind:16} {value[:60]!r:64} {name[:40]:40} {line.strip()[:150]!r}")
        return
    casts = recordings(asked.casts)
    if not casts:
        parser.error("no recordings there")
    planted = [one for seed in asked.seeds for one in labelled_set(seed, casts, asked.each)]
    harmless = sum(len(one.harmless) for one in planted)
    print(f"{len(asked.seeds)} seeds, {len(planted)} recordings made of {len(casts)}")
    report("scrubber", scrubbed(planted), harmless, misses=asked.misses)
    report("filter personal-data", filtered(planted), harmless, misses=asked.misses)


if __name__ == "__main__":
    main()
