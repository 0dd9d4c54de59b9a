"""Write the archive that fills the home folder of every desktop: some documents and pictures, drawn afresh, and the
settings that are read from nowhere else. Run in the image, whose libraries draw the pictures."""

import io
import sys
import tarfile

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf  # noqa: E402

WRITTEN_S = 1_733_131_800
"""2024-12-02 09:30 UTC, the time that all files bear."""
FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Videos")
FILES = {
    ".config/user-dirs.dirs": "".join(f'XDG_{folder.upper()}_DIR="$HOME/{folder}"\n' for folder in FOLDERS),
    ".config/user-dirs.locale": "C",
    ".config/xfce4/terminal/terminalrc": "[Configuration]\nFontName=DejaVu Sans Mono 10\nFontUseSystem=FALSE\n"
    "ColorForeground=#d7dce5\nColorBackground=#20232f\nColorPalette=#2c3040;#e0707a;#8cc97f;#e3c078;#74a8e8;#bb92d8;"
    "#6cc3c6;#c3c9d6;#565d73;#f0909a;#a8dd9c;#f0d59a;#97c2f5;#d3b0ea;#90dadd;#eef1f6\n"
    "MiscShowUnsafePasteDialog=FALSE\nTabActivityTimeout=0\n",
    ".bashrc": "PS1='\\[\\e]0;\\w\\a\\]\\u@\\h:\\w\\$ '\nalias ls='ls --color=auto'\n",
    "Documents/groceries.txt": "Groceries for Friday\n\n- bread\n- six eggs\n- coffee\n- apples\n- olive oil\n",
    "Documents/letter.txt": "Dear Dora,\n\nthank you for the photographs of the harbour. The boats look smaller\n"
    "than I remember them. Shall we meet in Lisbon in the spring?\n\nWarm regards\nSam\n",
    "Documents/budget.csv": "month,rent,food,travel\nJanuary,840,310,45\nFebruary,840,295,120\nMarch,840,330,60\n",
    "Documents/reading.md": "# To read\n\n1. The Left Hand of Darkness\n2. Gödel, Escher, Bach\n3. Invisible Cities\n",
    "Documents/hello.py": 'for number in range(3):\n    print("Hello", number)\n',
    "Desktop/notes.txt": "Remember: water the plants on Monday.\n",
}
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480">'
PICTURES = {
    "harbour": '<rect width="640" height="480" fill="#a9d3e6"/><circle cx="500" cy="110" r="50" fill="#fff3c4"/>'
    '<rect y="300" width="640" height="180" fill="#3c7a99"/><path d="M180 310h220l-40 50H220z" fill="#a33b32"/>'
    '<path d="M285 300V130l90 160z" fill="#f4efe6"/><path d="M275 300V160l-70 130z" fill="#e3dccb"/>',
    "hills": '<rect width="640" height="480" fill="#cfe6f5"/><circle cx="140" cy="120" r="44" fill="#ffd76a"/>'
    '<path d="M0 330Q160 190 330 310T640 270V480H0z" fill="#7fb069"/>'
    '<path d="M0 400Q200 300 400 390T640 360V480H0z" fill="#4b8b3b"/>',
    "squares": '<rect width="640" height="480" fill="#f5f1e8"/>'
    + "".join(
        f'<rect x="{60 + 90 * column}" y="{50 + 100 * row}" width="70" height="80" rx="10" '
        f'fill="hsl({(column * 47 + row * 83) % 360},55%,{45 + 5 * row}%)"/>'
        for row in range(4)
        for column in range(6)
    ),
}


def picture(drawing: str) -> bytes:
    """A drawing as PNG."""
    loader = GdkPixbuf.PixbufLoader.new_with_type("svg")
    loader.write(f"{_HEAD}{drawing}</svg>".encode())
    loader.close()
    return loader.get_pixbuf().save_to_bufferv("png", [], [])[1]


def main() -> None:
    """Write the archive that the first argument names; draw the wallpaper of the second into the file of the third."""
    target, wallpaper, drawn = sys.argv[1:]
    GdkPixbuf.Pixbuf.new_from_file(wallpaper).savev(drawn, "png", ["compression"], ["1"])
    contents = {name: text.encode() for name, text in FILES.items()}
    contents |= {f"Pictures/{name}.png": picture(drawing) for name, drawing in PICTURES.items()}
    folders = {name.rsplit("/", depth)[0] for name in contents for depth in range(1, name.count("/") + 1)}
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted({*FOLDERS, *folders, *contents}):
            entry = tarfile.TarInfo(name)
            entry.uid = entry.gid = 1000
            entry.mtime = WRITTEN_S
            if name in contents:
                entry.size, entry.mode = len(contents[name]), 0o644
                archive.addfile(entry, io.BytesIO(contents[name]))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)


if __name__ == "__main__":
    main()
