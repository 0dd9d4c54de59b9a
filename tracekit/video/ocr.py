"""Text read off a picture, by tesseract: https://github.com/tesseract-ocr/tesseract."""

import os
import shutil

import pytesseract
from PIL import Image

from tracekit.core.errors import Rejected, TracekitError

LIMIT_S = 60
"""Of one picture: what takes longer is no text."""


def need_tesseract() -> None:
    """Check that there is a tesseract.

    Raises:
        TracekitError: there is none.
    """
    if not shutil.which("tesseract"):
        raise TracekitError("tesseract is not installed", remedy="apt-get install tesseract-ocr")


def tesseract_version() -> str:
    """Such as ``5.3.0``.

    Raises:
        TracekitError: there is none.
    """
    need_tesseract()
    return str(pytesseract.get_tesseract_version())


def read_text(image: Image.Image, *, segmentation: int = 6) -> str:
    """What tesseract reads, lines ended by line feeds.

    Args:
        image: prepared as tesseract likes it: dark on light, lines about 30 pixels high.
        segmentation: how it takes a picture apart, ``--psm``: 6 as one block of text, 3, its default, as a page.

    Raises:
        Rejected: reason ``late``: it takes longer than `LIMIT_S`.
        TracekitError: tesseract fails, or is not there.
    """
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads wait for each other longer than they work
    config = f"--psm {segmentation}"
    try:
        return str(pytesseract.image_to_string(image, lang="eng", config=config, timeout=LIMIT_S))
    except pytesseract.TesseractNotFoundError as error:
        raise TracekitError("tesseract is not installed", remedy="apt-get install tesseract-ocr") from error
    except pytesseract.TesseractError as error:
        remedy = "apt-get install tesseract-ocr tesseract-ocr-eng"
        raise TracekitError(f"tesseract fails: {error.message[-200:]}", remedy=remedy) from error
    except RuntimeError as error:
        raise Rejected("late", f"tesseract takes longer than {LIMIT_S} s to read its picture") from error
