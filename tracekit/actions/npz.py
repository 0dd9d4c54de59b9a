"""Arrays in an ``.npz`` file: written the same each time, and read without trust in what the file says of its size."""

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError

MOST_BYTES = 1 << 28
"""Of all arrays of a file together, unpacked."""


def dump_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of an ``.npz`` file: the same for the same arrays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def load_arrays(data: bytes, name: str) -> dict[str, NDArray[Any]]:
    """Read an ``.npz`` file. Its arrays can't be written to.

    Args:
        data: its bytes.
        name: what errors call it.

    Raises:
        TracekitError: it is none, is damaged, or its arrays take more than MOST_BYTES.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_BYTES:  # no more than this is unpacked of a member
                raise ValueError(f"its arrays take more than {MOST_BYTES} bytes")
            return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}
    except Exception as error:  # zipfile, zlib and numpy raise a dozen kinds for damaged bytes
        raise TracekitError(f"not a file of arrays: {error}", place=name) from error


def _array(data: bytes) -> NDArray[Any]:
    """An array in numpy's format, version 1.0; its size is held against the bytes that are there."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of numpy's format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError("objects are not read")
    values: NDArray[Any] = np.frombuffer(data, dtype, math.prod(shape), file.tell())
    return values.reshape(shape, order="F" if by_columns else "C")
