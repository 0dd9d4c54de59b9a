"""Personal data of nobody: names put together from syllables, numbers from ranges that are kept for films and tests."""

from collections.abc import Iterator

from labelled.drawing import Draw
from labelled.values import Shown

_SYLLABLES = [
    "ba", "be", "bri", "do", "dra", "el", "fa", "fen", "ga", "gri", "ha", "hol", "ja", "jen", "ka", "kel", "lo", "lu",
    "ma", "mir", "na", "nor", "ol", "pa", "per", "qui", "ra", "ros", "sa", "sel", "ta", "tor", "ul", "va", "vin", "wa",
    "wil", "yo", "zan",
]  # fmt: skip
_STREETS = ["Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Pine", "Rowan", "Willow"]
_TOWNS = ["Eastford", "Grenholm", "Lakemouth", "Northbury", "Oldhaven", "Redcliff", "Stonebrook", "Westmere"]
_DOMAINS = ["corp-{lower:6}.io", "{lower:8}.de", "mail.{lower:7}.co.uk", "{lower:6}-labs.com", "uni-{lower:5}.edu"]

_MAIL_LINES = [
    "{}",
    "Author: {name} <{}>",
    "mail sent to {}",
    '  "email": "{}",',
    "git config user.email {}",
    "<{}>",
    "To: {}",
    "contact={}",
    "{}, somebody",
    "user.email={}",
    "(mailto:{})",
    "| {name} | {} |",
    "Signed-off-by: {name} <{}>",
    "{}:x:1",
]
_PHONES = [
    "+1 {npa}-555-{line}", "+1{npa}555{line}", "({npa}) 555-{line}", "{npa}-555-{line}", "+1 ({npa}) 555-{line}",
    "+49 30 23125{d3}", "+4930 23125{d3}", "+44 20 7946 0{d3}", "020 7946 0{d3}", "0044 20 7946 0{d3}",
    "030 23125{d3}", "+61 491 570 {au}", "+49 (0)30 23125{d3}", "+44 (0)20 7946 0{d3}",
]  # fmt: skip
_PHONE_LINES = [
    "{}",
    "Phone: {}",
    "call {} today",
    '"phone": "{}",',
    "Tel. {}",
    "mobile: {}",
    "{name}, {}",
    "| {name} | {} |",
    "fax {}",
]
_LABELLED_PHONES = [
    "phone: {npa}555{line}",
    '"phone_number": "{npa}555{line}"',
    "tel: 03023125{d3}",
    "Tel: {npa} 555 {line}",
    "mobile=0491570{au}",
    "Phone number: 1{npa}555{line}",
]
_HOME_LINES = [
    "/home/{}/src",
    "cd /home/{}",
    "/Users/{}/Library/Caches",
    "C:\\Users\\{}\\AppData\\Local",
    '  File "/home/{}/app.py", line 3',
    "drwxr-xr-x 2 {} {} 4096 May  1 12:00 /home/{}",
    "HOME=/home/{}",
    "file:///Users/{}/notes.md",
    "error in /home/{}/a.c:3:1",
    "PATH=/home/{}/.local/bin:/usr/bin",
    "/run/media/{}/disk",
    "-> /home/{}",
    "[/home/{}]$ ",
]
_HOST_LINES = [
    "{user}@{}:~$ ls", "[{user}@{} src]$ make", "{user}@{} ~ % ls", "(venv) {user}@{}:~/src$ ls", "┌──({user}㉿{})-[~]",
    "ssh {user}@{}", "scp a.txt {user}@{}:/tmp", "{user}@{}'s password: ", "HOSTNAME={}", "{user}@{}:/var/log# tail",
    "rsync -a src/ {user}@{}:dst/", "{user}@{}> ",
]  # fmt: skip
_NAME_LINES = [
    "Author: {}",
    "Name: {}",
    "From: {} <",
    'full_name: "{}"',
    "Signed-off-by: {} <",
    "Contact: {}",
    "Customer: {}",
    '"name": "{}",',
]
_LAT_LINES = [
    "lat: {a}, lon: {b}",
    '{"lat": {a}, "lng": {b}}',
    "https://maps.service.io/@{a},{b},12z",
    "GPS: {a}, {b}",
    "geo:{a},{b}",
]


def name(draw: Draw, syllables: int = 2) -> str:
    """A name that means nothing."""
    return "".join(draw.sample(_SYLLABLES, syllables))


def full_name(draw: Draw) -> str:
    """A first and a last name."""
    return f"{name(draw).capitalize()} {name(draw, 3).capitalize()}"


def people(draw: Draw, each: int) -> Iterator[Shown]:
    """Personal data of each kind, in every line that has it."""
    for _ in range(each):
        for line in _MAIL_LINES:
            user = draw.choice([name(draw, 3), f"{name(draw)}.{name(draw)}", f"{name(draw)}{draw.randint(1, 99)}",
                                f"{name(draw)}+{name(draw)}", f"{name(draw)}_{name(draw)}"])  # fmt: skip
            address = f"{user}@{draw.text(draw.choice(_DOMAINS))}"
            yield _shown(draw, "mail", "mail", (address,), line, address)
        for pattern in _PHONES:
            number = _number(draw, pattern)
            yield _shown(draw, "phone", pattern, (number.lstrip("("),), draw.choice(_PHONE_LINES), number)
        for pattern in _LABELLED_PHONES:
            text = _number(draw, pattern)
            yield Shown("phone", pattern, ("".join(filter(str.isdigit, text)),), text)
        for line in _HOME_LINES:
            user = draw.choice([name(draw, 2), name(draw, 3), f"{name(draw)}.{name(draw)}"])
            yield Shown("home-path", line, (user,), line.replace("{}", user), line.startswith("["))
        for line in _HOST_LINES:
            host = draw.choice(
                [
                    name(draw, 3),
                    f"{name(draw)}-{name(draw)}",
                    f"{name(draw, 3)}.{name(draw)}.lan",
                    f"{name(draw)}{draw.randint(10, 99)}",
                ]
            )
            text = line.replace("{user}", name(draw, 3)).replace("{}", host)
            yield Shown("host-name", line, (host,), text, not line.startswith(("ssh", "scp", "rsync", "HOSTNAME")))
        for line in _NAME_LINES:
            person = full_name(draw)
            yield Shown("person-name", line, (person,), line.replace("{}", person))
        yield from _places(draw)
        yield from _numbers(draw)


def _shown(draw: Draw, kind: str, form: str, drawn: tuple[str, ...], line: str, text: str) -> Shown:
    return Shown(kind, form, drawn, line.replace("{name}", full_name(draw)).replace("{}", text))


def _number(draw: Draw, pattern: str) -> str:
    parts = {
        "{npa}": draw.choice(["212", "312", "415", "503", "617", "713"]),
        "{line}": f"{draw.randint(2, 9)}{draw.randint(0, 999):03}",  # 555-01xx is what films show, and manuals
        "{d3}": f"{draw.randint(0, 999):03}",
        "{au}": draw.choice(["006", "156", "157", "158", "159", "110"]),
    }
    for part, digits in parts.items():
        pattern = pattern.replace(part, digits)
    return pattern


def _places(draw: Draw) -> Iterator[Shown]:
    street, town = draw.choice(_STREETS), draw.choice(_TOWNS)
    number, code = draw.randint(1, 999), f"{draw.randint(10000, 99999)}"
    for text in (
        f"{number} {street} Street, {town}, IL {code}",
        f"{number} {street} Ave., Apt 4, {town}",
        f"{street}straße {number}, {code} {town}",
        f"{number} rue du {street}, {code} {town}",
        f"Calle {street} {number}, {code} {town}",
    ):
        yield Shown(
            "postal-address",
            "street",
            (text,),
            draw.choice(["{}", "Address: {}", "ship to {}", '"address": "{}"']).replace("{}", text),
        )
    for line in _LAT_LINES:
        a, b = f"{draw.uniform(-80, 80):.5f}", f"{draw.uniform(-170, 170):.5f}"
        yield Shown("coordinates", line, (a, b), line.replace("{a}", a).replace("{b}", b))


def _numbers(draw: Draw) -> Iterator[Shown]:
    for group in ("", " ", "-"):
        card = _card(draw)
        text = group.join(card[at : at + 4] for at in range(0, 16, 4))
        yield Shown(
            "card-number", "card", (text,), draw.choice(["{}", "card: {}", "paid with {} today"]).replace("{}", text)
        )
    for grouped in (False, True):
        account = _account(draw)
        text = " ".join(account[at : at + 4] for at in range(0, len(account), 4)) if grouped else account
        yield Shown("iban", "iban", (text,), draw.choice(["{}", "IBAN: {}", "to {} by noon"]).replace("{}", text))
    address = f"{draw.choice([23, 52, 93, 142])}.{draw.randint(1, 250)}.{draw.randint(1, 250)}.{draw.randint(1, 250)}"
    yield Shown(
        "ip-address",
        "ip",
        (address,),
        draw.choice(["{}", "connect to {} port 22", "Accepted key from {}"]).replace("{}", address),
    )


def _card(draw: Draw) -> str:
    digits = [4, *draw.choices(range(10), k=14)]
    doubled = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return "".join(map(str, [*digits, -doubled % 10]))


def _account(draw: Draw) -> str:
    bank = draw.text("{digits:18}")
    rest = int("".join(str(int(char, 36)) for char in f"{bank}DE00")) % 97
    return f"DE{98 - rest:02}{bank}"
