#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What must not happen to files: races, mounts, full disks, killed gateways,
and commands that would reach too far (those are only asked about, never run).
Prints TAP.

usage: attacks.py [TRIES]	(of the race; default 300)
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

count = 0


def tap(good, name, why=""):
    global count
    count += 1
    print("ok" if good else "not ok", count, "-", name)
    if not good:
        print("\n".join("# " + l for l in str(why).split("\n")[:12]))
    sys.stdout.flush()


def verdict(w, *argv):
    r = subprocess.run([run.BIN, "check", "--json", "--", *argv], env=w.env, cwd=w.area, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    try:
        return json.loads(r.stdout)["verdict"]
    except (ValueError, KeyError):
        return "error " + r.stderr.decode()


def asked(w):
    """Never run: what these would do, and what is said to it."""
    run.stage(w.area)
    run.write(w.home + "/.bashrc", b"# mine\n")
    w.session()
    for argv in (["rm", "-rf", "/"], ["rm", "-rf", "--no-preserve-root", "/"], ["rm", "-rf", "/usr", "/etc", "/var"], ["find", "/", "-delete"],
                 ["tar", "-xf", "old.tar", "--overwrite", "-C", "/"], ["dd", "if=a.txt", "of=/dev/sda"], ["chmod", "-R", "000", w.home],
                 ["rm", "-rf", w.home], ["mv", w.home, "/tmp/x"], ["cp", "a.txt", "/etc/passwd"],
                 ["tee", w.home + "/.ssh/authorized_keys"], ["tee", w.home + "/.bashrc"], ["truncate", "-s", "0", "/etc/fstab"],
                 ["ln", "-sf", "a.txt", "/usr/bin/python3"]):
        v = verdict(w, *argv)
        tap(v in ("deny", "ask"), "not allowed: " + " ".join(argv).replace(w.home, "~"), v)


def race(w, tries):
    """A process swaps the operand for a link to what is not ours to touch."""
    run.stage(w.area)
    outside = w.home + "/.ssh"
    os.makedirs(outside, exist_ok=True)
    with open(outside + "/precious", "w") as f:
        f.write("precious\n")
    before = run.manifest(outside)[1:]
    w.session()
    stop = []

    def swap():
        a, b, x = (w.area + "/" + n for n in ("swap", "real", "swap.new"))
        os.makedirs(b, exist_ok=True)
        while not stop:
            try:
                if os.path.lexists(x):
                    os.unlink(x)
                os.symlink(outside, x)
                os.rename(x, a)
                time.sleep(0.001)
                os.unlink(a)
                os.makedirs(a)
                with open(a + "/precious", "w") as f:
                    f.write("mine\n")
                time.sleep(0.001)
                os.unlink(a + "/precious")
                os.rmdir(a)
            except OSError:
                subprocess.run(["/bin/rm", "-rf", a, x])

    t = threading.Thread(target=swap)
    t.start()
    try:
        for _ in range(tries // 3):
            w.run("rm -rf swap; rm -f swap/precious; truncate -s 0 -c swap/precious; true")
    finally:
        stop.append(1)
        t.join()
    after = run.manifest(outside)[1:]
    tap(before == after, f"a racing link, {tries} tries: nothing outside is touched", run.difference(before, after))


def moved_then_removed(w):
    run.stage(w.area)
    w.session()
    before = run.manifest(w.area)
    w.run("mv a.txt tree/; rm -rf tree")
    for i in w.entries():
        w.undo(i)
    tap(run.manifest(w.area) == before, "mv into a folder, then rm of the folder: both come back",
        run.difference(before, run.manifest(w.area)))


def overlapping(w):
    for order in (0, 1):
        for one, two in (("chmod 600 a.txt", "chmod 700 a.txt"), ("rm a.txt", "rm b.txt"), ("rm -rf tree/sub", "rm tree/one"),
                         ("truncate -s 0 b.txt", "rm a.txt"), ("rm -rf tree", "mv a.txt b.txt")):
            run.stage(w.area)
            w.session()
            before = run.manifest(w.area)
            w.run(one)
            w.run(two)
            ids = w.entries()
            for i in ids if order == 0 else reversed(ids):
                w.undo(i)
            now = run.manifest(w.area)
            tap(now == before, f"{one}; {two}: undone {'backwards' if order == 0 else 'first first'}", run.difference(before, now))


def present(w):
    run.stage(w.area)
    w.session()
    w.run("rm -rf tree a.txt")
    os.makedirs(w.area + "/tree")
    with open(w.area + "/tree/new", "w") as f:
        f.write("newer\n")
    text = w.undo(w.entries()[0])
    good = (os.path.exists(w.area + "/tree/new") and os.path.exists(w.area + "/tree.automode-restored/one")
            and os.path.exists(w.area + "/a.txt"))
    tap(good, "what is newer stays, what was kept stands beside it", text)


def killed(w):
    """The gateway's worker is killed at some moment of a removal."""
    bad = []
    for i in range(12):
        run.stage(w.area)
        w.session()
        before = run.manifest(w.area)
        pid = int(open(w.top + "/run/automode/gateway.pid").read())
        p = subprocess.Popen(["/bin/bash", "-c", "rm -rf tree a.txt b.txt" if i % 2 else "truncate -s 0 a.txt b.txt"], env=w.env,
                             cwd=w.area, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.0015 * i)
        try:
            for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
                os.kill(int(child), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        p.wait()
        time.sleep(0.05)
        for n in w.entries():
            w.undo(n)
        now = run.manifest(w.area)
        if now != before:
            bad.append(f"{i}: " + run.difference(before, now))
    tap(not bad, "workers killed on the way: nothing is lost", "\n".join(bad))


def mounts(w):
    """A small file system of its own: a vault there, and then a full one."""
    small = w.home + "/small"
    os.makedirs(small, exist_ok=True)
    r = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "none", small], stderr=subprocess.DEVNULL)
    if r.returncode:
        for name in ("a mount point", "another file system", "a full file system"):
            tap(True, name + " # SKIP may not mount")
        return
    area = w.area
    try:
        run.stage(area)
        w.session()
        r = w.run(f"rm -rf {small}")
        tap(os.path.ismount(small) and r.returncode != 0, "a mount point is not removed", r.stderr.decode())
        w.area = small + "/area"
        run.stage(w.area)
        w.session()
        before = run.manifest(w.area)
        w.run("rm -rf tree; truncate -s 0 a.txt; mv b.txt c.txt; chmod 600 acl")
        changed = run.manifest(w.area)
        for i in w.entries():
            w.undo(i)
        now = run.manifest(w.area)
        tap(now == before and changed != before, "on another file system", run.difference(before, now))
        with open(small + "/fill", "wb") as f:
            try:
                while f.write(os.urandom(65536)):
                    f.flush()
            except OSError:
                pass
        before = run.manifest(w.area)
        r = w.run("truncate -s 0 big")
        now = run.manifest(w.area)
        tap(now == before and r.returncode == 126 and b"free" in r.stderr or b"No space" in r.stderr,
            "a full file system: denied, nothing half done", r.stderr.decode() + run.difference(before, now))
    finally:
        os.chdir("/")
        w.area = area
        subprocess.run(["umount", "-l", small])


def main():
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    w = run.World()
    try:
        asked(w)
        race(w, tries)
        moved_then_removed(w)
        overlapping(w)
        present(w)
        killed(w)
        mounts(w)
    finally:
        os.chdir("/")
        w.end("--keep" in sys.argv)
    print(f"1..{count}")


if __name__ == "__main__":
    main()
