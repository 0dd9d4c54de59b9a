"""Memory that the process which grabs frames shares with the one which encodes them.

It has no name and lives as long as one of the two does. A slot belongs to the grabbing process until it says by a pipe
that a picture is in it, then to the other until that one gives it back.
"""

import ctypes
import mmap
import os
import struct

_HEAD_BYTES = mmap.PAGESIZE
_END_AT, _BUSY_AT = 0, 64
_END = struct.Struct("<q")
_LAST_FRAME = 2**62
MOST_SLOTS = _HEAD_BYTES - _BUSY_AT


class Ring:
    """Slots for pictures, in a file of memory.

    Args:
        file: descriptor of the file, or None to make one.
        slots: how many, up to `MOST_SLOTS`.
        slot_bytes: of a picture.
    """

    def __init__(self, file: int | None, slots: int, slot_bytes: int) -> None:
        self.slots, self.slot_bytes = slots, slot_bytes
        self._stride = -(-slot_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        size = _HEAD_BYTES + slots * self._stride
        if file is None:
            self.file = os.memfd_create("tracekit-frames", os.MFD_CLOEXEC)
            os.truncate(self.file, size)
        else:
            self.file = file
        self._memory = mmap.mmap(self.file, size)
        if file is None:
            self.end_at(_LAST_FRAME)

    def end_frame(self) -> int:
        """The first frame that is no longer to be grabbed."""
        return int(_END.unpack_from(self._memory, _END_AT)[0])

    def end_at(self, frame: int) -> None:
        """Say so, also while grabbing goes on."""
        _END.pack_into(self._memory, _END_AT, frame)

    def slot(self, number: int) -> memoryview:
        """The bytes of a slot, writable."""
        start = _HEAD_BYTES + number * self._stride
        return memoryview(self._memory)[start : start + self.slot_bytes]

    def addresses(self) -> list[int]:
        """Where each slot lies in this process's memory. The memory then stays mapped until the process ends."""
        first = ctypes.addressof(ctypes.c_char.from_buffer(self._memory, _HEAD_BYTES))
        return [first + number * self._stride for number in range(self.slots)]

    def is_free(self, number: int) -> bool:
        """Whether nothing is in a slot that is still to be read."""
        return not self._memory[_BUSY_AT + number]

    def keep(self, number: int) -> None:
        """A picture is in this slot now."""
        self._memory[_BUSY_AT + number] = 1

    def release(self, number: int) -> None:
        """The picture in this slot is no longer needed."""
        self._memory[_BUSY_AT + number] = 0
