"""Print every figure of the README: all benchmarks, one after the other.

    python benchmarks/run.py [CASTS]

CASTS is a folder of recordings; default: ``casts`` in the folder that TRACEKIT_SHARED names, else the demo's. Tapes are
the project's own, and those released with the paper where that folder holds them (``tapes/neuralcomputer``).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parent / "recipes" / "demo_casts"


def main() -> None:
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__)
        return
    shared = Path(os.environ.get("TRACEKIT_SHARED", HERE.parent.parent / "shared"))
    given = shared / "casts" if (shared / "casts").is_dir() else DEMO
    casts = Path(sys.argv[1]) if len(sys.argv) > 1 else given
    tapes = [str(folder) for folder in [shared / "tapes" / "neuralcomputer"] if folder.is_dir()]
    recordings = sorted(str(path) for path in casts.iterdir() if ".cast" in path.name or path.suffix == ".json")
    failed = []
    with tempfile.TemporaryDirectory(prefix="tracekit-bench-") as folder:
        made = Path(folder) / "demo"
        build = [sys.executable, "-m", "tracekit", "build", str(DEMO.parent / "demo.yaml"), "--out", str(made)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        for script, arguments in (
            ("casts_to_shards.py", [str(casts)]),
            ("emulators.py", recordings),
            ("painter.py", recordings),
            ("encode.py", []),
            ("scrub.py", recordings),
            ("build_engine.py", []),
            ("scale.py", [str(casts)]),
            ("tapes.py", ["--real"]),
            *(("tapes.py", ["--tapes", folder]) for folder in tapes),
            ("tape_families.py", []),
            ("desktops.py", []),
            ("desktop_ready.py", []),
            ("desktop_input.py", []),
            ("desktop_policies.py", []),
            ("desktop_tasks.py", ["--seeds", "1"]),
            ("captions.py", []),
            ("caption_gate.py", [str(casts)]),
            ("secrets_labelled.py", []),
            ("filters.py", []),
            ("filter_pictures.py", []),
            ("selection.py", []),
            ("injections.py", []),
            ("scores.py", []),
            ("score_ceilings.py", []),
            ("loader.py", [str(made)]),
            ("trainer.py", [str(made)]),
        ):
            print(f"\n== {script}", flush=True)
            if subprocess.run([sys.executable, str(HERE / script), *arguments], check=False).returncode:
                failed.append(script)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
