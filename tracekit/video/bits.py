"""Bit strings as H.264 writes them: fixed-length fields and Exp-Golomb codes (ITU-T H.264, 7.2 and 9.1)."""


class BitWriter:
    """Builds a bit string in one integer, most significant bit first."""

    def __init__(self) -> None:
        self.value, self.length = 0, 0

    def u(self, length: int, value: int) -> "BitWriter":
        """Append ``value`` as ``length`` bits."""
        self.value = self.value << length | value
        self.length += length
        return self

    def ue(self, value: int) -> "BitWriter":
        """Append an unsigned Exp-Golomb code."""
        return self.u(2 * (value + 1).bit_length() - 1, value + 1)

    def se(self, value: int) -> "BitWriter":
        """Append a signed Exp-Golomb code."""
        return self.ue(2 * value - 1 if value > 0 else -2 * value)

    def trailing(self) -> bytes:
        """Close with a stop bit and zeros to the byte (rbsp_trailing_bits, 7.3.2.11), and return the bytes."""
        self.u(1, 1)
        self.u(-self.length % 8, 0)
        return self.value.to_bytes(self.length // 8, "big")


class BitReader:
    """Reads the fields of a bit string; ``position`` is that of the next bit."""

    def __init__(self, data: bytes) -> None:
        self.value, self.length = int.from_bytes(data, "big"), len(data) * 8
        self.position = 0

    def u(self, length: int) -> int:
        """The next ``length`` bits.

        Raises:
            ValueError: there are not so many left.
        """
        self.position += length
        if self.position > self.length:
            raise ValueError("the bit string ends inside a field")
        return self.value >> (self.length - self.position) & ((1 << length) - 1)

    def ue(self) -> int:
        """The next unsigned Exp-Golomb code."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """The next signed Exp-Golomb code."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)
