"""The shell by itself: variables, arithmetic, expansion, loops, functions, dates, calendars, conversions."""

import base64
import calendar
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.compose import Step, step, story
from tracekit.tapes.families.world import CITIES, FOLDERS, GOODS, NOUNS, PEOPLE, VERBS, phrase, place, project

_Maker = Callable[[random.Random], Step]


class Shell:
    """Sessions that need nothing but bash and the smallest of its companions."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """One command; two or three; or a story: a variable, a function or a script that is made and then used."""
        _, setup = place(rng)
        if level == 1:
            steps = [rng.choice(_COMMANDS)(rng)]
        elif level == 2:
            steps = [make(rng) for make in rng.sample(_COMMANDS, rng.randint(2, 3))]
        else:
            steps = [rng.choice(_COMMANDS)(rng), *rng.choice(_STORIES)(rng)]
        return story(rng, setup, steps, classes=("Basic",))


def _echo(rng: random.Random) -> Step:
    name, value = (
        rng.choice(("NAME", "CITY", "COLOR", "TARGET", "OWNER", "PLACE")),
        rng.choice((*PEOPLE, *CITIES, *NOUNS)),
    )
    greeting = rng.choice(("Hello", "Welcome", "Good morning", "See you in", "Greetings", "Now at"))
    return step(
        f'{name}={value}; echo "{greeting} ${name}, {rng.choice(VERBS)} your ${{#{name}}} letters"',
        f"[set|assign] {name} to {value} and [print|echo] a [line|message] with it",
        f"{greeting} {value}, ",
    )


def _arithmetic(rng: random.Random) -> Step:
    a, b, c = rng.randint(11, 99), rng.randint(11, 99), rng.randint(2, 500)
    form, value = rng.choice(
        (
            ("{} * {} + {}", a * b + c),
            ("({} + {}) * {}", (a + b) * c),
            ("{} * {} - {}", a * b - c),
            ("{} * {} % {}", a * b % c),
        )
    )
    told = form.format(a, b, c)
    return step(f'echo "= $(({told}))"', f"[compute|work out] {told} with the shell's own arithmetic", f"= {value}")


def _braces(rng: random.Random) -> Step:
    word, first = rng.choice((*NOUNS, *FOLDERS)), rng.randint(1, 60)
    last = first + rng.randint(3, 6)
    tail = rng.choice((".txt", ".log", "", ".bak", ".png", "x"))
    return step(
        f"echo {word}{{{first}..{last}}}{tail}",
        f"[print|list] {word}{first}{tail} to {word}{last}{tail} by brace expansion",
        " ".join(f"{word}{number}{tail}" for number in range(first, last + 1)),
    )


def _letters(rng: random.Random) -> Step:
    word = project(rng)
    name = rng.choice(("w", "word", "name", "s", "text"))
    form, value = rng.choice(
        (
            (f"${{{name}^^}}", word.upper()),
            (f"${{{name}#*-}}", word.partition("-")[2]),
            (f"${{{name}%-*}}", word.partition("-")[0]),
            (f"${{{name}/-/ and }}", word.replace("-", " and ", 1)),
            (f"${{{name}:1:6}}", word[1:7]),
            (f"${{{name}^}}", word.capitalize().replace(word.capitalize(), word[0].upper() + word[1:])),
        )
    )
    return step(
        f'{name}={word}; echo "<{form}> has ${{#{name}}} letters before"',
        f"[change|edit|cut] the [string|word] {word} by parameter expansion",
        f"<{value}> has {len(word)} letters",
    )


def _loop(rng: random.Random) -> Step:
    words = rng.sample((*GOODS, *CITIES, *PEOPLE), rng.randint(3, 4))
    verb = rng.choice(VERBS)
    return step(
        f'for x in {" ".join(words)}; do echo "{verb}: $x"; done',
        f"[loop over|go through] {', '.join(words[:-1])} and {words[-1]}, printing a line for each",
        *(f"{verb}: {word}" for word in words),
    )


def _powers(rng: random.Random) -> Step:
    base, start = rng.randint(2, 12), rng.randint(1, 400)
    return step(
        f'n={start}; while [ $n -lt {start * base**4} ]; do echo "n is $n"; n=$((n * {base})); done',
        f"[print|show] {start} times the powers of {base} in a while loop",
        *(f"n is {start * base**power}" for power in range(4)),
    )


def _date(rng: random.Random) -> Step:
    day = date(rng.randint(1970, 2037), 1, 1) + timedelta(days=rng.randint(0, 364))
    days = rng.randint(2, 400)
    sign, then = rng.choice((("+", day + timedelta(days=days)), ("-", day - timedelta(days=days))))
    return step(
        f"date -d '{day} {sign} {days} days' '+%A, %d %B %Y'",
        f"[find|work out] the [date|day] {days} days {'after' if sign == '+' else 'before'} {day}",
        f"{then:%A, %d %B %Y}",
    )


def _weekday(rng: random.Random) -> Step:
    day = date(rng.randint(1970, 2037), 1, 1) + timedelta(days=rng.randint(0, 364))
    return step(
        f"date -d {day} '+a %A in week %V, day %j'",
        f"[print|find out] weekday, week and day of the year of {day}",
        f"a {day:%A} in week {day:%V}, day {day:%j}",
    )


def _calendar(rng: random.Random) -> Step:
    year, month = rng.randint(1800, 2199), rng.randint(1, 12)
    return step(
        f"cal {month} {year}",
        f"[show|print] the calendar [of|for] {calendar.month_name[month]} {year}",
        f"{calendar.month_name[month]} {year}",
    )


def _epoch(rng: random.Random) -> Step:
    seconds = rng.randint(10**8, 2 * 10**9)
    day = date(1970, 1, 1) + timedelta(days=seconds // 86400)
    return step(
        f"date -u -d @{seconds} '+%F %T'",
        f"[turn|convert] the time stamp {seconds} [into|to] a date",
        f"{day} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}",
    )


def _number_formats(rng: random.Random) -> Step:
    number = rng.randint(300, 99_999)
    return step(
        f"printf 'dec %d  hex %x  oct %o\\n' {number} {number} {number}",
        f"[print|show] {number} in decimal, hexadecimal and octal",
        f"dec {number}  hex {number:x}  oct {number:o}",
    )


def _to_base(rng: random.Random) -> Step:
    number = rng.randint(30, 4000)
    return step(
        f"echo 'obase=2; {number}' | bc",
        f"[convert|write] {number} [to|in] binary with bc",
        f"{number:b}",
    )


def _factor(rng: random.Random) -> Step:
    number = rng.randint(1000, 999_999)
    rest, factors, divisor = number, [], 2
    while divisor * divisor <= rest:
        while rest % divisor == 0:
            factors.append(divisor)
            rest //= divisor
        divisor += 1
    factors += [rest] if rest > 1 else []
    return step(
        f"factor {number}", f"[find|print] the prime factors of {number}", f"{number}: {' '.join(map(str, factors))}"
    )


def _encode(rng: random.Random) -> Step:
    text = phrase(rng)
    return step(
        f"echo -n '{text}' | base64",
        f"encode '{text}' [as|in] base64",
        base64.b64encode(text.encode()).decode(),
    )


def _translate(rng: random.Random) -> Step:
    text = phrase(rng)
    form, value, told = rng.choice(
        (
            ("tr a-z A-Z", text.upper(), "in capitals"),
            ("rev", text[::-1], "backwards"),
            ("tr ' ' _", text.replace(" ", "_"), "with underscores for spaces"),
            ("tr -d aeiou", text.translate({ord(vowel): None for vowel in "aeiou"}), "without its vowels"),
        )
    )
    return step(f"echo '{text}' | {form}", f"[print|write] '{text}' {told}", value)


def _sequence(rng: random.Random) -> Step:
    first, gap = rng.randint(1, 90), rng.randint(2, 25)
    last = first + gap * rng.randint(4, 8)
    return step(
        f"seq -s ' ' {first} {gap} {last}",
        f"count from {first} to {last} in steps of {gap}, on one line",
        " ".join(map(str, range(first, last + 1, gap))),
    )


def _env(rng: random.Random) -> Step:
    name = f"{rng.choice(NOUNS)}_{rng.choice(NOUNS)}".upper()
    value = f"{rng.choice(('on', 'off', 'fast', 'slow', 'debug', 'quiet'))}{rng.randint(1, 99)}"
    return step(
        f"export {name}={value}; env | grep ^{name.split('_')[0]}_ | tr = :",
        f"export {name} with the value {value} and [look it up|find it] in the environment",
        f"{name}:{value}",
    )


def _builtin(rng: random.Random) -> Step:
    names = rng.sample(
        ("cd", "echo", "export", "read", "type", "alias", "pwd", "set", "unset", "wait", "jobs", "umask"), 3
    )
    keyword = rng.choice(("if", "for", "while", "case", "function", "until"))
    return step(
        f"type {' '.join(names)} {keyword}",
        f"ask [bash|the shell] what {', '.join(names)} and {keyword} are",
        *(f"{name} is a shell builtin" for name in names),
        f"{keyword} is a shell keyword",
    )


def _array(rng: random.Random) -> Step:
    words = rng.sample((*GOODS, *NOUNS), rng.randint(4, 6))
    index = rng.randrange(len(words))
    return step(
        f'a=({" ".join(words)}); echo "${{#a[@]}} words, number {index} is ${{a[{index}]}}"',
        f"[make|set up] an array of {len(words)} words, {words[0]} to {words[-1]}, and print [number|element] {index}",
        f"{len(words)} words, number {index} is {words[index]}",
    )


def _here_string(rng: random.Random) -> Step:
    words = rng.sample(PEOPLE, 3)
    return step(
        f'IFS=, read a b c <<< {",".join(words)}; echo "$c $b $a"',
        f"[split|read] {','.join(words)} at its commas and print the parts in reverse",
        " ".join(reversed(words)),
    )


def _working_folder(rng: random.Random) -> Step:
    path = f"{rng.choice(FOLDERS)}/{rng.choice(NOUNS)}"
    return Step(
        (f"mkdir -p {path} && cd {path}", "pwd | rev | cut -d/ -f1-2 | rev", "cd - > /dev/null"),
        f"make {path}, [change to|go into] it, print the end of [its path|the working directory], and go back",
        (path,),
    )


def _conditional(rng: random.Random) -> Step:
    a, b = rng.sample(range(100, 999), 2)
    return step(
        f"if [ {a} -gt {b} ]; then echo {a} is larger; else echo {b} is larger; fi | tr a-z A-Z",
        f"[compare|test which is larger of] {a} and {b} and print the result in capitals",
        f"{max(a, b)} IS LARGER",
    )


def _function_story(rng: random.Random) -> list[Step]:
    name, factor, add = rng.choice(VERBS), rng.randint(2, 19), rng.randint(1, 99)
    one, two = rng.sample(range(10, 300), 2)
    return [
        step(
            f'{name}() {{ echo "$1 gives $(($1 * {factor} + {add}))"; }}',
            f"define a function {name} that [multiplies by|takes its argument times] {factor} and adds {add}",
        ),
        Step(
            (f"{name} {one}", f"{name} {two}"),
            f"call it with {one} and {two}",
            (f"{one} gives {one * factor + add}", f"{two} gives {two * factor + add}"),
        ),
        step(f"type {name} | head -n 1", "ask the shell what it is", f"{name} is a function"),
    ]


def _script_story(rng: random.Random) -> list[Step]:
    name, word = f"{rng.choice(VERBS)}-{rng.choice(NOUNS)}.sh", rng.choice(("Hello", "Goodbye", "Thanks", "Welcome"))
    who = rng.sample(PEOPLE, 2)
    return [
        step(
            f"echo 'for who; do echo {word}, $who and ${{#who}}; done' > {name}",
            f"write a script {name} that greets everybody it is given",
        ),
        step(f"chmod +x {name} && ls {name}*", "make it executable"),
        step(
            f"bash {name} {' '.join(who)}",
            f"run it for {who[0]} and {who[1]}",
            *(f"{word}, {one} and {len(one)}" for one in who),
        ),
    ]


def _variable_story(rng: random.Random) -> list[Step]:
    name, start, factor = rng.choice(("total", "count", "sum", "points", "x")), rng.randint(3, 60), rng.randint(2, 12)
    add = rng.randint(5, 95)
    return [
        step(f"{name}={start}", f"set the variable {name} to {start}"),
        step(
            f"(({name} *= {factor})); echo {name} is ${name}", f"multiply it by {factor}", f"{name} is {start * factor}"
        ),
        step(
            f"(({name} += {add})); echo now {name} is ${name}",
            f"add {add} to it",
            f"now {name} is {start * factor + add}",
        ),
    ]


def _alias_story(rng: random.Random) -> list[Step]:
    name, number = f"{rng.choice(NOUNS)[:4]}{rng.randint(1, 9)}", rng.randint(3, 9)
    top = number + rng.randint(3, 9)
    return [
        step(f"alias {name}='seq -s- {number}'", f"define an alias {name} for counting from {number}"),
        step(f"{name} {top}", f"use it with {top}", "-".join(map(str, range(number, top + 1)))),
        step(
            f"unalias {name}; type -t {name} || echo no longer known | tr a-z A-Z", "remove it again", "NO LONGER KNOWN"
        ),
    ]


_COMMANDS: Sequence[_Maker] = (
    _echo,
    _arithmetic,
    _braces,
    _letters,
    _loop,
    _powers,
    _date,
    _weekday,
    _calendar,
    _epoch,
    _number_formats,
    _to_base,
    _factor,
    _encode,
    _translate,
    _sequence,
    _env,
    _builtin,
    _array,
    _here_string,
    _working_folder,
    _conditional,
)
_STORIES: Sequence[Callable[[random.Random], list[Step]]] = (
    _function_story,
    _script_story,
    _variable_story,
    _alias_story,
)
