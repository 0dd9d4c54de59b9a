"""Read shards back, strictly: what a tar reader would pass over in silence is an error here."""

import io
import tarfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from tracekit.core.errors import TracekitError
from tracekit.shards.write import EXTENSION, KEY, Place


class StoredSample(NamedTuple):
    """A sample as it lies in a shard."""

    key: str
    files: dict[str, bytes]
    """Content by extension, e.g. ``mp4`` or ``cells.npz``."""
    place: Place


def iter_samples(file: IO[bytes], name: str) -> Iterator[StoredSample]:
    """Read the samples of a shard one after another; one is in memory at a time.

    Args:
        file: the shard, seekable.
        name: what errors call it.

    Raises:
        TracekitError: the file is not a whole tar archive; a member is not a plain file named ``KEY.EXTENSION``; the
            members of a sample do not stand together or one is there twice. Samples before that place were yielded.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    seen: set[str] = set()
    key, files, start, end = "", dict[str, bytes](), 0, 0
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            for member in tar:
                new_key, _, extension = member.name.partition(".")
                if not member.isreg() or not KEY.fullmatch(new_key) or not EXTENSION.fullmatch(extension):
                    raise TracekitError(f"member {member.name!r} is not KEY.EXTENSION", place=name)
                if new_key != key:
                    if files:
                        yield StoredSample(key, files, Place(start, end - start))
                    if new_key in seen:
                        raise TracekitError("the sample's members do not stand together, or it is there twice",
                                            place=f"{name}: {new_key}")  # fmt: skip
                    seen.add(new_key)
                    key, files, start = new_key, {}, end
                if extension in files:
                    raise TracekitError(f"member .{extension} is there twice", place=f"{name}: {key}")
                content = tar.extractfile(member)
                assert content is not None  # a regular file has content
                files[extension] = content.read()
                end = member.offset_data + -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    except (tarfile.TarError, EOFError, MemoryError) as error:
        raise TracekitError(f"not a whole tar archive: {error}", place=name) from error
    # tarfile takes a damaged header, or a file that just stops, for the archive's end. POSIX has two blocks of zeros.
    file.seek(end)
    if not 2 * tarfile.BLOCKSIZE <= size - end <= 2 * tarfile.RECORDSIZE or file.read().strip(b"\0"):
        raise TracekitError(f"damaged at byte {end} of {size}", place=name)
    if files:
        yield StoredSample(key, files, Place(start, end - start))


def read_sample(file: IO[bytes], place: Place, name: str) -> StoredSample:
    """Read one sample by its place, without touching the rest of the shard.

    Raises:
        TracekitError: there is not exactly one whole sample at that place.
    """
    file.seek(place.offset)
    members = file.read(place.bytes)
    found = list(iter_samples(io.BytesIO(members + bytes(2 * tarfile.BLOCKSIZE)), f"{name} at byte {place.offset}"))
    if len(found) != 1 or len(members) != place.bytes:
        raise TracekitError("not exactly one sample", place=f"{name} at byte {place.offset}")
    return found[0]._replace(place=place)
