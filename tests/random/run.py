#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines that chance puts together, in a repository that they change as
they come.  TAP on stdout; the same seed gives the same lines.

    run.py [--seed N] [--count N] [--keep] alike|undo

alike  the same line with plain git beside it: output, exit status and what is
       left are the same, and nothing is denied
undo   what was kept is taken back: all is as it was before
"""
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
from manifest import manifest  # noqa: E402
import commands  # noqa: E402

BIN = os.environ["AUTOMODE_BIN"]
REPOSITORY = r"""
git init -q p && cd p || exit 1
for i in 1 2 3 4 5; do
	mkdir -p d$i; echo f$i >f$i; echo g >d$i/g; printf 'l1\nl2\nl3\n%s\n' $i >d$i/m
	git add .; git commit -qm c$i; git tag t$i
done
git checkout -q -b topic HEAD~2; echo t >tfile; git add .; git commit -qm topic
git checkout -q -b feat/x; echo x >>f1; git commit -qam fx
git checkout -q main; printf 'ign/\n*.log\n' >.gitignore; git add .; git commit -qm ign
git clone -q --bare . ../r.git; git remote add origin ../r.git; git fetch -q
git branch -q -u origin/main; git branch -q merged HEAD~1
mkdir ign; echo i >ign/i; echo l >x.log; echo u >untr; echo s >>f2; git add f2; echo w >>f3
"""


class World:
    """Two homes, a with the plain tools, b with automode.  They come to one
    place by turns, since git writes paths into files."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="automode-random.")
        self.plain = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.top + "/home", "LANG": "C.UTF-8",
                      "XDG_RUNTIME_DIR": self.top + "/run", "AUTOMODE_STATE_DIR": self.top + "/state",
                      "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no",
                      "GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000",
                      "TERM": "dumb"}
        for name in ("AUTOMODE_SHARE", "ASAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.plain[name] = os.environ[name]
        os.mkdir(self.top + "/run", 0o700)
        os.mkdir(self.top + "/home")
        for key, value in (("user.name", "Ann"), ("user.email", "ann@example.com"),
                           ("init.defaultBranch", "main"), ("advice.detachedHead", "false")):
            self.run("git config --global %s %s" % (key, value), self.top)
        self.place, self.which = self.top + "/home/w", None
        self.fresh("a")
        self.fresh("b")
        self.agent = dict(self.plain)
        self.bring("b")
        code = self.run(BIN + " env", self.place + "/p").stdout.decode()
        for name, value in re.findall(r"^export (\w+)='(.*)'$", code, re.M):
            self.agent[name] = value

    def bring(self, which):
        if self.which != which:
            if self.which:
                os.rename(self.place, self.top + "/" + self.which)
            os.rename(self.top + "/" + which, self.place)
            self.which = which

    def run(self, line, cwd, env=None):
        return subprocess.run(["/bin/bash", "-c", line], cwd=cwd, env=env or self.plain, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def fresh(self, which):
        """As at the beginning."""
        if self.which:
            os.rename(self.place, self.top + "/" + self.which)
        self.which = which
        shutil.rmtree(self.top + "/" + which, ignore_errors=True)
        os.mkdir(self.place)
        self.run(REPOSITORY, self.place)

    def there(self, which, line):
        self.bring(which)
        return self.run(line, self.place + "/p", self.agent if which == "b" else None)

    def state(self, which):
        self.bring(which)
        return manifest(sorted(e.path for e in os.scandir(self.place) if e.is_dir()))

    def end(self, keep):
        self.run(BIN + " gateway --stop", self.top)
        if keep:
            print("# scratch folder:", self.top)
        else:
            shutil.rmtree(self.top, ignore_errors=True)


def compose(chance, grammar):
    """A line of the grammar; see commands.py."""
    line = chance.choice(grammar)

    def options(m):
        words = m[1].split("|")
        return " ".join(chance.sample(words, chance.randint(0, min(3, len(words)))))

    line = re.sub(r"\[([^]]*)\]", options, line)
    line = re.sub(r"(?<!:)\(([^()]*)\)(?!d\*)", lambda m: chance.choice(m[1].split("|")), line)
    line = re.sub(r"\{([rnpi])\}", lambda m: str({"r": lambda: chance.choice(commands.REVISIONS),
                                                  "n": lambda: chance.choice(commands.NAMES),
                                                  "p": lambda: chance.choice(commands.PATHS),
                                                  "i": lambda: chance.randint(1, 99)}[m[1]]()), line)
    return line.replace(" ! ", " | ")


def lines_of(text):
    return [line for line in text.strip().split("\n") if line]


def differences(a, b):
    found = [d for d in difflib.unified_diff(a, b, lineterm="", n=0) if not d.startswith(("---", "+++", "@@"))]
    return "\n".join(found[:12])


def alike(w, chance):
    line = compose(chance, lines_of(commands.EVERYDAY))
    a = w.there("a", line)
    before = w.state("a")
    b = w.there("b", line)
    now = w.state("b")
    said = b.stderr.decode(errors="replace")
    if "automode: denied" in said or a.returncode != b.returncode:
        return line, "status %d, not %d: %s" % (b.returncode, a.returncode, said)
    if a.stdout != b.stdout:
        return line, differences(a.stdout.decode(errors="replace").split("\n"),
                                 b.stdout.decode(errors="replace").split("\n"))
    return line, "" if before == now else differences(before, now)


def undo(w, chance):
    w.bring("b")
    for _ in range(chance.randint(0, 2)):
        w.run(compose(chance, lines_of(commands.WORK)), w.place + "/p")
    line = compose(chance, lines_of(commands.DESTRUCTIVE))
    before = w.state("b")
    said = w.there("b", line).stderr.decode(errors="replace")
    kept = said.count("automode: kept")
    if not kept:
        return line, ""
    answers = [w.there("b", BIN + " undo") for _ in range(kept)]
    now = w.state("b")
    if before == now:
        return line, ""
    return line, "\n".join([differences(before, now)] + [a.stdout.decode(errors="replace") for a in answers])


def main():
    args = sys.argv[1:]
    seed = int(args[args.index("--seed") + 1]) if "--seed" in args else random.randrange(1 << 30)
    count = int(args[args.index("--count") + 1]) if "--count" in args else 1000
    test = {"alike": alike, "undo": undo}[args[-1]]
    chance, w, bad = random.Random(seed), World(), 0
    print("# seed", seed)
    try:
        for i in range(1, count + 1):
            line, why = test(w, chance)
            print("%sok %d - %s" % ("not " if why else "", i, line.replace("#", "\\#")), flush=True)
            if why:
                bad += 1
                print("".join("# %s\n" % x for x in why.split("\n")), end="", flush=True)
                w.fresh("a")
                w.fresh("b")
        print("1..%d" % count)
    finally:
        w.end("--keep" in args)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
