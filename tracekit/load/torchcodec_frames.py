"""The frames of a clip by torchcodec, on the CPU or on a GPU: like those of `tracekit.load.frames`, not the same.

torchcodec turns frames into RGB by what the stream says of its colours, but neither interpolates chroma nor rounds as
exactly. Where a size is asked for, torch scales what it gave, on the same device. On a GPU, NVDEC decodes what it can,
and torchcodec falls back to the CPU for the rest (4:4:4 on most).
"""

import torch
from torch.nn.functional import interpolate

from tracekit.core.errors import TracekitError
from tracekit.load.frames import Box, Size, letterbox
from tracekit.load.shared import blank


def check(device: str) -> None:
    """See whether torchcodec can be used, and the device.

    Args:
        device: cpu, cuda (the process's current one) or cuda:N.

    Raises:
        TracekitError: torchcodec, or FFmpeg's libraries for it, are not here, or there is no such device.
    """
    remedy = "pip install --no-deps a torchcodec built for this torch, and FFmpeg's shared libraries"
    try:
        import torchcodec
    except (ImportError, OSError, RuntimeError) as error:  # the last two where a library is missing
        raise TracekitError("torchcodec can't be imported", remedy=remedy) from error
    if torchcodec.ffmpeg_major_version is None:  # since 0.14 it is imported all the same
        raise TracekitError("torchcodec finds no FFmpeg", remedy=remedy)
    kind, _, number = device.partition(":")
    if kind == "cuda" and (not number or number.isdecimal()):
        if int(number or 0) >= torch.cuda.device_count():
            raise TracekitError(f"there is no {device} here", remedy="use device='cpu'")
    elif device != "cpu":
        raise TracekitError(f"torchcodec does not decode on {device!r}", remedy="use cpu, cuda or cuda:N")


def clip_frames(video: bytes, own: int, frames: int, size: Size | None, device: str) -> torch.Tensor:
    """The first frames of a clip as RGB, uint8 (frames, height, width, 3), range 0 to 255, on the device.

    Args:
        video: an MP4 file.
        own: frames that the video has.
        frames: wanted; where there are more than ``own``, the last one is repeated.
        size: width and height; the picture is scaled to fit and the rest is black. None: as the video is.
        device: that `check` found.

    Raises:
        TracekitError: the video does not decode as far, is shorter, or its pictures do not fit into memory.
    """
    from torchcodec.decoders import VideoDecoder

    wanted = min(own, frames)
    try:
        decoder = VideoDecoder(video, dimension_order="NHWC", num_ffmpeg_threads=1, device=device)
        if len(decoder) < wanted:
            raise TracekitError(f"the video has {len(decoder)} frames, not {own}")
        width, height = decoder.metadata.width, decoder.metadata.height
        box = Box(0, 0, width, height) if size is None else letterbox(width, height, size)
        shape = (frames, height, width, 3) if size is None else (frames, size[1], size[0], 3)
        clip = blank(shape) if device == "cpu" else torch.zeros(shape, dtype=torch.uint8, device=device)
        inside = clip[:, box.top : box.top + box.height, box.left : box.left + box.width]
        for number in range(wanted):
            inside[number] = scaled(decoder[number], box)
    except (RuntimeError, ValueError, IndexError, MemoryError) as error:
        said = str(error).partition("\n")[0]
        raise TracekitError(f"torchcodec does not decode the video: {said}") from error
    clip[wanted:] = clip[wanted - 1]
    return clip


def scaled(picture: torch.Tensor, box: Box) -> torch.Tensor:
    """A picture, uint8 (height, width, 3), of a box's size."""
    if picture.shape[:2] == (box.height, box.width):
        return picture
    channels = picture.permute(2, 0, 1)[None].float()  # CUDA has this for floats alone
    fitted = interpolate(channels, (box.height, box.width), mode="bicubic", antialias=True)
    return fitted[0].permute(1, 2, 0).round().clamp(0, 255).to(torch.uint8)
