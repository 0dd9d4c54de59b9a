"""What tells personal data in a line of text: rules as the scrubber has them, for what it leaves standing.

Mail addresses, cards, and names of users and machines are told by the scrubber's own rules; here is the rest.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator

from tracekit.casts.scrub.disguise import HOST, USER
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.rules import GENERIC, Rule, Span
from tracekit.casts.scrub.tokens import CARD, MAIL
from tracekit.filters.phones import phones

NAMES = {
    "mail": "mail address",
    "phone": "telephone number",
    "user-name": "name of a user",
    "host-name": "name of a machine",
    "person-name": "name of a person",
    "postal-address": "postal address",
    "card-number": "card number",
    "iban": "bank account",
    "ip-address": "public IP address",
    "coordinates": "place on a map",
}
"""The kinds, and what one finding of each is called."""

MOST_VALUES = 1000
"""Of a clip. One that shows more shows a list."""

# Names of persons

_WORD = r"[^\W\d_a-z][^\W\d_]{0,19}(?:['’-][^\W\d_]{1,19}+)?"
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|bin|ibn|al|el|zu|ter)"
_PERSON = rf"{_WORD}(?:[ ](?:{_PARTICLE}[ ]){{0,2}}(?:[^\W\d_a-z]\.|{_WORD})){{1,3}}"
_LABELS = r"""(?:
    author | committer | tagger | maintainer | contact | (?: full | first | last | real | given | family )? [ _-]? name
  | from | to | cc | sender | recipient | customer | patient | client | employee | assignee | reporter | reviewer
  | cardholder | attn | gecos
  | (?: signed-off | co-authored | reviewed | acked | tested | reported | suggested | written | created )-by )"""
_PLACEHOLDERS = frozenset({"a u thor", "c o mitter", "john doe", "jane doe", "max mustermann", "erika mustermann"})
_NO_NAMES = """
a an api app account action actions adapter admin amazon amd amendment android apple audio author authors bot browser
class client cloud cluster code community company contributors controller core corp corporation data database debian
demo desktop developer developers device directory docker driver editor engine error ethernet example fedora field file
first folder font foundation framework full function git github gitlab gmbh go google graphics group http image inc
intel interface java javascript json kernel last library license linux list llc ltd manager method microsoft model
module my name network new no node not nvidia package page pci plugin plus pro project python release root rust sample
security server service shell software some studio support system systems team terminal test the theme tool toolkit
tools type ubuntu unknown usb user version view web windows wireless workflow your
"""
_WORDS_OF_THINGS = frozenset(_NO_NAMES.split())
"""What stands after such labels in place of a person's name: of placeholders, programs, firms, parts of machines."""
_NAME = rf"""(?x)
    (?<! [\w.-] ) (?i: {_LABELS} ) ["']? [ ]{{0,12}} [:=] [ ]{{0,12}} ["']?
    (?P<value> {_PERSON} ) (?= [ ]{{0,4}} (?: [<,;"'(|│*] | $ | [ ]{{2}} ) )
"""

# Postal addresses

_CAPITAL = r"[^\W\d_a-z][^\W\d_]{0,24}+(?:['’.-][^\W\d_]{1,24}+){0,2}+\.?(?!\w)"
_STREET = r"""(?: Street | Avenue | Road | Boulevard | Lane | Drive | Court | Place | Square | Parkway | Highway | Way
    | Terrace | Crescent | Close | Circle | Gardens | Row
    | (?: St | Ave | Rd | Blvd | Ln | Dr | Ct | Pl | Sq | Pkwy | Hwy ) \.? )"""
_ENDS = (
    r"(?: stra(?:ss|ß)e | str\. | gasse | weg | allee | platz | damm | ufer | straat | laan | gracht | gatan | vej )"
)
_POSTCODE = r"(?: \d{5}(?:-\d{4})? | [A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2} | [A-Z]\d[A-Z][ ]?\d[A-Z]\d ) \b"
_NAME_OF_STREET = r"[^\d\n;|]{3,40}+"
_POSTAL = rf"""(?x)
    (?<! [\w.:/-] ) \d{{1,5}} [A-Za-z]? [ ] (?: {_CAPITAL} [ ] ){{1,3}} {_STREET} (?! \w )
        (?: [ ,]{{1,3}} (?: Apt | Apartment | Suite | Ste | Unit | Flat | \# ) \.? [ ]? \w{{1,6}} )?
        , [ ] {_CAPITAL} (?: [ ] {_CAPITAL} ){{0,2}} (?: [, ]{{1,2}} (?: [A-Z]{{2}} [ ] )? {_POSTCODE} )?
  | (?<! [\w./-] ) [^\W\d_a-z] [^\W\d_]{{1,24}}? {_ENDS} [ ] \d{{1,4}} [a-z]? , [ ]
        (?: [A-Z]{{1,2}}- )? \d{{4,5}} [ ] (?: [A-Z]{{2}} [ ] )? {_CAPITAL}
  | (?<! [\w./-] ) \d{{1,4}} (?: [ ] (?: bis | ter ) )? ,? [ ]
        (?: rue | avenue | boulevard | chemin | allée | impasse | quai | cours ) [ ]
        {_NAME_OF_STREET} (?<= , [ ] ) \d{{5}} [ ] {_CAPITAL}
  | (?<! [\w./-] ) (?: Calle | Avenida | Plaza | Paseo | Via | Viale | Piazza | Corso | Rua | Travessa | ul\. ) [ ]
        {_NAME_OF_STREET} (?<= [ ] ) \d{{1,4}} [A-Za-z]? , [ ]
        (?: \d{{5}} | \d\d-\d{{3}} | \d{{4}}-\d{{3}} ) [ ] {_CAPITAL}
"""
"""A street, a number and a town: of Britain, Ireland and America; of Germany and its neighbours; of France; of Spain,
Italy, Portugal and Poland."""
_POSTAL_NEEDS = (", ",)

# Numbers

_IBAN = r"(?<![A-Z0-9-])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?![\w-])"
_IPV4 = r"(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)"
_IPV6 = r"(?<![\w.:-])(?:[0-9a-f]{1,4}:){2,7}(?::|[0-9a-f]{1,4}|(?::[0-9a-f]{1,4}){1,5})(?![\w.:-])"
_COORDINATES = r"""(?xi)
    (?: \b lat(?:itude)? ["']? [ ]{0,4} [:=] | /@ | geo:
      | \b (?: gps | geo | location | coord(?:inate)?s | ll ) ["']? [ ]{0,4} [:=(\[] )
    [ ("']{0,3} (?P<value> -? \d{1,2} \. \d{4,15} [ "']{0,2} [,;][ ]{0,4}
    (?: ["']? lo?ng? (?:itude)? ["']? [ ]{0,4} [:=] [ "']{0,3} )? -? \d{1,3} \. \d{4,15} )
"""


def _is_person(name: str) -> bool:
    lower = name.lower()
    return lower not in _PLACEHOLDERS and _WORDS_OF_THINGS.isdisjoint(re.findall(r"\w+", lower))


def _is_account(value: str) -> bool:
    """The check digits of ISO 7064 (MOD 97-10), by which an IBAN's remainder is 1."""
    plain = value.replace(" ", "")
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _is_public(address: str) -> bool:
    """Whether an address is one of the internet: not private, local, reserved or for manuals (RFC 6890, 5737, 3849)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast


_DIGITS = tuple("0123456789")
RULES: tuple[Rule, ...] = (
    MAIL,
    CARD,
    Rule("person-name", (":", "="), re.compile(_NAME), _is_person),
    Rule("postal-address", _POSTAL_NEEDS, re.compile(_POSTAL)),
    Rule("iban", _DIGITS, re.compile(_IBAN), _is_account),
    Rule("ip-address", (".",), re.compile(_IPV4, re.ASCII), _is_public),
    Rule("ip-address", (":",), re.compile(_IPV6, re.ASCII | re.IGNORECASE), _is_public),
    Rule("coordinates", (".",), re.compile(_COORDINATES)),
)
_ANY_DIGITS = re.compile(r"\d[\d ./()-]{5,}\d").search


class PersonalData:
    """Tells personal data in lines of text.

    Args:
        lines: all there are. Names of users and machines are learnt from them first.
        kinds: which are looked for, keys of `NAMES`.
        allow: expressions; what one of them matches as a whole is nobody's.
        titles: those of the lines that are titles of windows, or what else terminals are told besides text (OSC).
    """

    def __init__(
        self,
        lines: Iterable[str],
        kinds: Iterable[str],
        allow: Iterable[re.Pattern[str]] = (),
        titles: Iterable[str] = (),
    ) -> None:
        wanted, people = frozenset(kinds), People(GENERIC)
        people.learn_text("\n".join(lines))
        for title in titles:
            people.learn_string(title)
        self._rules = [rule for rule in (*people.rules(), *RULES) if rule.name in wanted]
        self._phones = "phone" in wanted
        self._allow = tuple(allow)

    def find(self, line: str) -> list[Span]:
        """What stands in a line, in order and apart from each other; of findings that overlap the longest.

        A prompt or a target of ssh that looks like a mail address counts as a user and a machine.
        """
        lower = line.lower()
        spans = [
            Span(start, end, rule.name)
            for rule in self._rules
            if rule.may_match(lower)
            for start, end in rule.find(line)
        ]
        if self._phones and _ANY_DIGITS(line):
            spans += (Span(start, end, "phone") for start, end in phones(line))
        starts = {span.start for span in spans if span.rule == USER}
        ends = {span.end for span in spans if span.rule == HOST}
        spans = [span for span in spans if span.rule != "mail" or span.start not in starts or span.end not in ends]
        kept: list[Span] = []
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            if self._is_allowed(line[span.start : span.end]):
                continue
            if not kept or span.start >= kept[-1].end:
                kept.append(span)
            elif span.end - span.start > kept[-1].end - kept[-1].start:
                kept[-1] = span
        return kept

    def values(self, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The kind and value of everything that stands in lines, each once.

        What is typed key by key, or wraps at the margin, is also seen in parts: of values of which one is in the other,
        the longer counts. At most `MOST_VALUES` are told, the longest of them.
        """
        found = {(rule, line[start:end]) for line in lines for start, end, rule in self.find(line)}
        longer: list[tuple[str, str]] = []
        for kind, value in sorted(found, key=lambda one: (-len(one[1]), one)):
            if not any(kind == other and value in whole for other, whole in longer):
                yield kind, value
                longer.append((kind, value))
            if len(longer) == MOST_VALUES:
                return

    def _is_allowed(self, value: str) -> bool:
        return any(allowed.fullmatch(value) for allowed in self._allow)
