#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two commands that overlap, for the whole of forms.txt: each destructive form
with each of a few commands that reach over the same things, one after the
other and the other way round, undone first first and backwards.  The work area
before = after, and after undo of undo as it was in between.  Prints TAP, a
line a form.

usage: matrix.py [--sample N] [--part I/N] [--seconds TEXT] [TEXT]

  --sample N   every N-th combination (default: all)
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

# By rename, in place, as a new file, to another place, of a whole tree, by
# others that write to the same names.
OTHERS = [
    "rm -rf tree a.txt b.txt hard1 one sub",
    "truncate -c -s 7 a.txt b.txt hard1 hole one tree/one tree/sub/three tree2/one sub/three old.tar",
    "sed -i s/1/9/ a.txt b.txt tree/one tree2/one one",
    "mv tree away",
    "mv b.txt a.txt",
    "mv a.txt b.txt hard1 one tree2",
    "chmod -R go= .",
    "cp -r tree2/. tree",
    "find . -name 'o*' -delete",
    "rsync -a --delete tree2/ tree/",
]


def without_times(lines):
    """Folders made anew have their own times."""
    return [" ".join(w for i, w in enumerate(l.split(" ")) if not (w.isdigit() and len(w) > 15)) if " 0o40" in l else l for l in lines]


def without_group(line):
    """What is new may be another name of what was there."""
    name, rest = line.split(" ", 1)
    return name + " " + re.sub(r"""b(['"]).*?\1 (?=\d+)""", "", rest)


def each(w, form):
    """Its commands one by one: the entries, and whether one of them made
    something and has lost nothing: it has no entry, and what it made stays."""
    made, ids = False, []
    w.session()
    now = run.manifest(w.area)
    for command in re.split(r"(?<!\\); ", form):
        was = now
        w.run(command)
        now, had, ids = run.manifest(w.area), ids, w.entries()
        made |= ids == had and now != was
    return ids, made


def one(w, first, second, backwards):
    run.stage(w.area)
    before = run.manifest(w.area)
    ids, made = each(w, first)
    more, also = each(w, second)
    ids += more
    made |= also
    after = run.manifest(w.area)
    texts = [w.undo(i) for i in (sorted(ids, reverse=True) if backwards else ids)]
    now = run.manifest(w.area)
    if made:
        # ... where it is, and what belongs there lies beside
        there = {without_group(x) for l in without_times(now) for x in (l, l.replace(".automode-restored", ""))}
        now = [l for l in without_times(before) if without_group(l) not in there]
        before = []
    if not backwards and now != before:
        now, before = without_times(now), without_times(before)
    if now != before or made or not backwards:
        return None if now == before else " ".join(texts) + "\n" + run.difference(before, now)
    texts = w.undo_undone(texts)
    now = run.manifest(w.area)
    return None if now == after else "undo of undo: " + " ".join(texts) + "\n" + run.difference(after, now)


def main(w, args):
    n = 0
    for form in run.part(args, [command for what, command in run.forms() if what == "+"]):
        bad, seen = [], 0
        if args.word not in form:
            continue
        for other in [o for o in OTHERS if args.seconds in o]:
            for pair in ((form, other), (other, form)):
                for backwards in (False, True):
                    n += 1
                    if n * 2654435761 % (1 << 32) // 65536 % args.sample:
                        continue
                    seen += 1
                    why = run.tried(one, w, *pair, backwards)
                    if why:
                        bad.append(f"{pair[0]}; {pair[1]}: undone {'backwards' if backwards else 'first first'}: {why}")
        if seen:
            run.tap(not bad, f"{form}: {seen} pairs", "\n".join(bad), 400)


if __name__ == "__main__":
    run.suite(run.arguments(sample=1, seconds=""), main)
