"""Secrets that their surroundings give away: assigned to a name, given as an option, sent in a header or in a URL."""

import re
from collections.abc import Callable

from tracekit.casts.scrub.plausible import is_key, is_literal, is_password, is_random
from tracekit.casts.scrub.rules import Rule

_NAME = r"""(?:
    (?: passwords? | passwd | passphrase | passcode | pass | pwd | pw | secrets? | token | credentials?
      | client[_-]?secret | (?: api | access | auth | account | private | secret | secret[_-]?access )[_ -]?keys?
      | access[_-]?key[_-]id | secret[ ]access[ ]key | access[ ]key[ ]id )
    (?! [a-z] )
    (?! [_-]? (?: files? | paths? | names? | types? | counts? | len(?:gth)? | ur[li]s? | ttl | expir\w* | field | policy
                | hash | prompt | manager | store | size | limit | budget | id_?s ) \b )
    [a-z0-9_-]{0,24}+ )"""
"""What secrets are called in programs and settings, and not what describes one, such as ``token_count``."""
_NAME_NEEDS = "pass|pw|secret|token|key|credential"
_VALUE = r"""(?:
    \\" (?P<value0> (?! \*\* ) [^\s"\\] [^"\\\n]{3,300} ) \\"
  | " (?P<value> (?! \*\* ) [^"\s] [^"\n]{3,300} ) "
  | ' (?P<value2> (?! \*\* ) [^'\s] [^'\n]{3,300} ) '
  | (?P<value3> (?! \*\* ) [^\s"'`,;<>(){}\[\]|]{4,300}+ ) (?! \( ) )"""
"""A value in quotes or without: four characters or more, no call of a function, not replaced already."""
_ARGUMENTS = r"\s (?: [^\n|;&]{0,200}? \s )?"
"""What may stand between a command and the option that matters."""


def _rule(name: str, needs: str, pattern: str, accept: Callable[[str], bool] = bool) -> Rule:
    return Rule(name, tuple(needs.split("|")), re.compile(pattern, re.VERBOSE | re.IGNORECASE), accept)


CONTEXTS: tuple[Rule, ...] = (
    _rule(  # password = "...", export X_TOKEN=..., secret => ...
        "assigned",
        _NAME_NEEDS,
        rf"{_NAME} [\"'\]]{{0,2}} (?: = | \s{{0,3}} (?: => | := | ===? | = ) \s{{1,3}} ) {_VALUE}",
        is_password,
    ),
    _rule(  # api_key: ..., "token": "...", AWS Secret Access Key [None]: ..., Password for me@host: ...
        "assigned",
        _NAME_NEEDS,
        rf"{_NAME} \\? [\"']? (?: \sis )? (?: \s\[ [^\]\n]{{0,40}} \] )? (?: \sfor\s [^\s:]{{1,80}}+ )? :"
        rf" \s{{0,3}} {_VALUE}",
        is_random,
    ),
    _rule(  # <password>...</password>
        "assigned",
        _NAME_NEEDS,
        rf"< (?: [a-z]{{1,20}} [:_-] )? {_NAME} > (?P<value> (?! \*\* ) [^\s<>]{{4,300}}+ ) </",
        is_password,
    ),
    _rule(  # access-key ..., as settings of programs list them
        "assigned",
        "key|token",
        r"(?<! [\w-] ) (?: access | secret | api | auth | private ) [_-] (?: key | token ) \s{1,3}"
        r" (?P<value> (?! \*\* ) [^\s\"'`,;<>(){}\[\]|]{16,300}+ )",
        is_random,
    ),
    _rule(
        "option",
        "--",
        rf"(?<! \S ) -- (?: [a-z]{{1,20}} - ){{0,2}} {_NAME} (?: = | \s{{1,3}} ) (?! - ) {_VALUE}",
        is_password,
    ),
    _rule(
        "option",
        "mysql|mariadb",
        rf"(?<! [\w-] ) (?: mysql | mariadb ) (?: -?dump | admin )? {_ARGUMENTS} -p (?! \s ) {_VALUE}",
    ),
    _rule(
        "option",
        " -p",
        r"(?<! [\w-] ) (?: sshpass | (?: docker | podman | helm[ ]registry | oc )[ ]login | unzip | zip | 7z[a-z]?"
        rf" | mongosh? | mongodump | twine[ ]upload ) {_ARGUMENTS} -p[ ]? (?! [ -] ) {_VALUE}",
    ),
    _rule(
        "option",
        "curl",
        rf"(?<! [\w-] ) curl {_ARGUMENTS} (?: -u | --user ) [ =]? [\"']? [^\s:\"']{{1,80}}+ :"
        r" (?P<value> (?! \*\* ) [^\s\"']{1,200}+ )",
    ),
    _rule(
        "option",
        "/user:",
        r"(?<! \S ) net \s use \s [^\n|;&]{0,200}? /user:\S{1,80}+ \s (?P<value> (?! \*\* ) \S{4,200}+ )",
    ),
    _rule("option", "redis-cli", rf"(?<! [\w-] ) redis-cli {_ARGUMENTS} -a \s {_VALUE}"),
    _rule(
        "bearer",
        "bearer|auth|api-key",
        r"""(?<! [a-z] )
        (?: authorization [\"']? \s{0,3} [:=] \s{0,3} [\"']?
            (?: (?: bearer | basic | token | digest | apikey | negotiate ) \s{1,3} )?
          | bearer \s{1,3} | x-(?: api-key | auth-token ) [\"']? \s{0,3} : \s{0,3} [\"']? )
        (?P<value> [\w.~+/=:-]{8,4000}+ )""",
        is_password,
    ),
    _rule(
        "cookie",
        "cookie",
        r"(?<! [a-z] ) (?: set- )? cookie [\"']? : \s{0,3} [\"']? [^\s\"';=]{1,80}+ ="
        r" (?P<value> (?! \*\* ) [^\s\"';]{8,4000}+ )",
    ),
    _rule(
        "url-password",
        "://",
        r":// [^\s:/?\#@\[\]\"'<>]{0,80}+ : (?P<value> (?! \*\* ) [^\s:/?\#@\[\]\"'<>]{1,300}+ ) @",
        is_literal,
    ),
    _rule("url-password", "://", r":// (?P<value> [\w.-]{20,300}+ ) @", is_random),
    _rule(
        "url-password",
        "sig=|signature=|token=|auth=",
        r"[?&] (?: sig | signature | x-amz-signature | access_token | auth ) = (?P<value> [\w%.~+/=-]{16,2000}+ )",
    ),
    _rule(
        "netrc",
        "login ",
        r"(?<! \S ) login \s{1,3} \S{1,80}+ \s{1,3} password \s{1,3} (?P<value> (?! \*\* ) \S{1,200}+ )",
    ),
    _rule(
        "aws-secret",
        "aws|secret",
        r"(?: aws | secret ) [^\n]{0,60}? (?<! [a-z0-9/+=] ) (?P<value> [a-z0-9/+]{40} ) (?! [a-z0-9/+=] )",
        is_key,
    ),
    _rule(
        "public-address",
        ".",
        r"""(?<! [\w.:-] )
        (?! (?: 10 | 127 | 0 | 22[4-9] | 23\d | 255 )\. | 192\.168\. | 169\.254\. | 172\.(?: 1[6-9] | 2\d | 3[01] )\.
          | 192\.0\.2\. | 198\.51\.100\. | 203\.0\.113\. )
        (?: (?: 25[0-5] | 2[0-4]\d | 1?\d?\d ) \. ){3} (?: 25[0-5] | 2[0-4]\d | 1?\d?\d ) (?! [\w.-] )""",
    ),
)
"""The last is of IPv4 addresses that are neither private, local nor for manuals (RFC 6890)."""
