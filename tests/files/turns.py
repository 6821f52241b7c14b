#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands that change the same things, undone and done again in any order:
what is there depends on which of them stand, and on nothing else.  Pairs of
again.py in some orders of four turns, and two or three commands drawn from
many, in up to eight.  Prints TAP.

usage: turns.py [--seed N] [--count N] [--orders N] [PATTERN]

  --seed N    another draw (default: 1)
  --count N   so many draws (default: 40)
  --orders N  every N-th order of the pairs (default: 7; 1: all)
"""
import itertools
import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import again  # noqa: E402
import matrix  # noqa: E402
import run  # noqa: E402

MADE = "printf '%s\\n' '--- one' '+++ one' '@@ -1 +1 @@' -one +two | patch -s -b -Y fresh/in/ -p0"
PAIRS = again.OVERLAP + [
    # what the later one took had been made by the earlier one
    *((MADE, c) for c in ("rm fresh/in/one", "rm -r fresh/in", "truncate -s 1 fresh/in/one", "mv fresh/in in")),
    ("chmod 700 tree; rm -r tree/sub", "rsync -a --remove-source-files tree2/ tree/"),
    ("mv -b one a.txt", "mv a.txt one"),
    ("rsync -a --backup --delete tree2/ tree/", "chmod 0 one a.txt hard1"),
    ("cp b.txt a.txt; cp b.txt a.txt", "mv b.txt a.txt"),
    ("chmod -R go= .", "ln -f a.txt hard1"),
    # folders that are made on the way, or anew; a removal of our own
    ("mv tree empty/", "mv tree2 empty/tree/sub/"),
    ("mv tree tree2/", "mv a.txt tree2/tree/sub/deep/; rm -rf tree2/tree/sub"),
    ("mv tree t; mv tree2 tree; mv t tree2", "rm -rf tree"),
    ("mv tree tree2/", "rm -rf tree2 locked"),
]
MORE = [
    "rm -r tree/sub", "mv tree2 tree/sub/", "cp -a tree tree2/", "ln -sf b.txt a.txt", "ln -f b.txt hard1", "install -m 700 a.txt one",
    "tar xf old.tar -C tree", "tar xf old.tar", "unzip -qo old.zip", "sed -i.bak s/1/2/ a.txt b.txt one", "split -b 20 a.txt one",
    "dd if=b.txt of=a.txt status=none", "find tree -type f -delete", "rmdir empty empty2; mv tree empty", "mv one tree/one",
    "cp one hard1", "shred -u one", "truncate -s 0 hard2", "chmod 500 tree/sub", "chmod -R u+w tree", "cp --remove-destination a.txt hard2",
    "mv hard1 tree", "rm -rf tree2", "mv tree2 empty/", "patch -s a.txt a.patch", "sort -r -o a.txt a.txt", "tee a.txt one </dev/null",
    "cp -r tree/. tree2", "mv -T tree2 empty", "rm -f tree/one hard1 link",
]
POOL = sorted({c for pair in PAIRS for c in pair} | set(matrix.OTHERS) | set(MORE))
NAMES = "ABC"


def state(w):
    """Folders made anew have their own times."""
    return again.without_times(run.manifest(w.area))


def turned(w, newest):
    said = [w.undo(i) for i in sorted(newest, reverse=True)]
    return said, [int(n) for t in said for n in re.findall(r"automode undo (\d+)", t)]


def walk(w, commands, turns):
    """Each turn takes the newest entries of one of them back: the command is
    undone, done again, undone."""
    run.stage(w.area)
    w.session()
    stands, newest, texts = frozenset(range(len(commands))), [], []
    seen = {frozenset(): state(w)}
    for c in commands:
        w.session()
        was = state(w)
        w.run(c)
        newest.append(w.entries())
        if not newest[-1] and was != state(w):
            return None  # it made something, and has lost nothing
    seen[stands] = state(w)
    for t in turns:
        said, newest[t] = turned(w, newest[t])
        texts += [NAMES[t] + ":"] + said
        stands ^= {t}
        now = state(w)
        want = seen.setdefault(stands, now)
        if now != want:
            return " ".join(texts) + "\n" + run.difference(want, now)
    return None


def main(w, args):
    def one(commands, turns):
        name = "; ".join(f"{c} ({n})" for c, n in zip(commands, NAMES)) + ": in turns " + "".join(NAMES[t] for t in turns)
        if args.word in name:
            bad = run.tried(walk, w, commands, turns)
            run.tap(not bad, name, bad, 99)

    n = 0
    for pair in PAIRS:
        for turns in itertools.product((0, 1), repeat=4):
            n += len(set(turns)) > 1
            if len(set(turns)) > 1 and n % args.orders == 0:
                one(pair, turns)
    for i in range(args.count):
        draw = random.Random(args.seed * 100000 + i)
        commands = [draw.choice(POOL) for _ in range(draw.choice((2, 3)))]
        one(commands, [draw.randrange(len(commands)) for _ in range(draw.randrange(2, 9))])


if __name__ == "__main__":
    run.suite(run.arguments(seed=1, count=40, orders=7), main)
