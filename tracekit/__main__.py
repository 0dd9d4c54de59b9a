"""``python -m tracekit``: the command, where it is not on PATH."""

from tracekit.cli.main import main

main()
