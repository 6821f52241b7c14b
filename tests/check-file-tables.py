#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The option tables of the file tools against the installed tools.

glibc's getopt_long(3) names all long options when it is given "--=", an empty
and so ambiguous prefix; --name=DEL and a bare --name then tell whether a value
is taken.  Letters are tried one by one.  Tools with a grammar of their own
(OWN) name their options in their help.  Prints TAP.
"""
import os
import re
import subprocess
import sys

TOOLS = """rm rmdir unlink shred truncate mv cp ln install tee chmod chown
chgrp split sort sed patch xargs tar env""".split()
OWN = "rsync find dd zip unzip busybox".split()
# Seen by hand: what getopt's messages cannot tell.
LETTERS_NOT_PROBED = {"tar": "?", "chmod": "rwxXstugoa,+=01234567"}
# Letters that the tool takes without meaning anything by them: refused.
REFUSED = {"sed": "V", "tar": "89", "unzip": "F"}
ROW = re.compile(r"\b([FAO])A?\((0|'(\\?.)'),\s*(NULL|\"([^\"]+)\")\)")
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def table(tool):
    name = f"gateway/tools/{tool}_options.h"
    if not os.path.exists(name):
        name = f"gateway/tools/{tool}.c"
    with open(name, encoding="ascii") as f:
        text = f.read()
    text = text[text.index("options[] ="):]
    text = text[:text.index("\n};")]
    longs, letters = {}, {}
    for kind, _, letter, _, name in ROW.findall(text):
        if name:
            longs[name] = kind
        if letter:
            letters[letter] = kind
    if re.search(r"\bHELP\b", text):
        longs |= {"help": "F", "version": "F"}
    return longs, letters


def run(words):
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL,
                              capture_output=True, env=ENV, timeout=5,
                              cwd="/tmp", check=False)
    except subprocess.TimeoutExpired:
        return ""
    return (done.stdout + done.stderr).decode("latin-1")


def enter_box():
    """Whatever an option should do, it does it to nothing."""
    here = os.getcwd()
    os.execvp("bwrap", [
        "bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
        "--tmpfs", "/tmp", "--ro-bind", here, "/tmp/project", "--unshare-all",
        "--die-with-parent", "--new-session", "--chdir", "/tmp/project",
        "--", sys.executable, "tests/check-file-tables.py", "--inside",
        *sys.argv[1:]])


def probe_long(tool):
    said = run([tool, "--="])
    found = re.findall(r"'--([^']+)'", said.split("possibilities", 1)[-1])
    kinds = {}
    for name in found:
        if "doesn't allow an argument" in run([tool, f"--{name}=\x7f"]):
            kinds[name] = "F"
        elif "requires an argument" in run([tool, f"--{name}"]):
            kinds[name] = "A"
        else:
            kinds[name] = "O"
    return kinds


def probe_letters(tool):
    kinds = {}
    for code in range(33, 127):
        letter = chr(code)
        if letter in "-" or letter in LETTERS_NOT_PROBED.get(tool, ""):
            continue
        said = run([tool, f"-{letter}"])
        if re.search(r"(invalid|unknown) option", said):
            continue
        kinds[letter] = ("A" if "requires an argument" in said else "F")
    return kinds


def differences(tool):
    longs, letters = table(tool)
    real = probe_long(tool)
    for name in sorted(set(longs) | set(real)):
        if longs.get(name) != real.get(name):
            yield f"--{name}: table {longs.get(name)}, tool {real.get(name)}"
    seen = probe_letters(tool)
    for letter in sorted(set(letters) | set(seen)):
        if letter in LETTERS_NOT_PROBED.get(tool, "") + REFUSED.get(tool, ""):
            continue
        mine = letters.get(letter)
        # a value that may be left out looks like none
        if mine != seen.get(letter) and not (
                mine == "O" and seen.get(letter) == "F"):
            yield f"-{letter}: table {mine}, tool {seen.get(letter)}"


def text_of(tool):
    with open(f"gateway/tools/{tool}.c", encoding="ascii") as f:
        return f.read()


def strings(text, name):
    """The words of a list in the source."""
    text = text[text.index(name):]
    return re.findall(r'"([^"]+)"', text[:text.index("};")])


def compare(table, real):
    for name in sorted(set(table) | set(real)):
        if table.get(name) != real.get(name):
            yield f"{name}: table {table.get(name)}, tool {real.get(name)}"


def own_rsync():
    longs, letters = table("rsync")
    mine = {f"--{n}": k for n, k in longs.items()}
    mine |= {f"-{c}": k for c, k in letters.items()}
    shown = run(["rsync", "--help"])
    shown = shown[shown.index("\nOptions"):shown.index("Use \"rsync --daemon")]
    names = set(mine) | {f"-{chr(c)}" for c in range(33, 127)} - {"--"}
    for line in re.findall(r"(?m)^-.*", shown):
        names |= set(re.findall(r"(?:^|, |aka )(--?[\w@-]+)", line))
    real = {}
    for name in names:
        said = run(["rsync", name])
        if "unknown option" not in said and name not in ("--help", "-h"):
            real[name] = "A" if "missing argument" in said else "F"
    mine = {n: k for n, k in mine.items() if n not in ("--help", "-h")}
    return compare(mine, real)


def own_find():
    text = text_of("find")
    text = text[text.index("predicates[] ="):]
    text = text[:text.index("\n};")]
    mine = {n: "F" if kind in ("NONE", "PRINT", "DELETE") else "A"
            for n, kind in re.findall(r'\{"(-[^"]+)",\s*(\w+)\}', text)}
    shown = run(["find", "-help"])
    shown = shown[shown.index("Operators"):shown.index("Other common")]
    names = set(mine) | set(re.findall(r"(?<=[\s])-[a-z]\w*", shown))
    real = {}
    for name in names:
        said = run(["find", "/none", name])
        if "unknown predicate" not in said:
            real[name] = "A" if re.search(
                "missing argument|invalid argument", said) else "F"
    # it reads the expression before it
    for name in ("-not", "-a", "-and", "-o", "-or"):
        real[name] = "F"
    return compare(mine, real)


def own_dd():
    mine = strings(text_of("dd"), "keys[] =")
    shown = run(["dd", "--help"]).split("N and BYTES")[0]
    real = re.findall(r"(?:^  |\(or )(\w+)=", shown, re.M)
    return compare(dict.fromkeys(mine, "A"), dict.fromkeys(real, "A"))


def own_zip():
    mine = {n.rstrip("="): "A" if n[-1] == "=" else "F"
            for n in strings(text_of("zip"), "options[] =")}
    real = {}
    for line in run(["zip", "-so"]).split("\n")[3:]:
        if line[1:4].strip():
            real[line[1:4].strip()] = "A" if line[24:28].strip() else "F"
    return compare(mine, real)


def own_busybox():
    text = text_of("busybox")
    mine = {"ash", "busybox"}
    for found in re.findall(r"(?s)static const char \w+\[\] =(.*?);", text):
        mine |= set("".join(re.findall(r'"([^"]*)"', found)).split())
    for name in ("names", "interpreters"):
        with open(f"shims/{name}", encoding="ascii") as f:
            mine |= {line.strip() for line in f}
    missing = set(run(["busybox", "--list"]).split()) - mine
    return (f"{name}: in no list" for name in sorted(missing))


def own_unzip():
    text = text_of("unzip")
    mine = dict.fromkeys(re.search(r'letters\[\] = "([^"]+)"', text)[1], "F")
    mine |= dict.fromkeys(re.search(r'strchr\("(\w+)", \*p\)', text)[1], "A")
    real = {}
    for code in range(33, 127):
        letter = chr(code)
        if letter in "-xh?" + REFUSED["unzip"] or subprocess.run(
                ["unzip", f"-{letter}", "none.zip"], capture_output=True,
                stdin=subprocess.DEVNULL, env=ENV, check=False,
                timeout=5).returncode == 10:
            continue
        real[letter] = "F"
    # a word follows: seen by hand
    for letter in "dPIO":
        real[letter] = "A"
    return compare(mine, real)


def main():
    if sys.argv[1:2] != ["--inside"]:
        enter_box()
    tools = sys.argv[2:] or TOOLS + OWN
    print(f"1..{len(tools)}")
    failed = 0
    for i, tool in enumerate(tools, 1):
        if not os.path.exists(f"/usr/bin/{tool}"):
            print(f"ok {i} - {tool} # SKIP not installed")
            continue
        own = globals().get(f"own_{tool}")
        bad = list(own() if own else differences(tool))
        print(f"{'not ' if bad else ''}ok {i} - {tool}")
        for line in bad:
            print(f"# {line}")
        failed += bool(bad)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
