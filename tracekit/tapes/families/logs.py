"""Reading logs: counting, filtering, summing up, keeping what matters."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import CITIES, NOUNS, SERVICES, amount, place
from tracekit.tapes.families.world_logs import Log, make_log

_Maker = Callable[[random.Random, Log], Step]


class Logs:
    """Sessions that ask a log what happened."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """One question; two or three; or a look, questions, and a report that is kept."""
        _, setup = place(rng)
        tail = rng.choice((rng.choice(NOUNS), rng.choice(CITIES), f"{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"))
        log = make_log(rng, f"{rng.choice((*SERVICES, *NOUNS))}-{tail}.log")
        if level == 1:
            steps = [rng.choice(_QUESTIONS)(rng, log)]
        elif level == 2:
            steps = [make(rng, log) for make in rng.sample(_QUESTIONS, rng.randint(2, 3))]
        else:
            asked = [make(rng, log) for make in rng.sample(_QUESTIONS, rng.randint(1, 2))]
            steps = [rng.choice(_LOOKS)(rng, log), *asked, *_report(rng, log)]
        return story(rng, [*setup, log.command], steps, classes=("Text", "Files"))


def _count(rng: random.Random, log: Log) -> Step:
    field, word, rows = _some(rng, log)
    return step(
        f"grep -c {_pattern(field, word)} {log.name} /dev/null",
        f"[count the|find out the number of] [lines|rows] of {log.name} {_about(field, word)}",
        f"{log.name}:{len(rows)}",
    )


def _last(rng: random.Random, log: Log) -> Step:
    field, word, rows = _some(rng, log)
    count = rng.randint(2, 5)
    return step(
        f"grep {_pattern(field, word)} {log.name} | tail -n {count}",
        f"[show|print|look at] the last {amount(count, 'line')} of {log.name} {_about(field, word)}",
        *rows[-count:],
    )


def _numbered(rng: random.Random, log: Log) -> Step:
    field, word, rows = _some(rng, log)
    count = rng.randint(1, 4)
    return step(
        f"grep -n {_pattern(field, word)} {log.name} | head -n {count}",
        f"[find|locate] the first {amount(count, 'line')} of {log.name} {_about(field, word)}, with line numbers",
        *(f"{log.lines.index(row) + 1}:{row}" for row in rows[:count]),
    )


def _table(rng: random.Random, log: Log) -> Step:
    column, noun = rng.choice(((2, "level"), (3, "service")))
    counts = Counter(row.level if column == 2 else f"{row.service}:" for row in log.rows)
    if rng.random() < 0.5:
        return step(
            f"awk '{{n[${column}]++}} END {{for (k in n) print k, n[k]}}' {log.name} | sort",
            f"[tally|count] the lines of {log.name} [by|for each] {noun}, with awk",
            *(f"{word} {count}" for word, count in counts.items()),
        )
    return step(
        f"cut -d' ' -f{column} {log.name} | sort | uniq -c",
        f"[tally|count] how often each {noun} [occurs|stands] in {log.name}",
        *(f"{count:7} {word}" for word, count in counts.items()),
    )


def _slice(rng: random.Random, log: Log) -> Step:
    first = rng.randint(2, len(log.rows) - 8)
    last = first + rng.randint(2, 6)
    line = rng.choice(
        (
            f"sed -n '{first},{last}p' {log.name}",
            f"head -n {last} {log.name} | tail -n {last - first + 1}",
            f"awk 'NR >= {first} && NR <= {last}' {log.name}",
        )
    )
    return step(line, f"[print|show|read] lines {first} to {last} of {log.name}", *log.lines[first - 1 : last])


def _since(rng: random.Random, log: Log) -> Step:
    rows = log.rows[-rng.randint(3, len(log.rows) - 3) :]
    since = rows[0].time[:5]
    count = sum(row.time >= since for row in log.rows)
    return step(
        f"""awk '$1 >= "{since}"' {log.name} | wc -l""",
        f"count [what|the lines that] {log.name} [has|holds] from {since} on",
        str(count),
    )


def _slow(rng: random.Random, log: Log) -> Step:
    limit = rng.choice((300, 350, 400, 420, 450))
    rows = log.having(lambda row: row.ms > limit)
    count = rng.randint(2, 4)
    return step(
        f"awk -F= '$2 > {limit}' {log.name} | head -n {count}",
        f"[show|list|print] the first entries of {log.name} that took more than {limit} ms",
        *rows[:count],
    )


def _sum(rng: random.Random, log: Log) -> Step:
    field, word, _ = _some(rng, log)
    times = [row.ms for row in log.rows if getattr(row, field) == word]
    return step(
        f"awk -F= '/{_text(field, word)}/ {{n++; s += $2}} END {{printf \"%d ms in %d lines\\n\", s, n}}' {log.name}",
        f"[add up|sum] the milliseconds of the lines in {log.name} {_about(field, word)}",
        f"{sum(times)} ms in {len(times)} lines",
    )


def _slowest(rng: random.Random, log: Log) -> Step:
    count = rng.randint(1, 4)
    ranked = sorted(log.rows, key=lambda row: (-row.ms, str(row)))
    return step(
        f"sort -t= -k2,2nr -k1,1 {log.name} | head -n {count}",
        f"[find|show|list] the {amount(count, 'slowest line').replace('1 slowest', 'slowest')} of {log.name}",
        *map(str, ranked[:count]),
    )


def _around(rng: random.Random, log: Log) -> Step:
    number = rng.randint(1, len(log.rows) - 2)
    row = log.rows[number]
    return step(
        f"grep -C 1 '^{row.time}' {log.name}",
        f"[show|print] the lines of {log.name} around {row.time}",
        *log.lines[number - 1 : number + 2],
    )


def _per_hour(rng: random.Random, log: Log) -> Step:
    hours = Counter(row.time[:2] for row in log.rows)
    return step(
        f"cut -c1-2 {log.name} | uniq -c",
        f"[count|tally] the lines of {log.name} [hour by hour|by the hour|for each hour]",
        *(f"{count:7} {hour}" for hour, count in hours.items()),
    )


def _two_levels(rng: random.Random, log: Log) -> Step:
    one, two = rng.sample(sorted({row.level for row in log.rows}), 2)
    rows = log.having(lambda row: row.level in (one, two))
    count = rng.randint(3, 6)
    return step(
        f"grep -E ' ({one}|{two}) ' {log.name} | tail -n {count}",
        f"[show|print] the last {count} {one} or {two} lines of {log.name}",
        *rows[-count:],
    )


def _without(rng: random.Random, log: Log) -> Step:
    field, word, rows = _some(rng, log)
    return step(
        f"grep -v {_pattern(field, word)} {log.name} | wc -l",
        f"count the lines of {log.name} except those {_about(field, word)}",
        str(len(log.rows) - len(rows)),
    )


def _first_lines(rng: random.Random, log: Log) -> Step:
    count = rng.randint(3, 7)
    return step(
        f"head -n {count} {log.name}",
        f"[look at|read|show] the first {count} lines of {log.name}",
        *log.lines[:count],
    )


def _last_lines(rng: random.Random, log: Log) -> Step:
    count = rng.randint(3, 7)
    return step(
        f"tail -n {count} {log.name}", f"[look at|read|show] the end of {log.name}, {count} lines", *log.lines[-count:]
    )


def _length(rng: random.Random, log: Log) -> Step:
    return step(f"wc -l {log.name}", f"[see|find out] how long {log.name} is", f"{len(log.rows)} {log.name}")


def _report(rng: random.Random, log: Log) -> list[Step]:
    """Keep some rows in a file of their own, and look at it."""
    field, word, rows = _some(rng, log)
    kept = f"{word.split()[0].lower()}.{rng.choice(('txt', 'out', 'log'))}"
    count = rng.randint(2, 4)
    return [
        step(
            f"grep {_pattern(field, word)} {log.name} > {kept}",
            f"[save|keep|store] the lines {_about(field, word)} in {kept}",
        ),
        rng.choice(
            (
                step(f"wc -l {kept}", f"[count|see] how many there are in {kept}", f"{len(rows)} {kept}"),
                step(f"tail -n {count} {kept}", f"[check|read] the end of {kept}", *rows[-count:]),
                step(
                    f"cut -d= -f2 {kept} | sort -n | tail -n 1",
                    f"print the longest time in {kept}",
                    str(max(row.ms for row in log.rows if getattr(row, field) == word)),
                ),
            )
        ),
    ]


def _some(rng: random.Random, log: Log) -> tuple[str, str, list[str]]:
    """A field, a value of it, and the rows that have it."""
    field = rng.choice(("level", "service", "message"))
    word = rng.choice(sorted({getattr(row, field) for row in log.rows}))
    return field, word, log.having(lambda row: bool(getattr(row, field) == word))


def _text(field: str, word: str) -> str:
    """What only the rows with this value hold."""
    return {"level": f" {word} ", "service": f" {word}: ", "message": f": {word} ms"}[field]


def _pattern(field: str, word: str) -> str:
    return word if field == "level" else f"'{_text(field, word).strip()}'"


def _about(field: str, word: str) -> str:
    form = {"level": "of level {}", "service": "from {}", "message": "that say [{0}|'{0}']"}[field]
    return form.format(word)


_LOOKS: Sequence[_Maker] = (_first_lines, _last_lines, _length)
_QUESTIONS: Sequence[_Maker] = (
    _count,
    _last,
    _numbered,
    _table,
    _slice,
    _since,
    _slow,
    _sum,
    _slowest,
    _around,
    _per_hour,
    _two_levels,
    _without,
)
