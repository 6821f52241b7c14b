#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the vault weighs and how long it lasts: sizes in the list, expiry by
age and by size, on another mount too, and what is too large to be kept.
Prints TAP.
"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
from run import tap  # noqa: E402

EVERY = 16  # entries between two looks at the whole vault


def listed(w):
    env = {k: v for k, v in w.env.items() if k != "AUTOMODE_SESSION"}
    r = subprocess.run([run.BIN, "undo", "--list", "--json"], env=env, cwd=w.area, stdout=subprocess.PIPE)
    return {e["id"]: e for e in json.loads(r.stdout or b"[]")}


def until(f, seconds=5.0):
    end = time.time() + seconds
    while not f() and time.time() < end:
        time.sleep(0.05)
    return f()


def fill(path, size):
    """Real blocks, quickly; False: not on this file system."""
    with open(path, "wb") as f:
        try:
            os.posix_fallocate(f.fileno(), 0, size)
        except OSError:
            return False
    return True


def room(path, size):
    v = os.statvfs(path)
    return v.f_bavail * v.f_frsize > size


def remove(w, name):
    with open(w.area + "/" + name, "w") as f:
        f.write(name)
    w.session()
    w.run("rm " + name)
    return max(listed(w))


def old(w, ids):
    """As if these had been made three weeks ago."""
    for i in ids:
        path = f"{w.top}/state/vault/files/entries/{i}/manifest"
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(r"(?m)^time \d+$", f"time {int(time.time()) - 21 * 86400}", text))


def to_the_look(w):
    """Removes until a look at the whole is due; the last entry's number."""
    while True:
        n = remove(w, "x")
        if n % EVERY == 0:
            return n


def sizes(w):
    run.stage(w.area)
    w.session()
    fill(w.area + "/tree/big", 3 << 20)
    w.run("rm -rf tree; rm big; truncate -s 0 hole")
    ids = w.entries()
    good = until(lambda: listed(w)[ids[2]]["bytes"] >= 3 << 20)
    tap(good, "a removed directory is listed with its size", listed(w)[ids[2]])
    tap(until(lambda: listed(w)[ids[1]]["bytes"] >= 196608), "a removed file too", listed(w)[ids[1]])
    before = listed(w)[ids[2]]["state"]
    w.undo(ids[2])
    time.sleep(0.2)
    tap(before == "kept" and listed(w)[ids[2]]["state"] == "undone", "undone, and it stays so")


def age(w, where):
    run.stage(w.area)
    w.session()
    first = [remove(w, "a"), remove(w, "b")]
    w.run("rm -rf tree")
    first.append(max(listed(w)))
    w.run("truncate -s 0 a.txt")
    first.append(max(listed(w)))
    last = to_the_look(w)
    if last - first[-1] < 6:
        last = to_the_look(w)
    young = [i for i in range(first[-1] + 1, last)]
    old(w, first + [last - 1])
    last = to_the_look(w)
    good = until(lambda: all(listed(w)[i]["state"] == "expired" for i in first))
    tap(good, f"old entries expire {where}", [listed(w)[i] for i in first])
    tap(all(listed(w)[i]["state"] == "kept" for i in range(last - 4, last + 1)), f"never the newest five {where}")
    kept = [i for i in young[:-1] if listed(w)[i]["state"] != "kept"]
    tap(not kept, f"nor younger ones {where}", kept)
    gone = [i for i in first if os.path.exists(f"{w.top}/state/vault/files/entries/{i}")]
    stashes = []
    for folder, dirs, _ in os.walk(os.path.dirname(w.area)):
        stashes += [d for d in dirs if any(d.endswith(f"-{i}") for i in first) and ".automode-vault-" in folder]
    tap(not gone and not stashes, f"and leave nothing {where}", f"{gone} {stashes}")
    try:
        w.undo(first[0])
        tap(False, "an expired entry is not undone " + where)
    except RuntimeError as x:
        tap("nothing is kept" in str(x), "an expired entry says so " + where, x)


def size(w):
    run.stage(w.area)
    w.session()
    if not room(w.area, 5 << 30) or not fill(w.area + "/f1", 900 << 20):
        tap(True, "expiry by size # SKIP no room")
        return
    big = []
    for n in ("f1", "f2", "f3"):
        fill(w.area + "/" + n, 900 << 20)
        w.session()
        w.run("rm " + n)
        big.append(max(listed(w)))
    last = to_the_look(w)
    if last - big[-1] < 6:
        to_the_look(w)
    good = until(lambda: listed(w)[big[0]]["state"] == "expired")
    tap(good and listed(w)[big[1]]["state"] == "kept" and listed(w)[big[2]]["state"] == "kept",
        "the oldest goes when all is more than the limit", [listed(w)[i] for i in big])
    for i in big[1:]:
        w.undo(i)
    os.unlink(w.area + "/f2")
    os.unlink(w.area + "/f3")


def too_large(w):
    run.stage(w.area)
    w.session()
    if not room(w.area, 4 << 30) or not fill(w.area + "/large", (2 << 30) + (200 << 20)):
        tap(True, "too large to be copied # SKIP no room")
        return
    w.session()
    r = subprocess.run([run.BIN, "check", "--json", "--", "truncate", "-s", "0", "large"], env=w.env, cwd=w.area, stdout=subprocess.PIPE)
    said = json.loads(r.stdout)
    tap(said["verdict"] == "ask" and "2.2 GB" in r.stdout.decode() and "limit" in r.stdout.decode(),
        "too large to be copied: ask, with the sizes", said)
    r = w.run("truncate -s 0 large")
    tap(r.returncode == 126 and os.path.getsize(w.area + "/large") > 2 << 30 and re.search(rb"2\.\d GB", r.stderr),
        "and it is not run", r.stderr.decode())
    r = w.run("cp -b a.txt large")
    w.undo(w.entries()[0])
    tap(r.returncode == 0 and b"nothing is written to its backup" in r.stderr and os.path.getsize(w.area + "/large") > 2 << 30,
        "where its backup is all there is, that is said", r.stderr.decode())
    r = w.run("rm large")
    tap(r.returncode == 0 and not os.path.exists(w.area + "/large"), "but it may be moved", r.stderr.decode())


def large_input(w):
    """An archive on stdin that is more than is held in memory."""
    run.stage(w.area)
    subprocess.run(["/bin/bash", "-c", "head -c 90000000 /dev/zero >zeros; tar cf zeros.tar a.txt zeros; echo now >a.txt"], cwd=w.area)
    w.session()
    r = w.run("cat zeros.tar | tar xf -; wc -l <a.txt")
    good = r.stdout.strip() == b"29" and b"kept" in r.stderr
    w.undo(w.entries()[0])
    with open(w.area + "/a.txt") as f:
        tap(good and f.read() == "now\n", "90 MB through tar's stdin", r.stderr.decode())


def mounted(w, small):
    """An ext4 of its own where there are loop devices, else a tmpfs."""
    image = w.top + "/image"
    with open(image, "wb") as f:
        f.truncate(64 << 20)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        if not subprocess.run(["mkfs.ext4", "-q", "-F", image], **quiet).returncode and \
           not subprocess.run(["mount", "-o", "loop", image, small], **quiet).returncode:
            return "on a loop mount"
    except OSError:
        pass
    if not subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "none", small], **quiet).returncode:
        return "on another mount"
    return None


def elsewhere(w):
    small = w.home + "/small"
    os.makedirs(small)
    where = mounted(w, small)
    if not where:
        tap(True, "on another mount # SKIP may not mount")
        return
    area = w.area
    try:
        w.area = small + "/area"
        age(w, where)
    finally:
        os.chdir("/")
        w.area = area
        subprocess.run(["umount", "-l", small])


def main(w, args):
    sizes(w)
    age(w, "here")
    elsewhere(w)
    size(w)
    large_input(w)
    too_large(w)


if __name__ == "__main__":
    run.suite(run.arguments(), main)
