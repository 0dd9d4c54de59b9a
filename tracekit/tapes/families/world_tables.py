"""Small tables of a made-up shop: who ordered what, where, how much; as CSV and as JSON."""

import json
import random
from dataclasses import dataclass
from typing import NamedTuple

from tracekit.tapes.families.world import CITIES, GOODS, PEOPLE, file_name, written


class Order(NamedTuple):
    """A row: ``ada,oslo,figs,12``."""

    name: str
    city: str
    item: str
    amount: int

    def __str__(self) -> str:
        return ",".join(map(str, self))


@dataclass(frozen=True)
class Table:
    """Orders in a file, and the line of shell that writes it."""

    name: str
    orders: tuple[Order, ...]

    @property
    def lines(self) -> list[str]:
        """The rows as CSV, without the head."""
        return [str(order) for order in self.orders]

    @property
    def csv(self) -> str:
        """The line of shell that writes it as CSV, under a head."""
        return written(self.name, [",".join(Order._fields), *self.lines])

    @property
    def json_lines(self) -> str:
        """The line of shell that writes it as JSON, an object a line."""
        rows = [json.dumps(order._asdict(), separators=(",", ":")) for order in self.orders]
        return written(self.name, rows)


def make_table(rng: random.Random, extension: str = "csv") -> Table:
    """A table of 6 to 9 orders; names and amounts don't repeat, cities and items do."""
    size = rng.randint(6, 9)
    cities, items = rng.sample(CITIES, 3), rng.sample(GOODS, 4)
    names, amounts = rng.sample(PEOPLE, size), rng.sample(range(2, 99), size)
    orders = (Order(name, rng.choice(cities), rng.choice(items), n) for name, n in zip(names, amounts, strict=True))
    return Table(file_name(rng, extension), tuple(orders))
