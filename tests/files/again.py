#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names that are taken again before the undo, and commands that overlap: what
was kept is at its place afterwards, what is only in the present stays, and
undo of undo brings the present back to the byte.  Prints TAP.

usage: again.py [PATTERN]
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

# what automode sees | what happens to the place afterwards (plain tools) |
# things that are only in the present and stay
TAKEN = [
    ("rm -rf tree", "mkdir tree; echo newer >tree/new", ["tree/new"]),
    ("rm -rf tree", "mkdir -p tree/sub/deep; echo newer >tree/sub/deep/.four; echo x >tree/sub/x", ["tree/sub/x"]),
    ("rm -rf tree", "mkdir tree; echo newer >tree/one", []),
    ("rm -rf tree", "mkdir tree", []),
    ("rm -rf tree", "cp -r tree2 tree", ["tree/five"]),
    ("rm -rf tree", "echo file >tree", []),
    ("rm -rf tree", "ln -s tree2 tree", []),
    ("rm -rf tree", "mkdir tree; echo x >tree/sub; mkdir tree/one; echo x >tree/one/x", ["tree/one/x"]),
    ("rm -rf tree", "mkdir tree; echo x >$'tree/new\\nline'; ln a.txt tree/one; mkdir -m 500 tree/sub", ["tree/new\nline"]),
    ("rm -rf tree tree2", "mkdir tree tree2; echo x >tree/x; echo y >tree2/y", ["tree/x", "tree2/y"]),
    ("rm -rf tree/sub", "mkdir tree/sub; echo x >tree/sub/x", ["tree/sub/x"]),
    ("rm a.txt", "echo newer >a.txt", []),
    ("rm a.txt", "ln -s b.txt a.txt", []),
    ("rm a.txt", "mkdir a.txt; echo x >a.txt/x", ["a.txt/x"]),
    ("rm hard1 hard2", "echo newer >hard1", []),
    ("truncate -s 0 a.txt", "echo more >>a.txt", []),
    ("sed -i s/1/2/ a.txt", "cp b.txt x; mv x a.txt", []),
    ("sed -i s/1/2/ a.txt", "rm a.txt", []),
    ("truncate -s 3 hard1", "echo more >>hard2", []),
    ("tee b.txt </dev/null", "rm b.txt; mkfifo b.txt", []),
    ("mv a.txt b.txt", "echo newer >a.txt", []),
    ("tar xf old.tar", "echo newer >one; echo newer >sub/three", []),
    ("rsync -a --delete empty/ tree/", "mkdir tree/sub; echo x >tree/sub/x", ["tree/sub/x"]),
    ("cp -r tree/. tree2", "echo newer >tree2/one", []),
    ("find tree -delete", "mkdir tree; echo x >tree/one; echo y >tree/y", ["tree/y"]),
    # what was kept lives on under the name of its backup, and is written to
    ("sed -i.bak s/1/2/ b.txt", "echo more >>b.txt.bak", ["b.txt.bak"]),
    ("sed -i'tree/*' s/o/0/ one", "echo more >>tree/one", []),
    ("sed -i.bak s/h/x/ hard1 hard2 tree/hard", "echo more >>hard1.bak", ["tree/hard.bak"]),
    ("cp -b a.txt b.txt", "echo more >>b.txt~", ["b.txt~"]),
    ("mv -b a.txt b.txt", "echo more >>b.txt~", ["b.txt~"]),
    ("install -b a.txt b.txt", "echo more >>b.txt~", ["b.txt~"]),
    ("ln -fb a.txt b.txt", "echo more >>b.txt~", ["b.txt~"]),
    ("patch -s -b a.txt a.patch", "echo more >>a.txt.orig", ["a.txt.orig"]),
    ("rsync -ab tree2/ tree/", "echo more >>tree/sub/three~", ["tree/sub/three~"]),
    ("rsync -a --backup-dir=../empty tree2/ tree/", "echo more >>empty/one", ["empty/one"]),
    ("tar xf old.tar --backup", "echo more >>sub/three~", ["sub/three~"]),
    ("unzip -qoB old.zip", "echo more >>sub/three~", ["sub/three~"]),
    ("busybox sed -i.bak s/1/2/ b.txt", "echo more >>b.txt.bak", ["b.txt.bak"]),
]

OVERLAP = [
    ("truncate -s 3 b.txt", "echo two | tee b.txt"),
    ("sed -i s/1/2/ a.txt", "sed -i s/2/3/ a.txt"),
    ("mv a.txt new", "sed -i s/1/2/ new"),
    ("truncate -s 5 a.txt", "mv a.txt new"),
    ("truncate -s 5 hard1", "mv hard1 new"),
    ("rm tree/one", "mv tree/two tree/one"),
    ("chmod -R go= tree", "mv tree other"),
    ("rm -rf tree", "mv tree2 tree"),
    ("sed -i s/1/9/ tree/one", "find tree -delete"),
    ("cp -P link b.txt", "truncate -s 7 a.txt b.txt"),
    ("truncate -s 7 hard1", "cp -a b.txt hard1"),
    ("cp -P link b.txt", "mv b.txt tree2"),
    ("mv b.txt a.txt", "echo new | tee a.txt b.txt"),
    ("chmod 600 a.txt", "chmod 700 a.txt"),
    ("chmod 600 a.txt", "sed -i s/1/2/ a.txt"),
    ("chmod 600 a.txt", "rm a.txt"),
    ("cp b.txt a.txt", "rm a.txt"),
    ("cp big hole", "truncate -s 9 hole"),
    ("sort -o b.txt b.txt", "cp --remove-destination a.txt b.txt"),
    ("chmod 600 a.txt", "truncate -s 0 a.txt"),
    ("truncate -s 0 a.txt", "chmod 600 a.txt"),
    ("truncate -s 5 hard1", "truncate -s 2 hard2"),
    ("rm tree/one", "rm -rf tree"),
    ("rm -rf tree/sub", "mv tree other"),
    ("rm -rf tree", "rsync -a --remove-source-files tree2/ tree/"),
    ("rm -rf tree/sub", "rsync -a --remove-source-files tree2/ tree/sub/"),
    ("chmod -R go= tree", "rm -rf tree"),
    ("chmod -R go= tree", "rm -rfv tree"),
    ("chmod 750 tree", "rm -rf tree"),
    ("chmod -R go= tree", "tar xf old.tar -C tree"),
    ("chmod -R go= tree", "rsync -a --delete tree2/ tree/"),
    ("sed -i s/1/2/ tree/one", "rm -rf tree"),
    ("truncate -s 0 tree/sub/three", "rm -rf tree"),
    ("chmod -R go= .", "ln -f a.txt hard1"),
    ("chmod -R 0 tree", "truncate -s 7 hard1"),
    ("chmod -R 0 tree", "rm -rf tree hard1"),
    ("truncate -s 0 tree/sub/deep/.four", "rsync -a --delete tree2/ tree/"),
    ("mv b.txt a.txt", "sed -i 's/1/2/w b.txt' a.txt"),
    ("sed -i s/1/9/ a.txt; sed -i s/b/c/ b.txt", "mv b.txt a.txt"),
    ("sed -i s/1/2/ a.txt", "mv a.txt zero; mv secret zero"),
    ("truncate -s 7 a.txt", "mv a.txt zero; mv secret zero"),
    ("mv b.txt a.txt", "mv a.txt zero; mv secret zero"),
    ("chmod 600 a.txt", "mv a.txt zero; mv secret zero"),
    ("sed -i s/1/2/ a.txt; sed -i s/2/3/ a.txt", "mv b.txt a.txt"),
    ("cp b.txt a.txt; cp b.txt a.txt; cp b.txt a.txt", "mv b.txt a.txt"),
    ("cp tree2/one tree/one", "rsync -a --existing --size-only tree2/ tree/"),
    ("chmod u+w locked; mv a.txt locked/in", "rm -rf locked"),
    ("chmod 700 locked; mv locked/in tree", "mv locked tree/"),
    ("rm a.txt; mv tree a.txt", "rm -rf a.txt/sub; mv b.txt a.txt/sub"),
]


def without_times(lines):
    return ["".join(l.rsplit(" ", 1)[:1 if " 0o40" in l else 2]) for l in lines]


def undo_of(text):
    return re.search(r"automode undo (\d+)", text).group(1)


def names(lines):
    return {l.split(" 0o", 1)[0]: l for l in lines}


def taken(w, command, then, only):
    run.stage(w.area)
    w.session()
    before = run.manifest(w.area)
    r = w.run(command)
    ids = w.entries()
    if r.returncode == 126 or not ids:
        return "nothing kept: " + r.stderr.decode()
    r = subprocess.run(["/bin/bash", "-c", then], cwd=w.area, stderr=subprocess.PIPE)
    present = run.manifest(w.area)
    bytes_of = {n: open(os.path.join(w.area, n), "rb").read() for n in only}
    texts = [w.undo(i) for i in ids]
    now = names(run.manifest(w.area))
    bad = []
    for n, line in names(before).items():
        kind = line.split(" 0o", 1)[1][:2]
        beside = n[:-1] + ".automode-restored" + n[-1]
        if n not in now:
            bad.append("gone: " + line)
        elif kind == "40":
            if now[n].split()[1:4] != line.split()[1:4]:
                bad.append(f"{line} is {now[n]}")
        elif now[n] != line and beside not in now:
            bad.append(f"{line} is {now[n]}")
    for n, data in bytes_of.items():
        if not os.path.exists(os.path.join(w.area, n)) or open(os.path.join(w.area, n), "rb").read() != data:
            bad.append("only in the present, and lost: " + n)
    if bad:
        return "\n".join(texts + bad)
    first = run.manifest(w.area)
    texts = [w.undo(undo_of(t)) for t in reversed(texts)]
    now = run.manifest(w.area)
    if now != present:
        return "undo of undo: " + " ".join(texts) + "\n" + run.difference(present, now)
    texts = [w.undo(undo_of(t)) for t in reversed(texts)]
    now = run.manifest(w.area)
    return None if now == first else "third undo: " + " ".join(texts) + "\n" + run.difference(first, now)


def overlap(w, one, two, order):
    run.stage(w.area)
    w.session()
    before = run.manifest(w.area)
    w.run(one)
    ids = w.entries()
    w.session()
    w.run(two)
    after = run.manifest(w.area)
    ids += w.entries()
    if len(ids) < 2:
        return f"kept: {ids}"
    texts = [w.undo(i) for i in (ids if order == 0 else sorted(ids, reverse=True))]
    now = run.manifest(w.area)
    if order == 0:  # folders made anew have their own times
        now, before, after = (without_times(m) for m in (now, before, after))
    if now != before:
        return " ".join(texts) + "\n" + run.difference(before, now)
    texts += ["Undo of undo:"] + w.undo_undone(texts)
    now = run.manifest(w.area)
    if order == 0:
        now = without_times(now)
    return None if now == after else " ".join(texts) + "\n" + run.difference(after, now)


def at_once(w, one, two):
    """Each undone by two at the same time: one of them has nothing to do."""
    run.stage(w.area)
    w.session()
    before = without_times(run.manifest(w.area))
    w.run(f"{one}; {two}")
    after = without_times(run.manifest(w.area))
    said = w.run(" & ".join(f"{run.BIN} undo {i}" for i in w.entries() * 2) + " & wait").stdout.decode()
    now = without_times(run.manifest(w.area))
    if now != before:
        return said + run.difference(before, now)
    ids = sorted((int(n) for n in re.findall(r"automode undo (\d+)", said)), reverse=True)
    said += "".join(w.undo(i) for i in ids)
    now = without_times(run.manifest(w.area))
    return None if now == after and len(ids) == 2 else said + run.difference(after, now)


def checkout(w):
    """A folder with uncommitted work, removed and checked out again."""
    run.stage(w.area)
    w.session()
    git = "/usr/bin/git -c user.name=A -c user.email=a@example.com "
    subprocess.run(["/bin/bash", "-c", f"{git} init -q; mkdir src; echo 1 >src/util; echo 1 >src/other; {git} add src; {git} commit -qm 1;"
                    "echo 2 >>src/util; echo new >src/untracked"], cwd=w.area, check=True)
    w.session()
    before = run.manifest(w.area + "/src")
    r = w.run("rm -rf src && git checkout -q -- src")
    present = run.manifest(w.area + "/src")
    if r.returncode:
        return r.stderr.decode()
    r = subprocess.run([run.BIN, "undo"], env=w.env, cwd=w.area, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    now = run.manifest(w.area + "/src")
    if now != before:
        return r.stdout + run.difference(before, now)
    text = w.undo(undo_of(r.stdout))
    now = run.manifest(w.area + "/src")
    return None if now == present else text + run.difference(present, now)


def replaced(w, tracked):
    """An old file with a new inode, below a temporary folder: not scratch."""
    run.stage(w.area)
    if tracked:
        subprocess.run(["/bin/bash", "-c", "/usr/bin/git init -q; /usr/bin/git add a.txt tree/one"], cwd=w.area, check=True)
    w.session()
    subprocess.run(["/bin/sed", "-i", "s/1/9/", "a.txt", "tree/one"], cwd=w.area, check=True)
    before = run.manifest(w.area)
    w.run("rm a.txt; truncate -s 0 tree/one")
    for i in w.entries():
        w.undo(i)
    now = run.manifest(w.area)
    return None if now == before else run.difference(before, now)


def many(w, command):
    """Thousands of operands, and names that differ in their case alone."""
    run.stage(w.area)
    os.mkdir(w.area + "/many")
    for i in range(3000):
        run.write(f"{w.area}/many/{'fF'[i % 2]}{i // 2}", b"%d\n" % i)
    w.session()
    before = run.manifest(w.area)
    r = w.run(command)
    after = run.manifest(w.area)
    if r.returncode or before == after:
        return r.stderr.decode()
    texts = [w.undo(i) for i in w.entries()]
    now = run.manifest(w.area)
    return None if now == before else " ".join(texts) + run.difference(before, now)


def clean(w, command):
    """What git removes comes back as it was, too.  Times of the folder around
    all are not of that."""
    run.stage(w.area)
    subprocess.run(["/bin/bash", "-c", "/usr/bin/git init -q; echo 'tree/' >.git/info/exclude; rm -f socket; chmod 755 locked; setfacl -m u:77:rx tree2;"
                    "truncate -s 3M tree/sub/hole; ln big tree/big; touch -d @1500000000 tree tree/sub tree2"], cwd=w.area, check=True)
    w.session()
    keep = lambda: [l for l in run.manifest(w.area) if ".git" not in l and not l.startswith("b'.'")]
    before = keep()
    r = w.run(command)
    after = keep()
    if r.returncode or before == after:
        return r.stderr.decode()
    texts = [w.undo(i) for i in w.entries()]
    now = keep()
    return None if now == before else " ".join(texts) + run.difference(before, now)


def main(w, args):
    def one(name, f, *more):
        if args.word in name:
            bad = run.tried(f, w, *more)
            run.tap(not bad, name.replace("#", "\\#"), bad)

    for t in TAKEN:
        one(f"{t[0]}, then: {t[1]}", taken, *t)
    one("rm -rf src && git checkout", checkout)
    one("undone by two at once", at_once, "truncate -s 0 a.txt b.txt", "mv b.txt a.txt")
    for line in ("rm many/*", "chmod 600 many/*", "mv many/F* tree", "truncate -s 1 many/*", "sed -i s/1/2/ many/*"):
        one(line, many, line)
    for line in ("git clean -fdxq", "git clean -fdXq", "git clean -fdq tree2 big"):
        one(line, clean, line)
    one("a new inode of an old file", replaced, False)
    one("a new inode of a tracked file", replaced, True)
    for a, b in OVERLAP:
        for order in (0, 1):
            one(f"{a}; {b}: undone {'first first' if order == 0 else 'backwards'}", overlap, a, b, order)


if __name__ == "__main__":
    run.suite(run.arguments(), main)
