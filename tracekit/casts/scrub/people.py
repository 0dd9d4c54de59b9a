"""Names of users and machines: learnt where they are certain to be names, then told wherever they stand as ones.

Certain are prompts (``name@host:~$``), home directories, the window title and working directory that shells report
(OSC 0, 7, 1337), the header's environment, and the targets of ssh.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from tracekit.casts.scrub.disguise import HOST, USER, is_disguised
from tracekit.casts.scrub.rules import Rule

_USER = r"(?P<user>[A-Za-z_]\w{0,31}+(?:[.-]\w{1,31}+){0,3}+)"
_HOST = r"(?P<host>[A-Za-z0-9][A-Za-z0-9_]{0,62}+(?:[.-][A-Za-z0-9_]{1,62}+){0,8}+)"
_BARE_HOST = r"(?P<host>[A-Za-z0-9][\w-]{0,62}(?:\.(?:local|lan|home|internal))?)"
"""One that is no part of a mail address."""
_BEFORE = r"^(?:\([^()\n]{1,40}\) ?)?[\[(┌╭─ ]{0,6}"
_SOURCES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # A prompt: at the start of a line, perhaps after "(venv)" or a bracket, and with its own sign later on.
        rf"{_BEFORE}{_USER}[@㉿]{_HOST}(?=[\])]|[$#%>]|[: ][^\n]{{0,200}}?(?<!\d)[$#%>❯➜»λ](?:[ \n]|$))",
        rf"{_BEFORE}{_USER}@{_HOST} MINGW(?:32|64)",
        rf"(?:^|[\s;&|])(?:ssh|scp|sftp|mosh|rsync|ssh-copy-id|sshfs)(?= )[^\n|;&]{{0,200}}?[ ]{_USER}@{_HOST}",
        rf"^{_USER}@{_BARE_HOST}[ ]*$",
        rf"^{_USER}@{_HOST}'s password:",
        rf"(?<![\w.~-])/(?:home|Users|run/media|export/home)/{_USER}",
        r"[A-Za-z]:\\+(?:Users|Documents and Settings)\\+(?P<user>\w{1,32}+(?:[.-]\w{1,31}+){0,3}+)",
        rf"\buid=\d+\({_USER}\)",
        rf"(?<![\w$])(?:USER|LOGNAME|USERNAME|SUDO_USER)={_USER}",
        rf"(?<![\w$])(?:HOSTNAME|COMPUTERNAME)={_HOST}",
    )
)
_STRINGS = (
    re.compile(rf"^(?:[012];)?{_USER}@{_HOST}(?=: ?[~/]| ?\()"),
    re.compile(rf"^(?:[012];)?{_USER}@{_BARE_HOST}(?![\w.@-])"),
    re.compile(rf"^7;[a-z-]+://(?:{_USER}@)?{_HOST}(?=/|$)"),
    re.compile(r"^7;[a-z-]+://[^/]*/(?:home|Users)/" + _USER),
    re.compile(rf"^1337;RemoteHost={_USER}@{_HOST}"),
)
_ENVIRONMENT = {"USER": USER, "LOGNAME": USER, "USERNAME": USER, "SUDO_USER": USER, "HOSTNAME": HOST, "HOST": HOST}
_NO_HOST = re.compile(
    r"(?i)v?\d+(?:\.\d+){0,2}(?:[.-][a-z].*)?$|\d+$|latest$|next$|[0-9a-f]{12}$|.*\.(?:js|py|git|service)$"
)
"""Versions of packages (``name@1.2.3``), and the ids that containers have for host names."""


@dataclass
class People:
    """The names that a recording has shown so far."""

    keep: frozenset[str]
    """Names that are not personal, in lower case."""
    users: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    def learn_text(self, text: str) -> None:
        """Learn from visible text; lines end in newlines."""
        if may_name(text):
            lines = dict.fromkeys(filter(may_name, text.split("\n")))
            self._learn(_SOURCES, "\n".join(lines))

    def learn_rows(self, rows: Iterable[str]) -> bool:
        """Learn from rows of the screen, where prompts stand that were drawn in pieces; tell whether there was news."""
        known = len(self.users) + len(self.hosts)
        self._learn(_SOURCES, "\n".join(rows))
        return len(self.users) + len(self.hosts) > known

    def learn_string(self, text: str) -> None:
        """Learn from the content of an OSC sequence, or from a recording's title."""
        if "://" in text or may_name(text):
            self._learn(_STRINGS + _SOURCES, text)

    def learn_environment(self, env: Mapping[str, str]) -> None:
        """Learn from environment variables."""
        for name, value in env.items():
            self._add(value, _ENVIRONMENT.get(name.upper(), ""))
            self.learn_text(f"{name}={value}")

    def _learn(self, sources: Iterable[re.Pattern[str]], text: str) -> None:
        for source in sources:
            for match in source.finditer(text):
                found = match.groupdict()
                if not _NO_HOST.match(found.get("host") or ""):
                    self._add(found.get("user") or "", USER)
                    self._add(found.get("host") or "", HOST)

    def _add(self, name: str, kind: str) -> None:
        names = {USER: self.users, HOST: self.hosts}.get(kind)
        if names is None:
            return
        whole = kind == USER or name.replace(".", "").isdigit()  # of a domain name, the machine's own is a name as well
        for part in {name} if whole else {name, name.partition(".")[0]}:
            fits = 1 < len(part) <= 64 and len(names) < _MOST
            if fits and part.lower() not in self.keep and not is_disguised(part, kind):
                names.add(part)

    def rules(self) -> tuple[Rule, ...]:
        """Rules that tell these names wherever they stand as such, and home directories of others."""
        rules = [Rule(USER, ("/home/", "/users/", "/media/", ":\\"), _HOME, partial(_is_personal, self.keep))]
        for kind, names in ((USER, self.users), (HOST, self.hosts)):
            distinct = {name for name in names if _is_distinct(name)}
            for chosen, places in ((distinct, _ANYWHERE), (names - distinct, _PLACES[kind])):
                if chosen:
                    either = "|".join(map(re.escape, sorted(chosen, key=lambda name: (-len(name), name))))
                    rules.append(
                        Rule(kind, tuple(map(str.lower, chosen)), re.compile(places.replace("{}", f"(?:{either})")))
                    )
        return tuple(rules)


def _is_personal(keep: frozenset[str], name: str) -> bool:
    return name.lower() not in keep


def _is_distinct(name: str) -> bool:
    """Whether a name can be told by itself; a short one only where a name is due."""
    return len(name) >= 5 or (len(name) >= 4 and any(map(str.isdigit, name)))


_MOST = 200
"""Names of a kind. A recording that shows more of them shows a list, not who made it."""
may_name = re.compile(r"[@㉿\\]|home|Users|media|uid=|USER|LOGNAME|HOSTNAME|COMPUTERNAME").search
"""A quick look at whether a text may tell a name."""
_HOME = re.compile(
    r"(?<![\w.~-])/(?:home|Users|run/media|export/home)/(?P<value>[A-Za-z_]\w{0,31}+(?:[.-]\w{1,31}+){0,3}+)"
    r"|[A-Za-z]:\\+(?:Users|Documents and Settings)\\+(?P<value2>\w{1,32}+(?:[.-]\w{1,31}+){0,3}+)"
)
_PLACES = {
    USER: r"""(?x)
        (?<! [\w.-] ) {} (?= [@㉿] )                    # of a prompt
      | (?<! [\w.-] ) {} (?= [$#%] (?: [ ] | $ ) )      # of a prompt of macOS
      | (?: (?<= ~ ) | (?<= /home/ ) | (?<= /Users/ ) | (?<= \\Users\\ ) ) {} (?! [\w-] )
      | (?: (?<= [Uu]ser[ ] ) | (?<= [Uu]ser:[ ] ) | (?<= [ ]as[ ] ) ) {} (?! [\w-] )
      | (?: (?<= USER= ) | (?<= LOGNAME= ) ) {} (?! \w )
      | (?<= \( ) {} (?= \) )                           # id
      | ^ {} (?= \s* $ | \s+ (?: \d+ | pts/ | tty ) )   # whoami, ps, who
      | (?<= \d[ ] ) {} (?= [ ]+ \w+ [ ]+ \d )          # the owner in ls -l
      | (?<= [ ] ) {} (?= [ ]+ [\d.,]+ [KMG]? [ ] )     # the group
    """,
    HOST: r"""(?x)
        (?<= [@㉿] ) {} (?! [\w-] ) | (?<= HOSTNAME= ) {} | (?<= :// ) {} (?= / ) | ^ {} (?= \s* $ )
    """,
}
"""Where a short name is due."""
_ANYWHERE = "(?<![A-Za-z0-9_]){}(?![A-Za-z0-9_])"
