"""Which font draws what."""

import subprocess
import sys
from pathlib import Path

import pytest

from tracekit.core.errors import TracekitError
from tracekit.terminal.fonts import FontChain, coverage, open_font


def test_the_default_font_is_found_without_importing_what_it_comes_with() -> None:
    program = (
        "import sys; from tracekit.terminal.fonts import FontChain; chain = FontChain(); "
        "print(chain.first, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["DejaVuSansMono.ttf", "False"]


def test_a_character_comes_from_the_first_font_that_has_it() -> None:
    mono_first = FontChain(("dejavu-sans-mono", "dejavu-sans"))
    sans_first = FontChain(("dejavu-sans", "dejavu-sans-mono"))
    mono, sans = mono_first.families
    assert (mono_first.find("a"), sans_first.find("a")) == (mono, sans)
    assert mono_first.find("\u2387") == sans  # the Mono has no alternative key symbol
    assert mono_first.find("\U0003fffd") is None


def test_a_style_that_a_family_lacks_is_drawn_with_what_it_has() -> None:
    regular = FontChain(("dejavu-sans-mono",)).families[0].regular
    alone = FontChain((str(regular),)).families[0]
    assert alone.file(True, True) == regular.with_name("DejaVuSansMono-Bold.ttf")
    assert alone.file(False, True) == regular  # its oblique is not named Italic
    assert alone.file(False, False) == regular


def test_a_font_that_is_not_there_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(TracekitError, match="one of dejavu-sans-mono"):
        FontChain(("comic",))
    with pytest.raises(TracekitError, match="no-such"):
        FontChain(("dejavu-sans-mono", "no-such.ttf"))
    with pytest.raises(TracekitError, match="at least one"):
        FontChain(())


def test_a_fallback_that_is_not_installed_is_left_out_and_the_digest_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracekit.terminal import fonts

    monkeypatch.setitem(fonts.FAMILIES, "absent", (("no_such_package:font.ttf",), ("no/such/font.ttf",)))
    plain, more = FontChain(("dejavu-sans-mono",)), FontChain(("dejavu-sans-mono", "absent"))
    assert more.missing == ("absent",)
    assert more.digest == plain.digest
    assert FontChain(("dejavu-sans-mono", "dejavu-sans")).digest != plain.digest
    with pytest.raises(TracekitError):
        FontChain(("absent", "dejavu-sans-mono"))


@pytest.mark.parametrize("content", [b"", b"not a font", b"\0\1\0\0" + b"\xff" * 200], ids=["empty", "text", "damaged"])
def test_a_damaged_font_is_an_error_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "font.ttf"
    path.write_bytes(content)
    with pytest.raises(TracekitError, match=r"font\.ttf"):
        coverage(path)
    with pytest.raises(TracekitError, match=r"font\.ttf"):
        open_font(path, 13, False)
