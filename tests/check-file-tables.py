#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The option tables of the file tools against the installed tools.

glibc's getopt_long(3) names all long options when it is given "--=", an empty
and so ambiguous prefix; --name=DEL and a bare --name then tell whether a value
is taken.  Letters are tried one by one.  Prints TAP.
"""
import os
import re
import subprocess
import sys

TOOLS = """rm rmdir unlink shred truncate mv cp ln install tee chmod chown
chgrp split sort sed patch xargs tar env""".split()
# Seen by hand: what getopt's messages cannot tell.
LETTERS_NOT_PROBED = {"tar": "?", "chmod": "rwxXstugoa,+=01234567"}
# Letters that the tool takes without meaning anything by them: refused.
REFUSED = {"sed": "V", "tar": "89"}
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


def main():
    if sys.argv[1:2] != ["--inside"]:
        enter_box()
    tools = sys.argv[2:] or TOOLS
    print(f"1..{len(tools)}")
    failed = 0
    for i, tool in enumerate(tools, 1):
        if not os.path.exists(f"/usr/bin/{tool}"):
            print(f"ok {i} - {tool} # SKIP not installed")
            continue
        bad = list(differences(tool))
        print(f"{'not ' if bad else ''}ok {i} - {tool}")
        for line in bad:
            print(f"# {line}")
        failed += bool(bad)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
