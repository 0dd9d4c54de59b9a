"""The words that generated worlds are made of: names of things, people, places and projects, all lower case.

ASCII letters only, so that every locale sorts them alike and no shell needs them quoted.
"""

import random
from collections.abc import Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOUNS = _words(
    """
    acorn anchor apple arrow atlas badge basin beacon bell birch blossom bottle bridge brook button cabin candle
    canyon carbon castle cedar chalk cherry circle clover cobalt comet copper coral cotton crane crystal dune
    eagle ember engine falcon feather fern field finch flint forest fountain fox garden garnet ginger glacier
    granite harbor hazel heron hill island ivory ivy jasmine jungle juniper kettle lagoon lantern laurel lemon
    lily linen lotus lynx magnet maple marble meadow melon mirror moss mountain nectar needle nickel oak ocean
    olive onyx orchid osprey otter owl paper pebble pepper petal pine planet plum pond prairie quartz quill
    rabbit raven reef river robin rocket rose saddle saffron sail salmon sierra silver smoke sparrow spruce
    stone storm sugar summit swan temple thistle thunder tiger timber topaz tulip tundra turtle valley velvet
    violet walnut water willow winter wolf zephyr
    """
)
ADJECTIVES = _words(
    """
    amber ancient autumn bold brave bright broad calm clear clever cold crisp curious dark deep eager early
    fancy fast fine fresh gentle golden grand green happy hidden honest humble icy jolly keen kind large late
    light little lively lucky mellow misty modest narrow neat new noble north old pale patient plain polite
    proud quick quiet rapid rare red rough round royal rustic scarlet sharp short shy silent simple sleepy small
    smooth snowy soft solid south spare steady still stray strong sunny swift tall tame thin tiny tough vast
    warm west white wide wild wise young
    """
)
PEOPLE = _words(
    """
    ada alan alice amir anna astrid ben bianca boris carla carlos chen clara dana david diego dora edith elena
    emil erik eva farid felix fiona frida george gina greta hana hassan hugo ines irene ivan jack jana jonas
    julia kai karin kenji lars laura lena leo lin lucas lucia maria marta maya mei milan mina nadia nils nina
    noah nora olga omar oscar otto paula pavel petra priya raj rosa ruth sam sara simon sofia sven tara theo tim
    tomas uma vera victor wanda wei yara yuki yusuf zoe
    """
)
CITIES = _words(
    """
    accra ankara athens austin bergen berlin bogota boston brno cairo chennai cork dakar dallas delhi denver
    dresden dublin geneva ghent graz hanoi havana helsinki jakarta kigali krakow kyoto lagos leeds leipzig lima
    lisbon ljubljana london lyon madrid manila medellin miami milan montreal mumbai munich nairobi naples nice
    osaka oslo ottawa paris porto prague quito riga rome santiago seattle seoul seville sofia sydney tallinn
    tampa tokyo toronto tunis turin utrecht valencia vienna vilnius warsaw zagreb zurich
    """
)
GOODS = _words(
    """
    almonds apples bananas basil beans bread butter carrots cheese cherries coffee cocoa corn dates eggs figs
    flour garlic grapes honey jam kale leeks lemons lentils limes mangoes milk mint mushrooms noodles nuts oats
    olives onions oranges peaches pears peas peppers pickles plums potatoes raisins rice salt soap spinach sugar
    tea tofu tomatoes vinegar walnuts wheat yogurt
    """
)
SERVICES = _words(
    """
    api auth billing cache cart catalog cron gateway images ledger mail orders queue search shop web
    """
)
FOLDERS = _words(
    """
    archive assets backup bin build config data docs drafts exports inbox lib logs media notes old photos plans
    public queries records reports samples scripts shared src tests tmp tools
    """
)
STEMS = _words(
    """
    agenda answers budget changes contacts costs draft expenses figures goals guests hours ideas index invoice
    journal items letter list log map memo menu minutes names numbers orders outline plan prices questions
    readme recipe report results roster schedule scores stock summary survey targets tasks todo topics totals
    travel votes
    """
)
EXTENSIONS = ("txt", "md", "csv", "log", "conf", "json", "py", "sh", "bak", "html", "yaml", "sql")
VERBS = _words(
    """
    add adjust check clean close collect compare copy count cut draw drop explain extend fetch fix gather hide
    improve label limit list load measure merge move note open order pack plan print read remove rename repair
    replace review save send shorten show simplify sort split start stop store test tidy trim update wrap write
    """
)
_TAILS = ("", *(f"-{word}" for word in (*CITIES, *NOUNS)), *map(str, range(1, 20)))


def project(rng: random.Random) -> str:
    """The name of a project: ``amber-falcon``."""
    return f"{rng.choice(ADJECTIVES)}-{rng.choice(NOUNS)}"


def place(rng: random.Random) -> tuple[str, list[str]]:
    """A folder to work in, and the hidden lines that make it and go there.

    It stands under /tmp, so a tape that somebody runs at home leaves their folders alone.
    """
    folder = f"/tmp/{project(rng)}"
    return folder, [f"mkdir -p {folder} && cd {folder}"]


def file_names(rng: random.Random, count: int, extensions: Sequence[str] = EXTENSIONS) -> list[str]:
    """Names of files that differ in their stems: ``budget-oslo.csv``, ``plan.txt``."""
    stems = rng.sample(STEMS, count)
    return [f"{stem}{rng.choice(_TAILS)}.{rng.choice(extensions)}" for stem in stems]


def file_name(rng: random.Random, *extensions: str) -> str:
    """The name of one file."""
    return file_names(rng, 1, extensions or EXTENSIONS)[0]


def phrase(rng: random.Random) -> str:
    """A few words that could be a note, a message or a title: ``check the copper bridge``."""
    return f"{rng.choice(VERBS)} the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"


def written(name: str, rows: Sequence[str]) -> str:
    """The line of shell that writes a file of these rows, none of which may hold a single quote."""
    return f"printf '%s\\n' {' '.join(map(quoted, rows))} > {name}"


def quoted(text: str) -> str:
    """A word of shell: as it is where it is plain, in single quotes elsewhere."""
    if "'" in text:
        raise ValueError(f"{text!r} holds a quote")
    return text if text.replace("-", "").replace(".", "").replace(",", "").replace("_", "").isalnum() else f"'{text}'"


def amount(count: int, noun: str) -> str:
    """``1 line``, ``3 lines``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
