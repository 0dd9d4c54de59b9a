"""Telephone numbers in a line of text, told from the many other digits on screens.

Numbers with a country code are taken if the numbering plan of the country has them, by Google's libphonenumber. Those
without are taken where a word such as ``Phone:`` stands before them and a country's plan has them; by themselves only
if written as nothing else is: ``(415) 555-2671``, or with a leading zero and grouped as their country groups them.
"""

import re
from collections.abc import Iterator

REGIONS = (
    "US", "GB", "DE", "FR", "IT", "ES", "NL", "BE", "CH", "AT", "SE", "NO", "DK", "PL", "CZ", "PT", "UA", "RU", "TR",
    "IN", "CN", "JP", "KR", "AU", "NZ", "BR", "MX", "AR", "ZA", "NG", "IL", "SG",
)  # fmt: skip
"""Countries, by ISO 3166, whose numbers are known without the country's code."""
_CANDIDATE = re.compile(
    r"(?<![\w./+(-]) (?: \+ | \( )? \(? \d{1,15}+ (?: [ ./()-]{1,2}+ \d{1,12}+ ){0,7}+ (?! [\w:@%/+] | [.-]\w )",
    re.VERBOSE | re.ASCII,
)
_LABEL = re.compile(
    r"""(?xi) \b (?: (?: tele )? (?: phone | fon | fax ) | tel | mobile? | cell | cellulare | whatsapp | handy
      | t[eé]l[eé](?: fono? | phone ) | m[oó]vil | telefax | telefoon ) (?: [ _-]? (?: number | no | nr | \# ) )?"""
)
_LABEL_REACH = 28
"""Characters before a number in which its label may stand."""
_AFTER_LABEL = re.compile(r"""\.?["']?\s{0,8}[:=]?\s{0,8}["'(]{0,2}""")
_NORTH_AMERICAN = re.compile(r"\(\d{3}\) ?\d{3}[-. ]\d{4}|\d{3}-\d{3}-\d{4}|1-\d{3}-\d{3}-\d{4}")
_LEADING_ZERO = re.compile(r"\(?0\d{1,4}\)?(?:[ /-]\d{2,8}){1,4}")
_DIGITS = range(7, 16)
"""How many a number has, with the country's code; ITU-T E.164 allows 15."""
_DIGITS_ALONE = 10
"""How many one has at least that nothing but a leading zero gives away."""


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand in a line."""
    for match in _CANDIDATE.finditer(text):
        number = match[0]
        if sum(map(str.isdigit, number)) in _DIGITS and _is_number(number, text[: match.start()]):
            yield match.span()


def _is_number(number: str, before: str) -> bool:
    if number.startswith(("+", "(+")):
        return _is_valid(number, None)
    if number.startswith("00") and number[2:3] != "0":
        return _is_valid("+" + number[2:], None)
    if _is_labelled(before):
        return _is_valid("+" + number, None) or any(_is_valid(number, region) for region in REGIONS)
    if _NORTH_AMERICAN.fullmatch(number):
        return _is_valid(number, "US")
    long_enough = sum(map(str.isdigit, number)) >= _DIGITS_ALONE
    return (
        long_enough and bool(_LEADING_ZERO.fullmatch(number)) and any(_is_grouped(number, region) for region in REGIONS)
    )


def _is_labelled(before: str) -> bool:
    near = before[-_LABEL_REACH:]
    return any(_AFTER_LABEL.fullmatch(near, label.end()) for label in _LABEL.finditer(near))


def _is_valid(number: str, region: str | None) -> bool:
    """Whether a country's plan has a number: one country's, or that of the code it begins with."""
    import phonenumbers  # takes a while to import, and most texts have nothing that may be a number

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _is_grouped(number: str, region: str) -> bool:
    """Whether a country's plan has a number, and it is grouped as they are there."""
    import phonenumbers

    leniency = phonenumbers.Leniency.STRICT_GROUPING
    return any(
        found.raw_string == number for found in phonenumbers.PhoneNumberMatcher(number, region, leniency=leniency)
    )
