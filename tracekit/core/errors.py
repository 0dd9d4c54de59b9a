"""Errors that a person can act on."""


class TracekitError(Exception):
    """Something a user can put right. Printed as one line, never as a traceback.

    Args:
        message: what is wrong, in a sentence without a full stop.
        place: the file, and line or column where there is one, or the recipe key.
        remedy: what to do about it.
    """

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        self.message, self.place, self.remedy = message, place, remedy
        super().__init__(f"{place}: {message}" if place else message)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}" + (f" ({self.remedy})" if self.remedy else "")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not unpickle by themselves, and these cross Ray's process border.
        return _rebuild, (type(self), self.message, self.place, self.remedy, self.__dict__)


def _rebuild(
    kind: type[TracekitError], message: str, place: str, remedy: str, state: dict[str, object]
) -> TracekitError:
    error = kind.__new__(kind)
    TracekitError.__init__(error, message, place=place, remedy=remedy)
    error.__dict__.update(state)
    return error


class Rejected(TracekitError):
    """An input, or a clip, that will not be in the data set. Carries the reason by name, and is recorded.

    Args:
        reason: a short name of the reason, ``[a-z0-9-]+``, that reports are counted by.
    """

    def __init__(self, reason: str, message: str, *, place: str = "", remedy: str = "") -> None:
        self.reason = reason
        super().__init__(message, place=place, remedy=remedy)
