"""A process that captures one input and ends: ``python -m tracekit.build.alone``, pickled request in, answer out."""

import os
import pickle
import sys

from tracekit.build.capture import captured_here
from tracekit.build.plan import Refused
from tracekit.clips.clip import Clip
from tracekit.core.errors import TracekitError


def main() -> None:
    """Answer the request on standard input."""
    path, recipe_json, item = pickle.load(sys.stdin.buffer)
    sys.path[:] = path
    with os.fdopen(os.dup(1), "wb") as answer_to:
        os.dup2(2, 1)  # what a library prints is no part of the answer
        answer: list[Clip | Refused] | TracekitError
        try:
            answer = list(captured_here(recipe_json, item))
        except TracekitError as error:
            answer = error
        pickle.dump(answer, answer_to)


if __name__ == "__main__":
    main()
