"""From shards to a training loop: ``tracekit.load(folder, ...)``, which is `tracekit.load.clips.load`.

Nothing here imports torch before that is called.
"""

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """This package, which can be called: Python binds ``tracekit.load`` to it, so no function can stand there."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        from tracekit.load.clips import load

        return load(*args, **options)


sys.modules[__name__].__class__ = _Callable
