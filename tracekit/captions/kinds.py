"""What kind of program is on a screen, what a command is for, and how its output looks: recognised by pattern."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple


class Program(NamedTuple):
    """A kind of program that fills a screen or holds a dialogue."""

    phrase: str
    """How a sentence names it, with its article."""
    full_screen: bool
    pattern: re.Pattern[str]
    """Found in the text of a screen that it draws."""


def _program(phrase: str, full_screen: bool, *patterns: str) -> Program:
    return Program(phrase, full_screen, re.compile("|".join(patterns), re.MULTILINE))


PROGRAMS = (
    _program("the Vim text editor", True, r"^-- (?:INSERT|VISUAL|REPLACE|NORMAL)", r"^(?:~\n){4}", r"VIM - Vi IMproved",
             r"\s\d+,\d+(?:-\d+)?\s+(?:All|Top|Bot|\d+%)$"),
    _program("the nano text editor", True, r"GNU nano \d", r"\^G (?:Get )?Help.*\^"),
    _program("the Emacs text editor", True, r"^-[-:U*%]{3,}.* \("),
    _program("a process monitor", True, r"[Ll]oad average:.*", r"^\s*PID\s+USER\s", r"F1 ?Help.*F10 ?Quit"),
    _program("a pager", True, r"^(?:\(END\)|:)$", r"^lines \d+-\d+(?:/\d+)?", r"^ Manual page "),
    _program("a terminal multiplexer", True, r"Zellij \(", r"^\[[\w-]+\] \d+:\S+[*-] .*\d\d:\d\d \S+$"),
    _program("a fuzzy finder", True, r"^\s*\d+/\d+(?: \(\d+\))?(?: ─+)?$"),
    _program("an IPython session", False, r"^In \[\d+\]:"),
    _program("a Python session", False, r"^>>> "),
    _program("a Julia session", False, r"^julia> "),
    _program("a database client", False, r"^(?:mysql|sqlite|MariaDB.*|\w+=[#>])> ?"),
    _program("a debugger", False, r"^\((?:gdb|lldb|Pdb)\) "),
)  # fmt: skip

_SHELL_PROMPT = re.compile(r"[$#%❯➜λ✗]$")
_CODE_PROMPT = re.compile(r"^(?:>>>|\.\.\.:?|In \[\d+\]:|julia>|irb.*>|iex.*>|ghci>|scala>)$")
_OPEN_PROMPT = ">"
"""Both of Node and of the shells of tapes (vhs): what is entered there tells them apart."""
_COMMAND = re.compile(r"[!^]|\w+=\S|[a-z][\w.+-]*(?:\s+(?:--?\w|[\w./~'\"$*])|\s*[|;&<>]|\s*$)")
_CODE = re.compile(
    r"(?:const|let|var|function|class|import|await|new|return|throw|typeof)\b|\w$|\w+(?:\.\w+)*(?:\s*\(|\s+=[^=]|\s*=>)"
)

_PREFIX = re.compile(r"^(?:sudo(?: -\S+)*|time|nohup|env|command|\w+=\S*)\s+")
_PURPOSES = tuple(
    (re.compile(pattern), purpose)
    for pattern, purpose in (
        (r"#", "leave a comment for the viewer"),
        (r"(?:ls|ll|la|dir|exa|eza|tree)\b", "list the contents of a directory"),
        (r"(?:cd|pushd|popd|z)\b", "move to another directory"),
        (r"pwd\b", "see which directory this is"),
        (r"(?:cat|bat|head|tail|less|more|most)\b", "read a file"),
        (r"(?:vi|vim|nvim|nano|emacs|micro|hx|code)\b", "open a text editor"),
        (r"git (?:clone|pull|fetch|remote)\b", "fetch a Git repository"),
        (r"git (?:status|log|diff|show|branch|blame)\b", "look at the state of a Git repository"),
        (r"git (?:add|commit|rm|mv|stash|tag)\b", "record changes with Git"),
        (r"git (?:push|nomad)\b", "synchronise a Git repository"),
        (r"git\b", "work on a Git repository"),
        (r"(?:apt|apt-get|dnf|yum|pacman|brew|apk|snap|zypper|nix-env)\b", "manage packages of the system"),
        (r"(?:pip3?|pipx|uv|conda|npm|pnpm|yarn|gem|cargo (?:add|install)|go (?:get|install)|poetry)\b",
         "install or manage packages"),
        (r"(?:pytest|tox|nosetests|cargo test|go test|npm test|yarn test|ctest|rspec|.*\bunittest\b)", "run tests"),
        (r"(?:make|cmake|ninja|gcc|g\+\+|clang|rustc|javac|mvn|gradle|\./configure|\w+ build)\b", "build a program"),
        (r"(?:docker|podman|kubectl|helm|docker-compose)\b", "manage containers"),
        (r"(?:ssh|scp|sftp|rsync|telnet)\b", "reach another machine"),
        (r"(?:curl|wget|http)\b", "fetch something over the network"),
        (r"(?:ping|dig|nslookup|host|ip|ifconfig|netstat|ss)\b", "examine the network"),
        (r"(?:grep|rg|ag|ack|find|fd|locate)\b", "search files"),
        (r"(?:sort|uniq|cut|awk|gawk|sed|tr|paste|column|wc|nl|jq|rev|comm|join|tac|fold|seq|diff|cmp)\b",
         "work on text"),
        (r"(?:date|cal|ncal)\b", "look at the date"),
        (r"(?:jobs|fg|bg|wait|sleep|timeout|watch)\b", "look after running programs"),
        (r"(?:!|\^|history\b|fc\b)", "use an earlier command again"),
        (r"(?:type|which|whereis|apropos|whatis|help)\b", "read about a command"),
        (r"(?:env|printenv|id|groups|hostname|who)\b", "look at the session's settings"),
        (r"(?:bc|dc|expr)\b", "work out a number"),
        (r"(?:sqlite3|psql|mysql)\b", "work on a database"),
        (r"(?:tmux|screen|zellij)\b", "split the terminal"),
        (r"(?:fzf|sk)\b", "pick from a list by typing"),
        (r"(?:cp|mv|rm|mkdir|rmdir|touch|ln|chmod|chown|unzip|tar|zip|gzip)\b", "change files"),
        (r"(?:ps|top|htop|btop|kill|killall|free|df|du|uname|uptime|whoami|sysinfo)\b",
         "look at the state of the machine"),
        (r"(?:echo|printf|figlet|cowsay|lolcat)\b", "print a text"),
        (r"(?:export|alias|source|set|unset|PS1)\b|\. ", "set up the shell"),
        (r"(?:for|while|if)\b", "run a loop of shell commands"),
        (r"(?:python3?|node|ruby|perl|julia|ipython|irb|R|lua|php)\s*$", "start an interpreter"),
        (r"(?:python3?|node|ruby|perl|julia|php|bash|sh|npx)\b", "run a script"),
        (r"(?:man|info|tldr)\b|.*(?:--help|\s-h)\b", "read about a command"),
        (r"(?:exit|logout|quit)\b", "leave the session"),
        (r"(?:clear|reset)\b", "clear the screen"),
        (r"(?:asciinema|termtosvg|script)\b", "record the terminal"),
        (r"(?:\./|~?/)\S+", "run a program by its path"),
    )
)  # fmt: skip
_CODE_PURPOSES = tuple(
    (re.compile(pattern), purpose)
    for pattern, purpose in (
        (r"(?:import|from|using|require|include)\b", "load a library"),
        (r"(?:def|class|function|fn|struct)\b", "define something"),
        (r"(?:for|while|if|with|try|begin)\b", "open a block"),
        (r"\.?(?:exit|quit)\b", "leave the session"),
        (r"(?:help|\?)", "ask for help"),
        (r"(?:print|println|puts|echo|console\.log)\b", "print a value"),
        (r"[\w.\[\]]+\s*=[^=]", "assign a value"),
        (r"[\w.]+\(", "call a function"),
        (r"\(", "evaluate an expression in parentheses"),
        (r"", "evaluate an expression"),
    )
)  # fmt: skip

_MANNERS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), manner)
    for pattern, manner in (
        (r"\b(?:\d+ (?:tests? )?(?:passed|failed)|Ran \d+ tests?|FAILED \(|test result:)", "the results of tests"),
        (r"\b(?:traceback|command not found|no such file|fatal:|permission denied|exception\b)", "an error message"),
        (r"\b(?:error|failed|failure):|^(?:error|failed)\b", "an error message"),
        (r"\b(?:usage: |options:$|--help\b)", "instructions for use"),
        (r"^(?:total \d+$|[-d][rwx-]{9})", "a listing of files"),
        (r"^\S*[┌┏╭╔+][─━═-]{3}", "a framed table"),
        (r"^commit [0-9a-f]{7,}|^diff --git|^\s*[|*\\/ ]*[0-9a-f]{7} ", "the history of a repository"),
        (r"\b\d{1,3}(?:\.\d+)?%|[█▓▒━#=]{8}", "a report of progress"),
        (r"\b(?:success\w*|done|completed?|finished|installed)\b", "a note of success"),
        (r"https?://", "a web address"),
    )
)  # fmt: skip
_PROGRESS = re.compile(r"\d{1,3}(?:\.\d+)?\s?%|[█▓▒━#=>.]{4}|\d+/\d+|[⠁-⣿]|^[-\\|/]\s|\d+(?:\.\d+)?\s?[kMG]i?B")


def program_of(lines: Sequence[str]) -> Program | None:
    """The kind of program whose mark is on a screen."""
    return _program_in("\n".join(line.strip() for line in lines))


@lru_cache(maxsize=64)
def _program_in(text: str) -> Program | None:
    """Looked up once, as most clips begin with the screen with which the one before ends."""
    return next((program for program in PROGRAMS if program.pattern.search(text)), None)


def setting_of(prompt: str, text: str) -> Literal["shell", "code", "dialogue"]:
    """What a prompt asks for: commands of a shell, a programming language, or input to another program.

    Args:
        prompt: the prompt, without blanks around it.
        text: what is entered there; '' if nothing is.
    """
    if prompt == _OPEN_PROMPT:
        return "shell" if not text or ((_known(text) or _COMMAND.match(text)) and not _CODE.match(text)) else "code"
    if _CODE_PROMPT.match(prompt):
        return "code"
    return "shell" if _SHELL_PROMPT.search(prompt) else "dialogue"


def purpose_of(prompt: str, text: str) -> str | None:
    """What something entered at a prompt is for, as in "a command to ..."; None where no pattern knows."""
    if setting_of(prompt, text) == "code":
        return next(purpose for pattern, purpose in _CODE_PURPOSES if pattern.match(text))
    return _known(text)


def _known(text: str) -> str | None:
    """What a command of a shell is for."""
    command = text
    while match := _PREFIX.match(command):
        command = command[match.end() :]
    return next((purpose for pattern, purpose in _PURPOSES if pattern.match(command)), None)


def manner_of(lines: Sequence[str]) -> str | None:
    """How an output looks, with its article; None where no pattern knows."""
    text = "\n".join(lines)
    return next((manner for pattern, manner in _MANNERS if pattern.search(text)), None)


def is_progress(line: str) -> bool:
    """Whether a line that changes in place looks like a progress bar, counter or spinner."""
    return bool(_PROGRESS.search(line))
