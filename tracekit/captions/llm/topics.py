"""Words of a caption that need something on the screen behind them: colours, kinds of errors, tools and topics."""

import re

COLOR = re.compile(
    r"\b(?:red|orange|amber|yellow|gold|lime|green|teal|turquoise|cyan|navy|blue|purple|violet|magenta|pink|brown|white|"
    r"gr[ae]y|black)\b",
    re.IGNORECASE,
)
_KIN = {
    "gray": ("grey",), "amber": ("orange", "yellow"), "gold": ("yellow", "orange"), "lime": ("green",),
    "teal": ("cyan",), "turquoise": ("cyan",), "navy": ("blue",), "violet": ("purple",), "brown": ("orange",),
    "purple": ("purple", "magenta"), "magenta": ("magenta", "pink", "purple"), "pink": ("pink", "magenta"),
    "black": ("black", "dark"), "white": ("white", "light"),
}  # fmt: skip
"""Names that mean one of ours, and ours that run into each other."""

ERROR = re.compile(
    r"\b(?:permission denied|command not found|no such file(?: or directory)?|segmentation fault|syntax error|"
    r"connection (?:refused|timed out|reset)|access denied|out of memory|not a directory|file not found|"
    r"invalid (?:option|argument|syntax)|division by zero|404|500 internal|broken pipe|fatal error|core dumped)\b"
    r"(?:: ?\w[\w./-]*)?",
    re.IGNORECASE,
)
"""Texts of errors that are easily made up."""


def kin(color: str) -> tuple[str, ...]:
    """The names that `tracekit.captions.colors` may give what a caption calls so, in whole or as a word of them."""
    return _KIN.get(color.lower(), (color.lower(),))


_VOUCHED = {
    r"git|commits?|repositor(?:y|ies)|pull requests?": r"\bgit|commit|repo|branch|\bpush|\bpull|merge|clone",
    r"github": r"github",
    r"docker|containers?|kubernetes": r"docker|podman|contain|kube|k8s|\bpods?\b|\bimage|compose",
    r"python": r"\bpy|\.py\b|pip|>>>|\bdef |import |traceback|conda|jupyter|django|flask",
    r"javascript|typescript|npm|node\.js|yarn":
        r"\.[cm]?[jt]sx?\b|npm|node|yarn|pnpm|console\.|=>|\bconst |script|package\.json|webpack|vite",
    r"rust|cargo": r"rust|cargo|\.rs\b|crate",
    r"databases?|sql|sqlite|mysql|postgres(?:ql)?":
        r"sql|\bdb\b|databas|table|select |redis|mongo|query|\.db\b",
    r"vim|neovim": r"vim?\b|-- (?:insert|visual|normal|replace)|^~$|\ball\b|\btop\b|\bbot\b|:wq",
    r"nano|emacs|tmux|zellij|htop|ipython|julia":
        r"nano|emacs|tmux|zellij|htop|ipython|in \[\d+\]|julia|^\[\w+\] \d+:",
    r"virtual environments?|virtualenv|venv": r"venv|virtual|conda|activate|poetry|pipenv",
    r"ssh|remote (?:server|machine|host)": r"ssh|scp|sftp|rsync|remote|\w@\w|telnet|server|host",
    r"servers?|http requests?|web page|websites?|browser":
        r"serv|http|www|port|listen|localhost|curl|nginx|html|url|web|browser|\bapi\b|ssh|host",
    r"unit tests?|test suites?|tests (?:pass|fail|run)\w*|assertions?": r"test|pass|fail|assert|spec|ok\b",
    r"errors?|exceptions?|tracebacks?|fails|failed|failures?|warnings?|crash(?:es|ed)?":
        r"error|except|traceback|fail|fatal|warn|denied|not found|no such|cannot|can't|could not|invalid|unknown|panic|"
        r"crash|refused|abort|unable|usage:|missing|undefined|undeclared|expected|bad |wrong|not a|illegal|e\d{3}",
    r"download(?:s|ed|ing)?": r"download|fetch|curl|wget|pull|clone|get|install|receiv|https?:|[kmg]i?b",
    r"install(?:s|ed|ing|ation)?":
        r"install|setup|apt|brew|npm|pip|yum|dnf|pacman|cargo|package|added|snap|\bgem|yarn",
    r"compil(?:e|es|ed|er|ing|ation)":
        r"compil|\bgcc|clang|\bcc\b|make|build|cargo|rustc|javac|\.o\b|g\+\+|linking|\btsc\b",
    r"encrypt(?:s|ed|ion)?|decrypt(?:s|ed|ion)?|passwords?|credentials":
        r"crypt|gpg|ssl|tls|password|passwd|\bkey|secret|token|login|auth|sudo|cred",
    r"progress bars?": r"\d+\s?%|[█▓▒━#=>.⣿]{3}|\d+/\d+|[⠁-⣿]|progress",
    r"menus?|dialogs?":
        r"menu|dialog|button|\[[ x*]\]|[❯>●○◉◯]|select|choose|option|f\d+|quit|\(\w\)|click",
    r"machine learning|neural|training (?:loop|run|loss)|epochs?": r"train|epoch|loss|model|neural|torch|tensor|learn",
    r"images?|photos?": r"image|photo|\.(?:png|jpe?g|gif|svg|webp|bmp)|docker|pixel|icon|gimp|draw",
    r"e-?mails?": r"mail|@\w+\.|smtp|imap|inbox",
    r"games?|chess|puzzles?|players?": r"game|chess|play|puzzle|score|level|win",
    r"calculat(?:e|es|ed|ion|ions|or)": r"\d|calc",
}  # fmt: skip

TOPICS = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), re.compile(vouched, re.MULTILINE))
    for words, vouched in _VOUCHED.items()
)
"""A topic, and the texts (in small letters) of which one at least must be on the screen, typed, or told.

Wide on purpose: it is to catch captions of another clip and inventions, not to judge how a thing is called.
"""
