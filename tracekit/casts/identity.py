"""Keeping a person's user and host name out of what they record.

Two walls. The recorded program runs under neutral names as far as the system allows: its environment always, and where
user namespaces work also the names that the kernel and the account database give. Behind it, real names that come out
all the same (a path, a clone's URL) are replaced in the text by neutral ones of the same length.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from tracekit.core.events import Event

USER = "user"
HOST = "host"
HOME = "/home/user"
UID = 1000
EVERYWHERE = frozenset({"root", "/root", "localhost"})
"""Names that are the same on every machine, and so tell of none."""

_CSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # ECMA-48, section 5.4

# As root of a namespace of its own: name the host, lay our accounts and homes over the system's; then drop to a plain
# user in a second one. $1 is a folder from `_lay_out`, $2 the user's id; the command follows.
_ENTER = """
set -e
echo host > /proc/sys/kernel/hostname
for file in passwd group hostname; do
    if [ -e "/etc/$file" ]; then mount --bind "$1/$file" "/etc/$file"; fi
done
for home in /home/*/; do
    name=$(basename "$home")
    if [ -d "$home" ] && [ "$name" != user ]; then mkdir -p "$1/home/$name"; mount --rbind "$home" "$1/home/$name"; fi
done
mount --rbind "$1/home" /home
cd "$PWD" 2>/dev/null || cd /home/user
id=$2
shift 2
exec unshare --user --map-user="$id" --map-group="$id" -- "$@"
"""


class Neutral:
    """A neutral place to record in.

    Args:
        folder: an empty folder that outlives the recording: the program's home, or what it is made of.
        skeleton: a folder whose files the home has from the start; none if None.

    Attributes:
        isolated: whether the program sees neutral names wherever it asks. If not, the system has no user namespaces
            (or forbids them), and only environment and text are neutral.
    """

    def __init__(self, folder: Path, skeleton: Path | None = None) -> None:
        home = _lay_out(folder)
        if skeleton is not None:
            shutil.copytree(skeleton, home, dirs_exist_ok=True)
        self._enter = ["unshare", "--user", "--map-root-user", "--mount", "--uts", "sh", "-c", _ENTER, "sh"]
        self._enter += [str(folder), str(UID)]
        self.isolated = _works(self.command(["true"]))
        self._home = HOME if self.isolated else str(home)
        self._names = _names(self.isolated)

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that runs ``command`` under neutral names."""
        return [*self._enter, *command]

    def environment(self) -> dict[str, str]:
        """All variables of the recorded program."""
        kept = {name: os.environ[name] for name in ("PATH", "TERM", "COLORTERM") if name in os.environ}
        shell = shutil.which("bash") or "/bin/sh"
        prompt = f"{USER}@{HOST}:\\w\\$ " if shell.endswith("bash") else f"{USER}@{HOST}$ "
        neutral = {"USER": USER, "LOGNAME": USER, "HOSTNAME": HOST, "HOME": self._home, "SHELL": shell, "PS1": prompt}
        return {"TERM": "xterm-256color"} | kept | neutral | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def text(self, text: str) -> str:
        """The text with real names replaced."""
        return "".join(self._replaced([text]))

    def events(self, events: Iterable[Event]) -> list[Event]:
        """The events with real names replaced, also those that are spread over several."""
        events = list(events)
        for code in {event.code for event in events} - {"r", "x"}:
            places = [place for place, event in enumerate(events) if event.code == code]
            texts = self._replaced([events[place].data for place in places])
            for place, text in zip(places, texts, strict=True):
                events[place] = events[place]._replace(data=text)
        return events

    def _replaced(self, texts: Sequence[str]) -> list[str]:
        """Neutral versions of the pieces of a text, each as long as it was."""
        whole = "".join(texts)
        # A name may begin right after a control sequence, whose last character is often a letter.
        searched = _CSI.sub(lambda match: "\0" * len(match[0]), whole)
        pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, self._names))})(?!\w)"
        pieces, done = [], 0
        for match in re.finditer(pattern, searched, re.IGNORECASE) if self._names else ():
            pieces += [whole[done : match.start()], self._names[match[0].lower()]]
            done = match.end()
        neutral_whole = "".join([*pieces, whole[done:]])
        ends = [0]
        for text in texts:
            ends.append(ends[-1] + len(text))
        return [neutral_whole[start:end] for start, end in pairwise(ends)]


def _names(isolated: bool) -> dict[str, str]:
    """Real names, the longest first, each with a neutral one of its length."""
    account = pwd.getpwuid(os.getuid())
    host = socket.gethostname()
    neutral_of = {account.pw_dir: HOME, str(Path.home()): HOME, account.pw_name: USER}
    neutral_of |= {os.environ.get("USER", ""): USER, host: HOST, host.partition(".")[0]: HOST}
    # Where programs saw neutral names anyway, "root" in the output is a word and not this machine's user.
    spared = {"", "/", HOST, USER, HOME} | (EVERYWHERE if isolated else {"localhost"})
    names = sorted(neutral_of.keys() - spared, key=len, reverse=True)
    return {name.lower(): neutral_of[name].ljust(len(name), "x")[: len(name)] for name in names}


def _lay_out(folder: Path) -> Path:
    """Fill the folder with the accounts and the home of a neutral machine; return the home."""
    home = folder / "home" / USER
    home.mkdir(parents=True)
    # Debian's bash would otherwise set a prompt from the account's and the kernel's names.
    (home / ".bashrc").write_text(f"PS1='{USER}@{HOST}:\\w\\$ '\n")
    accounts = ["root:x:0:0:root:/root:/bin/sh", f"{USER}:x:{UID}:{UID}::{HOME}:/bin/sh"]
    accounts.append("nobody:x:65534:65534::/nonexistent:/bin/false")
    (folder / "passwd").write_text("\n".join(accounts) + "\n")
    (folder / "group").write_text(f"root:x:0:\n{USER}:x:{UID}:\nnogroup:x:65534:\n")
    (folder / "hostname").write_text(f"{HOST}\n")
    return home


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
