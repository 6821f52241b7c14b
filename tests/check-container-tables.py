#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command and flag that the installed docker and podman tell of is in
the tables of gateway/tools/, with or without a value as they have it.  TAP.
"""
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FLAG = re.compile(r"^\s+(?:-(\w), )?\s*--([a-z0-9-]+)(?: (\S+))?(?:\s{2,}|$)")
# printed for all of them, or read by the program's own rules
COMMON = {"help"}


def table(name):
    rows = {}
    path = os.path.join(HERE, "..", "gateway", "tools", name + "_table.c")
    with open(path, encoding="utf-8") as f:
        for m in re.finditer(
            r'^\{\{"([^"]*)", (?:NULL|"[^"]*"), (?:NULL|"([^"]*)")', f.read(), re.M
        ):
            flags = {}
            for word in (m[2] or "").split():
                word = word.lstrip("^")
                long = re.match(r"[^|=?]*", word)[0]
                letter = re.search(r"\|(\w)", word)
                flags[long] = (letter[1] if letter else None, word.endswith("="))
            rows[m[1]] = flags
    return rows


def told(program, words, home):
    env = {"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    r = subprocess.run(
        [program, *words, "--help"],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    flags, commands, section = {}, [], ""
    for line in (r.stdout or r.stderr).split("\n"):
        if re.match(r"^\S", line):
            section = line
        elif m := FLAG.match(line):
            flags[m[2]] = (m[1], m[3] is not None)
        elif "ommands" in section and (
            m := re.match(r"^\s+([a-z][a-z0-9-]*)\*?\s{2,}", line)
        ):
            commands.append(m[1])
    return flags, [c for c in commands if c != "help"]


def compare(program, words, rows, home, missing):
    flags, commands = told(program, words, home)
    path = " ".join(words)
    if path not in rows:
        missing.append(path)
        return 0
    for name, (letter, value) in flags.items():
        if name in COMMON:
            continue
        mine = rows[path].get(name)
        if mine is None or mine[1] != value or (letter and mine[0] != letter):
            missing.append(f"{path} --{name} {letter} {value}: {mine}")
    n = 1
    for c in commands:
        n += compare(program, words + [c], rows, home, missing)
    return n


def main():
    number = 0
    with tempfile.TemporaryDirectory() as home:
        for name in ("docker", "podman"):
            number += 1
            program = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
            if not program:
                print(f"ok {number} - {name} # skip not installed")
                continue
            missing = []
            n = compare(program, [], table(name), home, missing)
            for line in missing:
                print("#", line)
            print(f"{'not ' if missing else ''}ok {number} - {name}, {n} commands")
    print(f"1..{number}")


main()
