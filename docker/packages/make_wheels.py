"""Write the wheels of the sandbox's own package index: small pure Python packages, in several versions, some of which
need others. A wheel is a zip file with a record of what it holds (PEP 427)."""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

BUILT = (2024, 6, 3, 9, 0, 0)
"""Every file's time in the archives."""


class Package(NamedTuple):
    """One release of a package: a module of the same name, and a command if ``main`` is in it."""

    name: str
    version: str
    summary: str
    module: str
    requires: tuple[str, ...] = ()


TABLER = '''"""Plain text tables."""


def table(rows):
    """The rows as lines, columns padded to the same width."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows)
'''

BANNERS = '''"""Text in a box."""
import sys


def banner(text, edge="*"):
    """The text between two rules."""
    line = edge * (len(text) + 4)
    return f"{line}\\n{edge} {text} {edge}\\n{line}"


def main():
    print(banner(" ".join(sys.argv[1:]) or "hello"))
'''

UNITWISE = '''"""Lengths and temperatures from one unit to another."""
import sys

METRES = {"m": 1.0, "km": 1000.0, "cm": 0.01, "mi": 1609.344, "ft": 0.3048, "in": 0.0254}


def convert(value, source, target):
    """A length in another unit."""
    return value * METRES[source] / METRES[target]


def main():
    value, source, target = sys.argv[1:4]
    print(f"{convert(float(value), source, target):g} {target}")
'''

CSVPEEK = '''"""The first rows of a CSV file, as a table."""
import csv
import sys

from tabler import table


def peek(path, count=5):
    """The heading and the first rows."""
    with open(path, newline="") as file:
        return [row for _, row in zip(range(count + 1), csv.reader(file))]


def main():
    print(table(peek(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)))
'''

PACKAGES = [
    *(Package("tabler", version, "Plain text tables", TABLER) for version in ("1.0.0", "1.1.0", "1.2.1")),
    *(Package("banners", version, "Text in a box", BANNERS) for version in ("0.9.0", "1.0.0")),
    *(Package("unitwise", version, "Convert between units", UNITWISE) for version in ("2.0.0", "2.1.0")),
    Package("csvpeek", "0.3.0", "Look into CSV files", CSVPEEK, ("tabler>=1.1",)),
    Package("csvpeek", "0.4.2", "Look into CSV files", CSVPEEK, ("tabler>=1.2",)),
    Package("reportkit", "1.0.0", "Small reports", '"""Small reports."""\n', ("csvpeek>=0.4", "banners")),
]


def content(package: Package) -> dict[str, str]:
    """The files of a wheel by name, but for the record of them."""
    info = f"{package.name}-{package.version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\nSummary: {package.summary}\n"
    files = {
        f"{package.name}.py": package.module.rstrip() + f'\n\n\n__version__ = "{package.version}"\n',
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {need}\n" for need in package.requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: make_wheels\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if "def main" in package.module:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{package.name} = {package.name}:main\n"
    return files


def line_of_record(name: str, text: str) -> str:
    """A file's name, hash and size as the record wants them."""
    hashed = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{name},sha256={hashed},{len(text.encode())}\n"


def write(package: Package, folder: Path) -> None:
    """Write one wheel."""
    files = content(package)
    record = f"{package.name}-{package.version}.dist-info/RECORD"
    files[record] = "".join(line_of_record(*file) for file in files.items()) + f"{record},,\n"
    with zipfile.ZipFile(folder / f"{package.name}-{package.version}-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, BUILT)
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, text)


def main() -> None:
    """Write all wheels into the folder that the first argument names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    for package in PACKAGES:
        write(package, folder)


if __name__ == "__main__":
    main()
