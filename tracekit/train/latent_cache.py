"""What frozen encoders make of clips and captions, kept in a folder under names that tell what it depends on.

A later epoch then reads megabytes where it would decode and encode a video. What is kept is float16, and what is given
back when something is put in is what will be read later: training sees the same numbers in the first epoch as in the
next, and after a stop as without one.
"""

import hashlib
import logging

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from tracekit.core.files import Folder
from tracekit.train.tensors import Tensor

log = logging.getLogger("tracekit.train")

VERSION = 1
"""Of the files."""
CHECKSUM = "checksum"
"""The tensor of a file that has the SHA-256 of the others."""


class LatentCache:
    """A folder of safetensors files; several processes may share it, and it crosses to workers.

    Args:
        folder: a path, or any URL that fsspec knows; made when the first file is.
        encoders: the backbone's digest. What other encoders made is not found.
    """

    def __init__(self, folder: str, encoders: str) -> None:
        self.url, self.encoders = Folder(folder).url, encoders

    @property
    def folder(self) -> Folder:
        """Opened anew: a connection to a store does not survive the fork of a worker."""
        return Folder(self.url)

    def get(self, kind: str, what: str) -> dict[str, Tensor]:
        """What was kept, in float16 on the CPU; nothing if there is none, or it is damaged, which the log tells.

        Args:
            kind: ``clips`` or ``texts``.
            what: what it was made of: the digest of an example, or a caption.

        Raises:
            TracekitError: the folder can't be read.
        """
        folder, name = self.folder, self._name(kind, what)
        if not folder.exists(name):
            return {}
        try:
            tensors: dict[str, Tensor] = load(folder.read(name))
            if tensors.pop(CHECKSUM).tolist() != _checksum(tensors):
                raise ValueError("its checksum is another")
        except (SafetensorError, KeyError, ValueError) as error:
            log.warning("damaged, and made again: %s: %s", folder.path(name), error)
            return {}
        return tensors

    def put(self, kind: str, what: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Keep what was made, and give it back as `get` will. A file is whole or not there, whoever writes it too.

        Args:
            kind: as in `get`.
            what: as in `get`.
            tensors: on any device. One with a value that float16 can't hold is kept as it is.

        Raises:
            TracekitError: the folder can't be written.
        """
        kept = {name: _half(tensor) for name, tensor in tensors.items()}
        checksum = torch.tensor(_checksum(kept), dtype=torch.uint8)
        self.folder.write(self._name(kind, what), save(kept | {CHECKSUM: checksum}))
        return kept

    def _name(self, kind: str, what: str) -> str:
        digest = hashlib.sha256(f"{VERSION}\n{self.encoders}\n{what}".encode()).hexdigest()
        return f"{kind}/{digest[:2]}/{digest}.safetensors"


def _half(tensor: Tensor) -> Tensor:
    half = tensor.detach().to("cpu", torch.float16)
    return half.contiguous() if half.isfinite().all() else tensor.detach().cpu().contiguous()


def _checksum(tensors: dict[str, Tensor]) -> list[int]:
    sha256 = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        sha256.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        sha256.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return list(sha256.digest())
