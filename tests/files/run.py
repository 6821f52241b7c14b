#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The file suite: for every form of forms.txt the state of a work area
(bytes, modes, owners, times, links, extended attributes, holes) before = after
undo, after = after undo of undo, before = after that one's undo.  Prints TAP.

usage: run.py [--keep] [--plain] [--part I/N] [PATTERN]

  --plain  forms are run by the plain tools: do they do what the table says
AUTOMODE_BIN: the program (default: build/bin/automode); FILES_TMP: where the
world lies (default: /tmp), FILES_AREA: where the work areas lie (default: in
it; another file system for a vault beside it)
"""
import argparse
import hashlib
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.realpath(os.environ.get("AUTOMODE_BIN", ROOT + "/build/bin/automode"))
BUILD = os.path.dirname(os.path.dirname(BIN))
LIMIT = 60  # seconds for one command


def holes(path, size):
    """Where data begins and ends, in blocks of 4096: what a copy keeps."""
    out, at = [], 0
    fd = os.open(path, os.O_RDONLY)
    try:
        while at < size:
            try:
                data = os.lseek(fd, at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(fd, data, os.SEEK_HOLE)
            out.append(f"{data // 4096}-{-(-at // 4096)}")
    finally:
        os.close(fd)
    return ",".join(out)


def manifest(top):
    """One line a thing below top, sorted; hard links by their group."""
    lines, groups = [], {}
    names = [top]
    for folder, dirs, files in os.walk(top, onerror=lambda e: None):
        names += [os.path.join(folder, n) for n in dirs + files]
    for p in sorted(names):
        st = os.lstat(p)
        rel = os.fsencode(os.path.relpath(p, top))
        line = [repr(rel), oct(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns]
        if stat.S_ISREG(st.st_mode):
            mode = stat.S_IMODE(st.st_mode)
            if os.geteuid() and not mode & 0o400:
                os.chmod(p, mode | 0o400)
            with open(p, "rb") as f:
                line += [st.st_size, hashlib.sha1(f.read()).hexdigest()[:12], holes(p, st.st_size)]
            if os.geteuid() and not mode & 0o400:
                os.chmod(p, mode)
        if stat.S_ISLNK(st.st_mode):
            line.append(os.readlink(p))
        if not stat.S_ISDIR(st.st_mode):
            group = groups.setdefault(st.st_ino, rel)
            line += [repr(group), st.st_rdev]
        if not stat.S_ISLNK(st.st_mode):
            for n in sorted(os.listxattr(p, follow_symlinks=False)):
                line.append(n + "=" + os.getxattr(p, n, follow_symlinks=False).hex())
        lines.append(" ".join(str(x) for x in line))
    return lines


def write(path, data, mode=0o644):
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)


def stage(area):
    """The work area, always with the same times."""
    unlock(area)
    shutil.rmtree(area, ignore_errors=True)
    os.makedirs(area)
    j = lambda *a: os.path.join(area, *a)
    for d in ("tree/sub/deep", "tree2/sub", "empty", "empty2", "nest/in/side", "locked"):
        os.makedirs(j(d))
    numbers = "".join(f"{i}\n" for i in range(1, 30)).encode()
    for n, data in (("a.txt", numbers), ("b.txt", b"b\n1\n1\n"), ("zero", b""), ("tree/one", b"1\n"), ("tree/two", b"22\n"),
                    ("tree/sub/three", b"333\n"), ("tree/sub/deep/.four", b"4\n"), ("tree2/one", b"one\n"),
                    ("tree2/sub/three", b"t2\n"), ("tree2/five", b"5\n"), ("-rf", b"name\n"), ("new\nline", b"n\n"),
                    ("it's", b"i\n"), ("hard1", b"h\n" * 9), ("xattr", b"x\n"), ("acl", b"acl\n"), ("locked/in", b"l\n"),
                    ("tree/sub/script", b"#!/bin/sh\n"), ("tree/one~", b"older\n"), ("one~", b"older\n")):
        write(j(n), data)
    for raw in (b"caf\xc3\xa9", b"bad\xffname"):
        write(os.path.join(os.fsencode(area), raw), b"u\n")
    write(j("big"), os.urandom(65536) * 3)
    with open(j("hole"), "wb") as f:
        f.write(b"start")
        f.seek(1 << 20)
        f.write(b"middle")
        f.truncate(3 << 20)
    os.link(j("hard1"), j("hard2"))
    os.link(j("hard1"), j("tree/hard"))
    os.symlink("a.txt", j("link"))
    os.symlink("nowhere", j("dangling"))
    os.symlink("../tree2", j("tree/dirlink"))
    os.mkfifo(j("fifo"))
    os.mkfifo(j("tree/sub/fifo"))
    s = socket.socket(socket.AF_UNIX)
    os.chdir(area)
    s.bind("socket")
    s.close()
    try:
        os.setxattr(j("xattr"), "user.note", b"kept\0too")
        subprocess.run(["setfacl", "-m", "u:1234:rw", j("acl")], check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pass
    write(j("a.patch"), b"--- a.txt\n+++ a.txt\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n")
    subprocess.run("cd tree2 && /usr/bin/tar cf ../old.tar one sub && /usr/bin/zip -qr ../old.zip one sub 2>/dev/null;"
                   "cd .. && /bin/cp tree2/one one && mkdir sub && /bin/cp tree/one sub/three", shell=True, cwd=area)
    os.chmod(j("secret") if os.path.exists(j("secret")) else j("zero"), 0o640)
    write(j("secret"), b"s\n", 0o000)
    os.chmod(j("tree/sub/script"), 0o755)
    os.chmod(j("tree/two"), 0o444)
    os.chmod(j("tree/sub/deep"), 0o750)
    os.chmod(j("locked"), 0o500)
    for folder, dirs, files in os.walk(area, topdown=False):
        for n in files + dirs:
            os.utime(os.path.join(folder, n), ns=(10**18, 1400000000123456789 + len(n) * 10**9), follow_symlinks=False)
    os.utime(area, ns=(10**18, 1400000000987654321))


def unlock(area):
    subprocess.run(["/bin/chmod", "-R", "u+rwX", area], stderr=subprocess.DEVNULL)


class World:
    def __init__(self, plain=False):
        self.plain = plain
        self.top = tempfile.mkdtemp(prefix="files-", dir=os.environ.get("FILES_TMP", "/tmp"))
        self.home = self.top + "/home"
        self.area = os.environ.get("FILES_AREA", self.home + "/ws") + ("/area" if "FILES_AREA" in os.environ else "")
        for d in (self.home, self.top + "/run", self.top + "/state"):
            os.makedirs(d, 0o700)
        self.env = {"HOME": self.home, "XDG_RUNTIME_DIR": self.top + "/run", "AUTOMODE_STATE_DIR": self.top + "/state",
                    "AUTOMODE_SHARE": BUILD + "/share/automode", "LC_ALL": "C", "TZ": "UTC", "PATH": os.environ["PATH"]}
        self.sessions = 0

    def session(self):
        """What was made before it is nobody's scratch."""
        self.sessions += 1
        time.sleep(0.03)
        out = subprocess.run([BIN, "env", "--session", f"files-{self.sessions}"], env=self.env, cwd=self.area,
                             stdout=subprocess.PIPE, text=True, check=True).stdout
        for m in re.finditer(r"(AUTOMODE_[A-Z_]+)='?([^';\n]*)'?", out):
            self.env[m.group(1)] = m.group(2)
        self.env["PATH"] = BUILD + "/lib/automode/shims:" + os.environ["PATH"]

    def run(self, command, **kw):
        env = dict(self.env)
        if self.plain:
            env["PATH"] = os.environ["PATH"]
        return subprocess.run(["/bin/bash", "-c", command], env=env, cwd=self.area, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=kw.pop("stdin", subprocess.DEVNULL), timeout=LIMIT, **kw)

    def undo(self, *ids):
        """The text, or raises."""
        r = subprocess.run([BIN, "undo", *map(str, ids)], env=self.env, cwd=self.area, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=LIMIT)
        text = r.stdout.decode(errors="replace")
        if r.returncode:
            raise RuntimeError(text.strip())
        return text

    def undo_undone(self, texts):
        """Takes those undos back, the last one first."""
        return [self.undo(m.group(1)) for t in reversed(texts) for m in re.finditer(r"automode undo (\d+)", t)]

    def entries(self):
        import json
        r = subprocess.run([BIN, "undo", "--list", "--json"], env=self.env, cwd=self.area, stdout=subprocess.PIPE)
        mine = [e for e in json.loads(r.stdout or b"[]") if e["session"] == self.env["AUTOMODE_SESSION"]]
        return [e["id"] for e in mine if e["state"] in ("kept", "open") and not e["command"].startswith("undo of")]

    def end(self, keep):
        subprocess.run([BIN, "gateway", "--stop"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if keep:
            print("# scratch folder:", self.top)
        else:
            unlock(self.top)
            shutil.rmtree(self.top, ignore_errors=True)
            if "FILES_AREA" in os.environ:
                unlock(self.area)
                shutil.rmtree(self.area, ignore_errors=True)
                try:
                    os.rmdir(os.environ["FILES_AREA"])
                except OSError:
                    pass


def difference(a, b):
    return "\n".join(["# - " + l for l in a if l not in b][:6] + ["# + " + l for l in b if l not in a][:6])


count = bad = 0


def tap(good, name, why="", lines=16):
    global count, bad
    count += 1
    bad += not good
    print("ok" if good else "not ok", count, "-", name.replace("\n", "\\n"))
    if not good:
        print("\n".join(l if l.startswith("#") else "# " + l for l in str(why).split("\n")[:lines]))
    sys.stdout.flush()


def tried(f, *args):
    """What f says is wrong, or what went wrong within it."""
    try:
        return f(*args)
    except (RuntimeError, subprocess.SubprocessError, OSError, AttributeError, ValueError) as x:
        return f"{type(x).__name__}: {x}"


def arguments(*flags, **values):
    """One word, and options: those that every suite has, and its own."""
    p = argparse.ArgumentParser()
    p.add_argument("word", nargs="?", default="")
    for name in ("keep", *flags):
        p.add_argument("--" + name, action="store_true")
    for name, value in {"part": "1/1", **values}.items():
        p.add_argument("--" + name, type=type(value), default=value)
    return p.parse_args()


def part(args, items):
    i, n = map(int, args.part.split("/"))
    return items[i - 1::n]


def suite(args, main):
    """main(world, args) in a world of its own; then how many, and whether."""
    w = World()
    try:
        main(w, args)
    finally:
        os.chdir("/")
        w.end(args.keep)
    print(f"1..{count}")
    sys.exit(bad > 0)


def forms():
    """What, and the command: of forms.txt."""
    out = []
    with open(HERE + "/forms.txt", encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if re.match(r"[-+!] \| ", line):
                out.append([line[0], line[4:]])
            elif out and line and not line.startswith("#"):
                out[-1][1] += "\n" + line
    return out


def one(w, what, command):
    stage(w.area)
    if not w.plain:
        w.session()
    before = manifest(w.area)
    r = w.run(command)
    after = manifest(w.area)
    if what == "!" and not w.plain:
        return None if r.returncode == 126 and before == after else f"not denied: {r.returncode}"
    if b"automode: denied" in r.stderr or r.returncode == 125:
        return "denied: " + r.stderr.decode(errors="replace")[:300]
    if what == "-":
        gone = {l.split(" ", 1)[0] for l in before} - {l.split(" ", 1)[0] for l in after}
        return f"something went: {gone}" if gone else None
    if w.plain:
        return "nothing is changed by it" if before == after else None
    if before == after:
        return "nothing was changed: " + r.stderr.decode(errors="replace")[:300]
    ids = w.entries()
    if not ids:
        return "nothing was kept: " + r.stderr.decode(errors="replace")[:300] + difference(before, after)
    texts = [w.undo(i) for i in ids]
    now = manifest(w.area)
    if now != before:
        return "undo: " + " ".join(texts) + "\n" + difference(before, now)
    texts = w.undo_undone(texts)
    now = manifest(w.area)
    if now != after:
        return "undo of undo: " + " ".join(texts) + "\n" + difference(after, now)
    w.undo_undone(texts)
    now = manifest(w.area)
    if now != before:
        return "the third undo\n" + difference(before, now)
    return None


def main(w, args):
    w.plain = args.plain
    for what, command in part(args, [f for f in forms() if args.word in f[1]]):
        bad = tried(one, w, what, command)
        tap(not bad, command.replace("#", "\\#"), bad, 99)


if __name__ == "__main__":
    suite(arguments("plain"), main)
