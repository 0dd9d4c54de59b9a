"""Text pipelines: sort, cut, awk, sed, column and their like over small tables and lists, jq over JSON."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import CITIES, GOODS, NOUNS, file_name, phrase, place, written
from tracekit.tapes.families.world_tables import Order, Table, make_table

_OnTable = Callable[[random.Random, Table], Step]


class Text:
    """Sessions with the small tools that take text and give text."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Questions to a CSV table, to a JSON file, or to lists; at level 3 with a result that is kept."""
        kind = rng.choices((_table_session, _json_session, _list_session), (4, 1, 2))[0]
        return kind(rng, level)


def _table_session(rng: random.Random, level: int) -> Draft:
    _, setup = place(rng)
    table = make_table(rng)
    if level == 1:
        steps = [rng.choice(_OF_TABLES)(rng, table)]
    elif level == 2:
        steps = [make(rng, table) for make in rng.sample(_OF_TABLES, rng.randint(2, 3))]
    else:
        asked = [make(rng, table) for make in rng.sample(_OF_TABLES, rng.randint(1, 2))]
        steps = [_show(rng, table), *asked, *_keep(rng, table)]
    return story(rng, [*setup, table.csv], steps, classes=("Text",))


def _show(rng: random.Random, table: Table) -> Step:
    return step(f"cat {table.name}", f"[show|print|look at] {table.name}", *table.lines)


def _sorted(rng: random.Random, table: Table) -> Step:
    down = rng.random() < 0.5
    ranked = sorted(table.orders, key=lambda order: order.amount, reverse=down)
    kept = rng.randint(1, 4)
    return step(
        f"tail -n +2 {table.name} | sort -t, -k4 -n{'r' if down else ''} | head -n {kept}",
        f"[find|show|list] the {kept} {'largest' if down else 'smallest'} [orders|entries] [in|of] {table.name}"
        if kept > 1
        else f"[find|show] the {'largest' if down else 'smallest'} [order|entry] [in|of] {table.name}",
        *map(str, ranked[:kept]),
    )


def _tally(rng: random.Random, table: Table) -> Step:
    column = rng.choice((2, 3))
    noun = Order._fields[column - 1]
    counts = Counter(order[column - 1] for order in table.orders)
    return step(
        f"tail -n +2 {table.name} | cut -d, -f{column} | sort | uniq -c | sort -rn",
        f"[tally|count] the [rows|orders] of {table.name} [by|for each] {noun}",
        *(f"{count:7} {word}" for word, count in counts.items()),
    )


def _total(rng: random.Random, table: Table) -> Step:
    column = rng.choice((2, 3))
    word = rng.choice(table.orders)[column - 1]
    total = sum(order.amount for order in table.orders if order[column - 1] == word)
    return step(
        f'awk -F, \'${column} == "{word}" {{s += $4}} END {{print "total", s}}\' {table.name}',
        f"[add up|sum] the amounts [for|of] {word} in {table.name}",
        f"total {total}",
    )


def _totals(rng: random.Random, table: Table) -> Step:
    column = rng.choice((2, 3))
    sums: Counter[str] = Counter()
    for order in table.orders:
        sums[str(order[column - 1])] += order.amount
    return step(
        f"awk -F, 'NR > 1 {{s[${column}] += $4}} END {{for (k in s) print k, s[k]}}' {table.name} | sort",
        f"[print|work out] the total amount for each {Order._fields[column - 1]} in {table.name}",
        *(f"{word} {total}" for word, total in sums.items()),
    )


def _filter(rng: random.Random, table: Table) -> Step:
    limit = rng.randint(10, 80)
    rows = [f"{order.name} {order.amount}" for order in table.orders if order.amount > limit]
    return step(
        f"awk -F, 'NR > 1 && $4 > {limit} {{print $1, $4}}' {table.name}",
        f"[list|print] who ordered more than {limit} in {table.name}",
        *rows,
    )


def _aligned(rng: random.Random, table: Table) -> Step:
    rows = [Order._fields, *(tuple(map(str, order)) for order in table.orders)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return step(f"column -t -s, {table.name}", f"[show|print] {table.name} as [a table|aligned columns]", *shown[1:])


def _replaced(rng: random.Random, table: Table) -> Step:
    old = rng.choice(table.orders).city
    new = rng.choice([city for city in CITIES if city not in {order.city for order in table.orders}])
    return step(
        f"sed 's/,{old},/,{new},/' {table.name}",
        f"[print|show] {table.name} with {new} in place of {old}",
        *(str(order._replace(city=new)) for order in table.orders if order.city == old),
    )


def _matching(rng: random.Random, table: Table) -> Step:
    order = rng.choice(table.orders)
    word = rng.choice((order.city, order.item))
    found = [f"{number}:{line}" for number, line in enumerate(table.lines, start=2) if f",{word}," in line]
    return step(f"grep -n ',{word},' {table.name}", f"[find|look up] the rows of {table.name} that name {word}", *found)


def _columns(rng: random.Random, table: Table) -> Step:
    one, two = sorted(rng.sample((1, 2, 3, 4), 2))
    head, tail = rng.choice((("head -n", 0), ("tail -n", 1)))
    count = rng.randint(3, 5)
    rows = [f"{order[one - 1]}:{order[two - 1]}" for order in table.orders]
    return step(
        f"cut -d, -f{one},{two} {table.name} | tr , : | {head} {count}",
        f"[print|show] {Order._fields[one - 1]} and {Order._fields[two - 1]} of the "
        f"{'last' if tail else 'first'} [rows|lines] of {table.name}",
        *(rows[-count:] if tail else rows[: count - 1]),
    )


def _distinct(rng: random.Random, table: Table) -> Step:
    column = rng.choice((2, 3))
    words = sorted({str(order[column - 1]) for order in table.orders})
    return step(
        f"tail -n +2 {table.name} | cut -d, -f{column} | sort -u | paste -sd' '",
        f"[list|print] the [different|distinct] values of {Order._fields[column - 1]} in {table.name} on one line",
        " ".join(words),
    )


def _keep(rng: random.Random, table: Table) -> list[Step]:
    """Keep rows in a file of their own, and look at it."""
    order = rng.choice(table.orders)
    kept = f"{order.city}.csv"
    rows = [str(one) for one in table.orders if one.city == order.city]
    return [
        step(f"grep ,{order.city}, {table.name} > {kept}", f"[save|keep] the rows [for|of] {order.city} in {kept}"),
        rng.choice(
            (
                step(f"wc -l {kept}", f"count the lines of {kept}", f"{len(rows)} {kept}"),
                step(f"cat -n {kept}", f"[show|check] {kept} with line numbers", *_numbers(rows)),
                step(
                    f"sort -t, -k4,4nr {kept} | nl -w1 -s') '",
                    f"[rank|number] the rows of {kept} by amount",
                    *(f"{n}) {row}" for n, row in enumerate(sorted(rows, key=_amount_of, reverse=True), start=1)),
                ),
            )
        ),
    ]


def _numbers(rows: Sequence[str]) -> list[str]:
    return [f"{number:6}  {row}" for number, row in enumerate(rows, start=1)]


def _amount_of(row: str) -> int:
    return int(row.rpartition(",")[2])


def _json_session(rng: random.Random, level: int) -> Draft:
    _, setup = place(rng)
    table = make_table(rng, "json")
    steps = [make(rng, table) for make in rng.sample(_OF_JSON, min(level, len(_OF_JSON)))]
    return story(rng, [*setup, table.json_lines], steps, classes=("Text",))


def _jq_select(rng: random.Random, table: Table) -> Step:
    limit = rng.randint(10, 70)
    names = [f'"{order.name} {order.city}"' for order in table.orders if order.amount > limit]
    return step(
        f"jq 'select(.amount > {limit}) | .name + \" \" + .city' {table.name}",
        f"[list|print] name and city of the orders over {limit} in {table.name}, with jq",
        *names,
    )


def _jq_sum(rng: random.Random, table: Table) -> Step:
    item = rng.choice(table.orders).item
    total = sum(order.amount for order in table.orders if order.item == item)
    return step(
        f"jq -s '{{total: map(select(.item == \"{item}\").amount) | add}}' {table.name}",
        f"[add up|sum] the amounts of {item} in {table.name}, with jq",
        f'"total": {total}',
    )


def _jq_group(rng: random.Random, table: Table) -> Step:
    field = rng.choice(("city", "item"))
    counts = Counter(str(getattr(order, field)) for order in table.orders)
    return step(
        f"jq -sc 'group_by(.{field})[] | [.[0].{field}, length]' {table.name}",
        f"[count|tally] the orders in {table.name} for each {field}, with jq",
        *(f'["{word}",{count}]' for word, count in counts.items()),
    )


def _jq_sorted(rng: random.Random, table: Table) -> Step:
    count = rng.randint(2, 4)
    ranked = sorted(table.orders, key=lambda order: order.amount)
    return step(
        f"jq -sr 'sort_by(.amount)[:{count}][] | \"\\(.amount) \\(.item)\"' {table.name}",
        f"[print|show] the {count} smallest orders of {table.name}, with jq",
        *(f"{order.amount} {order.item}" for order in ranked[:count]),
    )


def _list_session(rng: random.Random, level: int) -> Draft:
    _, setup = place(rng)
    one, two = (f"{name}-{rng.choice(NOUNS)}.txt" for name in rng.sample(("left", "right", "old", "new", "a", "b"), 2))
    shared = rng.sample(GOODS, 9)
    lists = {one: sorted(shared[: rng.randint(5, 6)]), two: sorted(shared[rng.randint(2, 3) :])}
    notes = [phrase(rng) for _ in range(rng.randint(4, 6))]
    noted = file_name(rng, "txt", "md")
    made = [written(name, rows) for name, rows in lists.items()] + [written(noted, notes)]
    makers: list[Callable[[], Step]] = [
        lambda: _compare(rng, one, two, lists),
        lambda: _side_by_side(rng, one, two, lists),
        lambda: _shout(rng, noted, notes),
        lambda: _word_count(rng, noted, notes),
        lambda: _backwards(rng, noted, notes),
        lambda: _numbers_line(rng),
        lambda: _every(rng),
        lambda: _long_words(rng, noted, notes),
    ]
    count = {1: 1, 2: rng.randint(2, 3), 3: rng.randint(4, 5)}[level]
    return story(rng, [*setup, *made], [make() for make in rng.sample(makers, count)], classes=("Text",))


def _compare(rng: random.Random, one: str, two: str, lists: dict[str, list[str]]) -> Step:
    first, second = set(lists[one]), set(lists[two])
    flags, told, words = rng.choice(
        (
            ("-12", "the lines that {0} and {1} share", first & second),
            ("-23", "the lines of {0} that {1} lacks", first - second),
            ("-13", "the lines of {1} that {0} lacks", second - first),
        )
    )
    return step(
        f"comm {flags} {one} {two} | paste -sd+",
        f"[print|list] {told.format(one, two)}, joined by plus signs",
        "+".join(sorted(words)),
    )


def _side_by_side(rng: random.Random, one: str, two: str, lists: dict[str, list[str]]) -> Step:
    mark = rng.choice(":=/@%")
    return step(
        f"paste -d{mark} {one} {two}",
        f"[put|print] {one} and {two} side by side with {mark} between them",
        *(f"{left}{mark}{right}" for left, right in zip(lists[one], lists[two], strict=False)),
    )


def _shout(rng: random.Random, noted: str, notes: list[str]) -> Step:
    return step(
        f"tr a-z A-Z < {noted}",
        f"[print|show] {noted} in [capitals|capital letters|upper case]",
        *(note.upper() for note in notes),
    )


def _word_count(rng: random.Random, noted: str, notes: list[str]) -> Step:
    count = sum(len(note.split()) for note in notes)
    return step(f"wc -w {noted}", f"count the words [of|in] {noted}", f"{count} {noted}")


def _backwards(rng: random.Random, noted: str, notes: list[str]) -> Step:
    return step(
        f"rev {noted}", f"[print|show] every line of {noted} from right to left", *(note[::-1] for note in notes)
    )


def _long_words(rng: random.Random, noted: str, notes: list[str]) -> Step:
    length = rng.randint(5, 6)
    words = sorted({word for note in notes for word in note.split() if len(word) >= length})
    return step(
        f"grep -oE '[a-z]{{{length},}}' {noted} | sort -u | paste -sd,",
        f"[list|collect] the words of {noted} with {length} letters or more",
        ",".join(words) or noted,
    )


def _numbers_line(rng: random.Random) -> Step:
    first, gap = rng.randint(1, 50), rng.randint(1, 12)
    last = first + gap * rng.randint(4, 15)
    return step(
        f"seq {first} {gap} {last} | paste -sd+ | bc",
        f"add up the numbers from {first} to {last} in steps of {gap}",
        str(sum(range(first, last + 1, gap))),
    )


def _every(rng: random.Random) -> Step:
    most, base, rest = rng.randint(30, 200), rng.randint(7, 19), rng.randint(0, 6)
    numbers = [str(number) for number in range(1, most + 1) if number % base == rest]
    return step(
        f"seq {most} | awk '$1 % {base} == {rest}' | paste -sd' ' | fold -sw 60",
        f"[print|list] the numbers up to {most} that leave {rest} when divided by {base}",
        " ".join(numbers)[:50].rpartition(" ")[0] or numbers[0],
    )


_OF_TABLES: Sequence[_OnTable] = (
    _sorted,
    _tally,
    _total,
    _totals,
    _filter,
    _aligned,
    _replaced,
    _matching,
    _columns,
    _distinct,
)
_OF_JSON: Sequence[_OnTable] = (_jq_select, _jq_sum, _jq_group, _jq_sorted)
