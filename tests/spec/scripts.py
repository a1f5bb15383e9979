"""Random scripts on which this language and bash must agree, from a seed.

What differs on purpose is left out: unquoted values hold no blanks and no wildcards, substitutions
that stay unquoted print words of one line each, and wildcards match something.
"""

from __future__ import annotations

import random

FILES = {
    "f1": "alpha\nbeta\ngamma\n",
    "f2.txt": "one two\nthree\n",
    "g.md": "# h\n",
    "d1/a": "in d1 a\n",
    "d1/b.txt": "b\n",
    "d1/s/z.txt": "deep\n",
    "d2/c": "c\nc\nd\n",
    "sp ace": "spaced\n",
    "x1": "1\n",
    "x2": "2\n",
    ".hid": "hidden\n",
    "[b]": "bracket\n",
    "o1": "",
    "o2": "",
    "o 3": "",
    "d1/o": "",
    "t.out": "",
    "err": "",
}
READABLE = [
    "f1",
    "f2.txt",
    "g.md",
    "d1/a",
    "d1/b.txt",
    "d2/c",
    "'sp ace'",
    "x1",
    "x2",
    ".hid",
    "'[b]'",
    "d1/s/z.txt",
]
PLAIN = ["alpha", "beta", "3", "one", "two", "zeta", "a=b", "100%", "-n", "a.b", "x-y", "07", "été"]
QUOTED = [
    "'x y'",
    '"y  z"',
    "semi\\;colon",
    "'pipe|d'",
    "it\\'s",
    '"<in>"',
    "\\{n\\}",
    "'$x'",
    '"\\$x"',
    "a\\*b",
    "'`t`'",
    '"~t"',
    "\\~t",
    "$'tab\\there'",
    "'*'",
    '"[b]"',
    "''",
    '""',
    "'new\nline'",
    "\\(p\\)",
    '"a\\\\b"',
]
NAMES = ["v", "w", "u", "n"]
GLOBS = [
    "d?/[abc]",
    "x*",
    "x?",
    "x[12]",
    "*.md",
    "d1/*.txt",
    "s*",
    ".h*",
    "*/",
    "[!a-e]1",
    "*[12]",
    "d1/s/*",
    "./x*",
]
FILTERS = [
    "cat",
    "sort",
    "sort -r",
    "uniq",
    "wc -l",
    "head -n 2",
    "tail -n 2",
    "tail -n +2",
    "tr a-z A-Z",
    "grep a",
    "grep -v b",
    "grep -c .",
    "sed 's/a/[&]/'",
    "sed -n 1p",
    "cut -c1-4",
    "cut -d' ' -f2",
    "tr -d e",
    "sort -u",
    "head -n 1",
    "cat -",
    "tr ' ' '\\n'",
    "sort -n",
    "wc -c",
    "tee t.out",
    "rev_",
    'while read -r l; do echo "<$l>"; done',
    '{ read -r a; echo "first $a"; cat; }',
    "( cat )",
    "wc -w",
    "uniq -c",
    "nl_",
    "grep -n e",
    "sort -k2",
]
OUTPUTS = [
    "> o1",
    ">> o1",
    "> o2",
    ">> o2",
    "> 'o 3'",
    "> d1/o",
    "2> err",
    "2>/dev/null",
    "> o1 2>&1",
    "> /dev/null",
]

CONDITIONS = [
    "$v == al*",
    "-n $u",
    "-z $u",
    "$n -lt 4",
    "$w = x*y",
    "$v =~ ^a.p",
    "! -e nofile && $v < b",
    "-f f1 || -d zz",
]


class Scripts:
    """A stream of random scripts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.depth = 0

    def one(self) -> str:
        lines = ["v=alpha; w='x  y'; u=; n=3; s=plain; e="]
        if self.chance(0.1):
            lines.append(self.pick(["set -u", "set -e", "set -o pipefail", "set -f", "set -C"]))
        lines += [self.statement() for _ in range(self.random.randint(2, 7))]
        lines += ["echo rc=$?", "cat o1 2>/dev/null"][: self.random.randint(0, 2)]
        return "\n".join(lines)

    # -- choices

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, choices: list[str]) -> str:
        return self.random.choice(choices)

    # -- words

    def word(self) -> str:
        kind = self.random.random()
        if kind < 0.3:
            return self.pick(PLAIN)
        if kind < 0.5:
            return self.pick(QUOTED)
        if kind < 0.7:
            return f'"{self.inside_quotes()}"'
        if kind < 0.76:
            return self.pick(["$s", "${s}s", "$n", "$#", "$?", "p${s}q", "$e", "${e:-dflt}", "${nope-none}"])
        if kind < 0.82:
            return self.pick(
                ["{a,b}x", "{1..3}", "x{,y}", "{c..a}", "a{b,{c,d}}e", "{x}", "{3..9..3}", "{01..3}"]
            )
        if kind < 0.87:
            return f"$(( {self.sum()} ))"
        if kind < 0.9:
            return self.pick(GLOBS)
        return self.pick(["$(echo one)", "$(seq 3)", "`echo back`", "$(cat x1)", "x$(echo y)z", "$(true)"])

    def inside_quotes(self) -> str:
        return "".join(
            self.pick(
                [
                    "$v",
                    "$w",
                    "${u}",
                    "x ",
                    "${w:-d q}",
                    "${u:-d q}",
                    "${nope:-$v}",
                    "${v:+set}",
                    "${u:+set}",
                    "${#w}",
                    "${v#al}",
                    "${v##*a}",
                    "${v%a}",
                    "${v%%a*}",
                    "${v/a/X}",
                    "${v//a/X}",
                    "${w/  /_}",
                    "${v:1}",
                    "${v:1:2}",
                    "${v: -2}",
                    "${v^}",
                    "${v^^}",
                    "${v,,}",
                    "$(echo sub)",
                    "$(cat f1)",
                    "`echo bt`",
                    "$((n + 1))",
                    "$*",
                    "$@",
                    "$#",
                    "$?",
                    "\\$v",
                    "\\\\",
                    "'",
                    "*",
                    "~",
                    "${v:-'q'}",
                    "${nope-`echo c`}",
                    "${n:=7}",
                    "${#}",
                    '${v%%"a"*}',
                    "${v//[ae]/_}",
                    '${v#"$u"}',
                    "$(( n * (n - 1) ))",
                ]
            )
            for _ in range(self.random.randint(0, 3))
        )

    def sum(self) -> str:
        left = self.pick(
            ["n", "2", "7", "$n", "-3", "0x1f", "010", "(1 + 2)", "n++", "--n", "~n", "!n", "n = 5"]
        )
        operator = self.pick(
            ["+", "-", "*", "/", "%", "<<", ">", "==", "!=", "&&", "||", "&", "|", "^", "**", ","]
        )
        right = self.pick(["2", "3", "n", "1", "(n > 1 ? 4 : 2)", "$n", "+1"])
        if operator in "/%" and right == "n":
            right = "2"
        if operator == "**" and left.startswith(("-", "~", "!")):
            left = "2"
        if left == "n = 5":
            left = "(n = 5)"
        return f"{left} {operator} {right}"

    def words(self, most: int = 4) -> str:
        return " ".join([self.word() for _ in range(self.random.randint(0, most))])

    # -- commands

    def command(self) -> str:
        kind = self.random.randint(0, 15)
        if kind < 4:
            return f"echo {self.words()}"
        if kind < 7:
            shape = self.pick(["<%s>", "[%s]", "%s,"]) + self.pick(["", "\\n"])
            return f"printf '{shape}' {self.word()} {self.words(3)}"
        if kind == 7:
            return f"cat {self.pick(READABLE)} {self.pick(READABLE)}"
        if kind == 8:
            asked = self.pick(["a", "-c l", "-v e", "-i ALPHA", "-n o", "-q a", "-F ."])
            return f"grep {asked} {self.pick(READABLE)}"
        if kind == 9:
            return self.pick(
                ["ls", "ls d1", "ls d1 d2", "ls .", "ls nofile", "ls -1 d1", "pwd | sed 's|.*/||'"]
            )
        if kind == 10:
            return f"seq {self.random.randint(1, 12)}"
        if kind == 11:
            return "printf 'b 2\\na 1\\nc 3\\na 1\\n'"
        if kind == 12:
            return self.pick(
                ["true", "false", ":", "nosuchcmd_q", "test -f f1", "[ -d d1 ]", "[ $n -gt 2 ]", "(exit 3)"]
            )
        if kind == 13:
            return f"cat {self.pick(['<', '<'])} {self.pick([*READABLE, 'nofile'])}"
        if kind == 14:
            return f"cat <<< {self.word_one()}"
        return f"[[ {self.pick(CONDITIONS)} ]]"

    def word_one(self) -> str:
        return self.pick([*QUOTED, *PLAIN, '"$w"', "$s", '"$(cat f1)"', "$((n+1))"])

    def pipeline(self) -> str:
        stages = [self.command()]
        while self.chance(0.4) and len(stages) < 4:
            stages.append(self.pick([one for one in FILTERS if not one.endswith("_")]))
        text = " | ".join(stages)
        if self.chance(0.25):
            text += " " + self.pick(OUTPUTS)
        return "! " + text if self.chance(0.08) else text

    def change(self) -> str:
        return self.pick(
            [
                f"{self.pick(NAMES[:3])}={self.assigned()}",
                f"{self.pick(NAMES[:3])}={self.assigned()}",
                f"n=$(( {self.sum()} ))",
                "cd d1 2>/dev/null",
                "cd nodir 2>/dev/null",
                "cd . 2>/dev/null",
                "cd ./d1/s 2>/dev/null",
                "cd ..&&cd - >/dev/null",
                "mkdir new 2>/dev/null",
                "mkdir -p d3/e/new 2>/dev/null",
                "rmdir new 2>/dev/null",
                "rm -r d2 2>/dev/null",
                "rm f1",
                "rm nofile 2>/dev/null",
                "mv x1 n2 2>/dev/null",
                "mv d1 n2 2>/dev/null",
                "cp x1 n3 2>/dev/null",
                "cp -r d1 n1 2>/dev/null",
                "touch d2 2>/dev/null",
                "touch new",
                "unset u",
                "export v",
                "set -- a 'b c' d",
                "shift",
                "x=tmp echo $s",
                "v=local; export w",
                "let n=n+1",
                "n=10#0$n",
                "v+=more",
                "read -r v < f1",
                "read -r v w <<< 'p q r'",
            ]
        )

    def assigned(self) -> str:
        return self.pick(
            [
                *PLAIN,
                *QUOTED,
                '"$w"',
                "$v",
                '"$(cat f2.txt)"',
                "$(echo a b)",
                '"q ${v}s"',
                "$?",
                "${u:-'d q'}",
                "*",
                "~x",
                "a{b,c}",
            ]
        )

    def statement(self) -> str:
        self.depth += 1
        try:
            if self.depth > 3 or self.chance(0.55):
                return self.simple_statement()
            return self.compound()
        finally:
            self.depth -= 1

    def simple_statement(self) -> str:
        text = self.change() if self.chance(0.3) else self.pipeline()
        while self.chance(0.15):
            text += self.pick([" && ", " || "]) + self.pipeline()
        return text

    def compound(self) -> str:
        kind = self.random.randint(0, 10)
        inner = self.statement()
        ending = " " + self.pick(OUTPUTS) if self.chance(0.2) else ""
        if kind == 0:
            return f"{{ {inner}\n{self.statement()}\n}}{ending}"
        if kind == 1:
            return f"( {inner}\n{self.statement()}\n){ending}"
        if kind == 2:
            return f"if {self.condition()}; then {inner}\nelse {self.statement()}\nfi{ending}"
        if kind == 3:
            return f'for i in {self.words()}; do {inner}\necho "[$i]"; done{ending}'
        if kind == 4:
            arms = f"a*|'x y') {inner}\n;; [0-9]) echo digit ;; *) {self.statement()}"
            return f"case {self.word_one()} in {arms}\nesac{ending}"
        if kind == 5:
            name = self.pick(["f", "g_1"])
            ending = self.pick(["", "return 4", 'echo "$1" $#'])
            return f"{name}() {{ local v=in; {inner}\n{ending}\n}}\n{name} {self.words(2)}"
        if kind == 6:
            stop = self.pick(["continue", "break", ":"])
            k = f"k{self.depth}"
            head = f"{k}=0; while [ ${k} -lt 3 ]; do {k}=$(({k}+1)); [ ${k} = 2 ] && {stop}"
            return f"{head}\n{inner}\ndone{ending}"
        if kind == 7:
            text = f"line $v ${{w}} $(echo c) \\$w `echo b` $((n+1))\n  \"q\" 'r' \\\\ {self.pick(PLAIN)}"
            return f"cat <<E\n{text}\nE\n{inner}"
        if kind == 8:
            return f"cat <<'E' | {self.pick(['sort', 'cat', 'wc -l', 'tr a-z A-Z'])}\nraw $v `x`\n\\n\nE"
        if kind == 9:
            j = f"j{self.depth}"
            return f"for (({j}=0; {j}<{self.random.randint(0, 3)}; {j}++)); do {inner}\ndone{ending}"
        if "<<E" in inner or "<<'E'" in inner:
            inner = "echo plain"
        return f'v=$( {inner}\n)\necho "$v"'

    def condition(self) -> str:
        return self.pick(
            [
                "true",
                "false",
                "[ -f f1 ]",
                '[ "$v" = alpha ]',
                "[ -d nodir ]",
                "grep -q a f1",
                "(( n > 2 ))",
                "! false",
                "[ -z $e ]",
            ]
        )
