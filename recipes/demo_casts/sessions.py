"""What is typed in the demos, each under its title."""

from hands import BACKSPACE, CONTROL_C, CONTROL_D, ENTER, ESCAPE, TAB, UP, Hands


def shell_work(hands: Hands) -> None:
    """Files, pipes and history in the shell."""
    hands.line("ls -la")
    hands.line("mkdir -p notes/2024 && cd notes")
    hands.line('for m in jan feb mar; do echo "$m: $RANDOM steps" >> 2024/walks.txt; done')
    hands.line("cat 2024/walks.txt", then=1.5)
    hands.line("sort -k2 -n 2024/walks.txt | head -1")
    hands.type("wc -l 20")
    hands.press(TAB, then=0.5)
    hands.type("w")
    hands.press(TAB, ENTER, then=0.8)
    hands.press(UP, UP, then=0.5)
    hands.press(ENTER, then=1.0)
    hands.line("find .. -name '*.txt' -size -2 | xargs ls -l", then=1.5)
    hands.line("history | tail -4", then=1.2)


def vim(hands: Hands) -> None:
    """Editing a Python program in vim."""
    hands.line("vim greet.py", until="greet.py", then=1.2)
    hands.press("/")
    hands.type("hello")
    hands.press(ENTER, then=0.8)
    hands.type("ciw")
    hands.type("good morning,")
    hands.press(ESCAPE, then=0.8)
    hands.type("o")
    hands.type('    for day in ("Monday", "Tuesday"):')
    hands.press(ENTER)
    hands.type('        print(f"see you on {day}!")')
    hands.press(ESCAPE, then=0.8)
    hands.type("ggOHELLO = 42  # not used")
    hands.press(ESCAPE, then=0.8)
    hands.press("u", then=0.8)
    hands.press("G", "g", "g", then=0.5)
    hands.type(":set number")
    hands.press(ENTER, then=1.2)
    hands.type(":%s/\\<name\\>/who/g")
    hands.press(ENTER, then=1.2)
    hands.line(":wq", then=0.6)
    hands.line("python3 greet.py Ada", then=1.5)


def less(hands: Hands) -> None:
    """Reading and searching in less."""
    hands.line("less proverbs.txt", until="proverbs.txt", then=1.0)
    hands.press(" ", " ", then=0.9)
    hands.press("b", then=0.8)
    hands.press("j", "j", "j", "k", then=0.3)
    hands.press("/")
    hands.type("pattern")
    hands.press(ENTER, then=1.0)
    hands.press("n", "n", "N", then=0.8)
    hands.press("G", then=1.0)
    hands.press("g", then=0.8)
    hands.type("42g")
    hands.think(1.0)
    hands.type("-N")
    hands.press(ENTER, then=1.2)
    hands.press("q", then=0.8)
    hands.line("grep -c tested proverbs.txt")


def progress(hands: Hands) -> None:
    """Progress bars."""
    hands.line("cat setup.py | head -5", then=1.0)
    hands.line("time python3 setup.py", then=1.5)


def python_repl(hands: Hands) -> None:
    """Python as a calculator."""
    repl = ">>> "
    hands.line("python3 -q", until=repl, then=0.6)
    hands.line("2 ** 64", until=repl)
    hands.line("words = 'the quick brown fox jumps over the lazy dog'.split()", until=repl, then=0.5)
    hands.line("sorted(words, key=len)[-2:]", until=repl)
    hands.line("from collections import Counter", until=repl, then=0.4)
    hands.line("Counter(''.join(words)).most_common(3)", until=repl, then=1.3)
    hands.line("def fib(n):", until="... ", then=0.3)
    hands.line("    return n if n < 2 else fib(n - 1) + fib(n - 2)", until="... ", then=0.3)
    hands.press(ENTER)
    hands.line("[fib(n) for n in range(15)]", until=repl, then=1.2)
    hands.line("fib('three')", until=repl, then=1.8)
    hands.press(CONTROL_D, then=0.8)


def git(hands: Hands) -> None:
    """A repository, a branch and a log."""
    hands.line("git init recipes && cd recipes", then=0.8)
    hands.line("printf 'flour\\nwater\\nsalt\\n' > bread.txt")
    hands.line("git add . && git commit -m 'Bread'")
    hands.line("git switch -c sourdough", then=0.6)
    hands.line("sed -i 's/water/water, 30 C/; $ a starter' bread.txt", then=0.6)
    hands.line("git diff", then=1.8)
    hands.line("git commit -am 'Use a starter'", then=0.8)
    hands.line("git switch main && echo oil >> bread.txt && git commit -am 'Add oil'")
    hands.line("git log --oneline --graph --all", then=1.5)
    hands.line("git status", then=1.0)


def colors(hands: Hands) -> None:
    """16, 256 and true colours, and attributes."""
    hands.line("python3 colors.py", then=2.5)
    hands.line("ls --color=always -F /usr /dev/null", then=1.5)
    hands.line("printf '\\e[31mred \\e[42mon green\\e[0m, \\e[1;34mbold blue\\e[0m\\n'", then=1.2)
    hands.line("printf '\\e[38;5;208m%s\\e[0m ' one two three; echo", then=1.2)
    hands.line("grep --color=always -n print colors.py | tail -4", then=1.5)
    hands.line("clear", then=0.8)
    hands.line('for n in 1 2 3 4 5; do printf "\\e[3${n}m%${n}s●\\e[0m\\n"; sleep 0.3; done', then=1.2)


def wide(hands: Hands) -> None:
    """Chinese, Japanese, Korean, Greek, Cyrillic and emoji."""
    hands.line("cat hello.txt", then=2.0)
    hands.line("echo '寿司 🍣 と 味噌汁 🍜 ください'", then=1.2)
    hands.line('for e in 🦊 🐼 👩‍💻 ❤️ 🇯🇵; do echo "$e|"; done', then=1.5)
    hands.line("sort hello.txt | column -t | head -4", then=1.5)
    hands.line("echo café naïve Ελλάδα привет", then=1.2)
    hands.line('python3 -c \'print(len("日本語"), "日本語"[::-1].center(20, "・"))\'', then=1.5)
    hands.line("# 수고하셨습니다 👋", then=1.0)


def resize(hands: Hands) -> None:
    """A terminal that changes its size."""
    hands.line("stty size; seq -w 1 120 | column", then=1.2)
    hands.console.resize(100, 30)
    hands.think(1.2)
    hands.line("stty size; seq -w 1 120 | column", then=1.2)
    hands.line("less proverbs.txt", until="proverbs.txt", then=1.0)
    for columns, rows in ((90, 28), (70, 24), (50, 20), (72, 16)):
        hands.console.resize(columns, rows)
        hands.think(0.9)
    hands.press(" ", "q", then=0.8)
    hands.type("echo a line that is a good deal longer than the terminal which it is typed into is wide")
    hands.think(0.6)
    hands.console.resize(80, 24)
    hands.think(1.0)
    hands.press(ENTER, then=1.0)
    hands.line("stty size")


def top(hands: Hands) -> None:
    """Watching processes with top."""
    hands.line("(while :; do :; done) & (while sleep 0.01; do :; done) & sleep 300 &", then=0.5)
    hands.line("top -d 1", until="PID", then=3.0)
    hands.press("1", then=1.5)
    hands.press("z", then=2.0)
    hands.press("x", then=2.0)
    hands.press("M", then=2.0)
    hands.press("P", then=2.0)
    hands.press("h", then=1.8)
    hands.press("q", "q", then=1.0)
    hands.line("kill %1 %2 %3; sleep 0.2; jobs", then=1.0)


def compiler(hands: Hands) -> None:
    """Two errors in a C program, and their correction."""
    hands.line("make", then=2.0)
    hands.line("sed -i 's/radius \\* radius$/&;/' area.c", then=0.6)
    hands.line("make", then=2.0)
    hands.line("sed -i 's/area = %s/area = %.2f/' area.c && make && ./area", then=2.0)
    hands.line("objdump -d area | grep -A6 '<main>:'", then=1.5)


def test_run(hands: Hands) -> None:
    """Unit tests that fail, then pass."""
    hands.line("python3 -m unittest -v", then=2.5)
    hands.line("cat fix.patch", then=1.5)
    hands.line("patch -p1 < fix.patch", then=0.8)
    hands.line("python3 -m unittest -v", then=1.5)
    hands.line("python3 -c 'from roman import roman; print(*map(roman, range(1, 13)))'", then=1.5)


def correction(hands: Hands) -> None:
    """Typing errors and what the shell says to them."""
    hands.line("sl -la", then=1.2)
    hands.press(*[BACKSPACE] * 2, then=0.2)
    hands.line("ls -la", then=1.0)
    hands.type("cat poem.tx")
    hands.think(0.4)
    hands.press(ENTER, then=1.2)
    hands.press(UP, then=0.5)
    hands.type("t")
    hands.press(ENTER, then=1.5)
    hands.type("gerp star")
    hands.press(*[BACKSPACE] * 8, then=0.12)
    hands.line("rep star poem.txt", then=1.0)
    hands.line("rm poem", then=1.0)
    hands.type("sleep 100")
    hands.press(ENTER, then=1.5)
    hands.press(CONTROL_C, then=0.8)
    hands.line("echo $?", then=1.0)


def database(hands: Hands) -> None:
    """A small database."""
    sqlite = "sqlite> "
    hands.line("sqlite3 -box moons.db", until=sqlite, then=0.6)
    hands.line("create table moons (name text, planet text, km real);", until=sqlite, then=0.5)
    hands.line("insert into moons values ('Io', 'Jupiter', 3643), ('Titan', 'Saturn', 5150),", until="...> ", then=0.2)
    hands.line("  ('Moon', 'Earth', 3475), ('Europa', 'Jupiter', 3122);", until=sqlite, then=0.5)
    hands.line("select * from moons order by km desc;", until=sqlite, then=1.8)
    hands.line("select planet, count(*) as moons, avg(km) from moons group by planet;", until=sqlite, then=1.8)
    hands.line("select nam from moons;", until=sqlite, then=1.5)
    hands.line(".quit", then=0.6)
