"""Whether a value that a rule has matched is a secret, or what manuals, code and logs hold in its place."""

import math
import re
from collections import Counter

from tracekit.casts.scrub.disguise import HOST, USER, is_disguised

_PLACEHOLDER = re.compile(
    r"(?i)\$|%[({s]|[{<\[(]|\*\*|[~.]*/[\w.-]*/|x{4,}|(?:your|example|sample|dummy|fake|change)[_-]?[a-z]"
    r"|(?:self|this|os|process|config|settings|args|options|props|request|response|env)\."
    r"|(?:none|null|nil|true|false|yes|no|on|off|undefined|required|optional|default|empty|unset|hidden|redacted|expired|invalid"
    r"|valid|missing|incorrect|string|str|integer|int|boolean|bool|number|any|bytes?|object|self|value|input|prompt|todo|tbd|n/a)$"
)
_NAME_OF_ONE = re.compile(r"(?i)^[a-z_.-]*(?:pass(?:word|wd|phrase)?|token|secret|key|pwd|credential)s?[a-z_.-]*$")
_COUNT = re.compile(r"\s*|\d{1,5}")
_MEASURE = re.compile(r"(?i)v?\d+(?:\.\d+)+[a-z0-9.+-]*|\d+(?:\.\d+)?(?:[kmgt]i?b?|m?s|[numµ]s|min|h|d|px|x)?")

_NOBODY = re.compile(
    r"(?i)@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|test|invalid|example|localhost)$|@(?:[\w-]+\.)*noreply\."
    r"|^(?:no-?reply|(?:[a-z]+[+])?git)@"
)


def is_password(value: str) -> bool:
    """Whether a value is used as a password would be: anything but a placeholder, a variable or a name for one."""
    return not (_PLACEHOLDER.match(value) or "..." in value or _NAME_OF_ONE.match(value) or _COUNT.fullmatch(value))


def is_literal(value: str) -> bool:
    """Whether a value is no variable of a shell or template."""
    return value[0] not in "${%<"


def is_random(value: str) -> bool:
    """Whether a value looks drawn by lot, or like a password with care: for places where plain words stand as well.

    A value of 8 characters or more needs digits beside letters, or a Shannon entropy over 3.5 bits a character and
    mixed case; a shorter one needs digits beside letters. Hex digests, UUIDs and versions pass only here, where a
    word such as ``token:`` stands before them; by themselves they are never taken for secrets.
    """
    if not is_password(value) or len(value) < 6 or any(map(str.isspace, value)):
        return False
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    if letters and digits:
        return not _MEASURE.fullmatch(value)
    return letters and len(value) >= 16 and not value.islower() and not value.isupper() and _entropy(value) > 3.5


def is_key(value: str) -> bool:
    """Whether a value holds letters of both cases and digits, as every 40 characters of base64 but one in 1,000 do."""
    return any(map(str.isupper, value)) and any(map(str.islower, value)) and any(map(str.isdigit, value))


def is_distinct(value: str) -> bool:
    """Whether a value can be looked for anywhere and hit no common word: 8 characters, and not letters of one case."""
    return len(value) >= 8 and not (value.isalpha() and (value.islower() or value[1:].islower()))


def is_card_number(value: str) -> bool:
    """The check digit of ISO/IEC 7812-1 (Luhn), for numbers of more than one repeated digit."""
    digits = [int(char) for char in value if char.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return total % 10 == 0 and len(set(digits)) > 2


def _entropy(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def is_somebody(address: str) -> bool:
    """Whether a mail address is of a person: not the one of git over ssh, of no reply, or of a manual (RFC 2606)."""
    user, _, host = address.partition("@")
    return not _NOBODY.search(address) and not (is_disguised(user, USER) and is_disguised(host, HOST))
