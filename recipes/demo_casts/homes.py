"""What lies in the home folders of the demos: programs that they run, texts that they read, settings."""

BASHRC = r"""
PS1='\[\e[1;32m\]user@host\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
cd
"""

GREETING = """\
import sys

def greet(name):
    print("hello " + name)

if __name__ == "__main__":
    greet(sys.argv[1])
"""

PROVERBS = "".join(
    f"{number:3}. {text}\n"
    for number, text in enumerate(
        (
            "A program is read more often than it is written.",
            "Measure first; the slow part is somewhere else.",
            "What is not tested does not work, only nobody has noticed.",
            "The best line is the one that was left out.",
            "Names are the shortest documentation.",
            "An error message is written for the worst day of its reader.",
            "Two of a kind is a coincidence, three are a pattern.",
        )
        * 12,
        1,
    )
)

PROGRESS = """\
import sys, time
STEPS = ("fetch", "unpack", "compile", "install")
for number, step in enumerate(STEPS, 1):
    for done in range(0, 101, 4):
        full = done * 40 // 100
        bar = "\\x1b[32m" + "█" * full + "\\x1b[90m" + "░" * (40 - full) + "\\x1b[0m"
        sys.stdout.write(f"\\r[{number}/{len(STEPS)}] {step:8} {bar} {done:3}%")
        sys.stdout.flush()
        time.sleep(0.09)
    print(" \\x1b[1;32mdone\\x1b[0m")
"""

GITCONFIG = """\
[user]
    name = User
    email = user@example.com
[init]
    defaultBranch = main
[color]
    ui = always
[core]
    pager = cat
"""

COLORS = """\
print("16:")
for base in (40, 100):
    print("".join(f"\\x1b[{base + n}m {n:2} \\x1b[0m" for n in range(8)))
print("256:")
for row in range(6):
    print("".join(f"\\x1b[48;5;{16 + row * 36 + n}m  \\x1b[0m" for n in range(36)))
print("".join(f"\\x1b[48;5;{n}m   \\x1b[0m" for n in range(232, 256)))
print("true colour:")
for row in range(3):
    print("".join(f"\\x1b[48;2;{255 - n * 3};{row * 80};{n * 3}m \\x1b[0m" for n in range(80)))
names = {"1": "bold", "2": "faint", "3": "italic", "4": "underline", "4:3": "curly", "5": "blink", "7": "inverse"}
names |= {"9": "strike", "38;2;255;120;0": "orange"}
print(*(f"\\x1b[{code}m{name}\\x1b[0m" for code, name in names.items()))
"""

HELLO = """\
English   Hello        👋
中文      你好，世界   🌏
日本語    こんにちは   🗾
한국어    안녕하세요   🎎
Ελληνικά  Γειά σου     🏛
Русский   Привет       🪆
Français  Ça va très bien, merci 🥐
"""

AREA = """\
#include <stdio.h>

static double area(double radius) {
    return 3.14159 * radius * radius
}

int main(void) {
    for (int r = 1; r <= 5; r++)
        printf("r = %d, area = %s\\n", r, area(r));
    return 0;
}
"""

MAKEFILE = """\
area: area.c
\tgcc -Wall -Wextra -O2 -fdiagnostics-color=always -o $@ $<
"""

TESTS = """\
import unittest
from roman import roman

class Roman(unittest.TestCase):
    def test_simple(self):
        self.assertEqual(roman(3), "III")

    def test_subtractive(self):
        self.assertEqual(roman(1994), "MCMXCIV")

    def test_zero_is_refused(self):
        with self.assertRaises(ValueError):
            roman(0)
"""

ROMAN = """\
VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}

def roman(number):
    text = ""
    for sign, value in VALUES.items():
        while number >= value:
            text += sign
            number -= value
    return text
"""

PATCH = """\
--- a/roman.py
+++ b/roman.py
@@ -1,6 +1,9 @@
-VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
+VALUES = {"M": 1000, "CM": 900, "D": 500, "CD": 400, "C": 100, "XC": 90, "L": 50, "XL": 40,
+          "X": 10, "IX": 9, "V": 5, "IV": 4, "I": 1}

 def roman(number):
+    if number < 1:
+        raise ValueError(f"{number} has no Roman numeral")
     text = ""
     for sign, value in VALUES.items():
         while number >= value:
"""

POEM = """\
A star looked down, and saw a light
that someone had left on all night;
"And that," the star said, "must be far.
I wonder if they think me a star."
"""
