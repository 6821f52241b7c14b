#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What must not happen to files: races, mounts, full disks, killed gateways,
and commands that would reach too far (those are only asked about, never run).
Prints TAP.

usage: attacks.py [TRIES]	(of the race; default 300)
       attacks.py --races TRIES	(nothing else)
"""
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
from run import tap  # noqa: E402


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
                 ["ln", "-sf", "a.txt", "/usr/bin/python3"], ["nice", "-n", "5", "rm", "-rf", "/"], ["env", "-i", "A=1", "nohup", "rm", "-rf", "/usr"],
                 ["timeout", "-k1", "5", "setsid", "-w", "tee", "/etc/passwd"], ["stdbuf", "-o0", "ionice", "-c3", "dd", "of=/dev/sda"]):
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


OTHER = {"user": 2000, "group": 2000, "extra_groups": [2000, 2001]}
GIVES = ("cp -p src in/precious", "chgrp 2001 in/precious", "sed -i s/s/r/ in/precious", "install -g 2001 src in/precious",
         "tar -cf in/o{0} src", "cp src in/precious", "truncate -s 3 in/precious")


def race_of_others(tries):
    """The same for who is not root: files are given to a group that no box of his holds, and an archive that is new where it
    was judged is written outside of any."""
    name = f"a racing link and a group, {tries} tries: nothing outside is touched"
    w = run.World()
    w.area = w.home + "/ws"
    outside, area = w.home + "/.ssh", w.area
    for d in (outside, area + "/in", w.home + "/st"):
        os.makedirs(d)
    rounds = -(-tries // (4 * len(GIVES)))
    for k in range(4 * rounds):
        run.write(f"{outside}/o{k}", b"precious\n")
    for f, text in ((outside + "/precious", b"precious\n"), (area + "/in/precious", b"s\n"), (area + "/src", b"s\n")):
        run.write(f, text)
    os.symlink("../.ssh", area + "/out")
    subprocess.run(["/bin/chown", "-hR", "2000:2000", w.top], check=False)
    stop, libc = [], ctypes.CDLL(None)

    def swap():
        n = 0
        while not stop:
            libc.renameat2(-100, os.fsencode(area + "/in"), -100, os.fsencode(area + "/out"), 2)
            n += 1
            time.sleep((0.0003, 0.002, 0.006, 0.02)[n % 4])

    def give(n, lines):
        """A session for a few of them: after many denials only a person decides.  Every other one began elsewhere, so that the
        box gets the folder by itself."""
        start = w.home + "/st" if n % 2 else area
        line = f'cd {start}; eval "$({run.BIN} env --session r{n})"; cd {area}\n' + "\n".join(lines)
        subprocess.run(["/bin/bash", "-c", line], env=w.env, cwd=area, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **OTHER)

    t = threading.Thread(target=swap)
    try:
        if os.geteuid() or subprocess.run([run.BIN, "--version"], stdout=subprocess.DEVNULL, env=w.env, cwd=area, **OTHER).returncode:
            tap(True, name + " # SKIP another user is needed, who may come here")
            return
        subprocess.run(["/bin/chgrp", "2001", area + "/src"], check=True)
        before = run.manifest(outside)[1:]
        t.start()
        for n in range(rounds):
            give(n, [g.format(4 * n + k) for k in range(4) for g in GIVES])
        stop.append(1)
        t.join()
        after = run.manifest(outside)[1:]
        tap(before == after, name, run.difference(before, after))
        if os.path.islink(area + "/in"):
            os.rename(area + "/out", area + "/real")
            os.unlink(area + "/in")
            os.rename(area + "/real", area + "/in")
        give(2 * rounds, GIVES[:1])
        tap(os.stat(area + "/in/precious").st_gid == 2001, "and the group is given to what is meant")
    finally:
        stop.append(1)
        if t.is_alive():
            t.join()
        subprocess.run([run.BIN, "gateway", "--stop"], env=w.env, cwd="/", stderr=subprocess.DEVNULL, **OTHER)
        w.end(False)


def held(outside):
    """What is there, without folders, whose times new things change."""
    if not os.path.exists(outside):
        return []
    return [l for l in run.manifest(outside) if " 0o40" not in l]


def outcome(w, name, line, outside, undone=True):
    """Run for real, in a world where it can hurt nobody: what lies outside is
    as before, at once or after undo; new things may have come."""
    w.session()
    before = held(outside)
    r = w.run(line)
    if undone and not set(before) <= set(held(outside)):
        for i in w.entries():
            w.undo(i)
    now = held(outside)
    tap(set(before) <= set(now), name, r.stderr.decode(errors="replace") + run.difference(before, now))
    return r


def reach(w):
    """Commands that reach out of the workspace, with something there that may
    be lost."""
    run.stage(w.area)
    far = w.home + "/other/deep"
    os.makedirs(far, exist_ok=True)
    run.write(far + "/precious", b"precious\n" * 9)
    os.makedirs(w.home + "/.ssh", exist_ok=True)
    run.write(w.home + "/.ssh/id", b"key\n", 0o600)
    os.link(far + "/precious", w.area + "/planted")
    os.symlink(far, w.area + "/out")
    for name, to in (("evil", far + "/precious"), ("up", "../other/deep/precious")):
        subprocess.run(["/usr/bin/tar", "-cPf", f"{w.area}/{name}.tar", "-C", w.area, "--transform", f"s,^a.txt$,{to.lstrip('/')},", "a.txt"],
                       check=True)
    w.session()
    o = w.home + "/other"
    for line in ("truncate -s 0 planted", "echo x | tee planted", "cp a.txt planted", "sed -i s/p/q/ planted", "rm -f planted; cp a.txt planted",
                 "dd if=a.txt of=planted conv=notrunc", "rm -rf out/precious", "rm -rf out/", "rm -rf out/*", "find out/ -delete",
                 "find -L . -name precious -delete", "chmod -R 000 out/", "chmod 000 planted", "tar -xf evil.tar --overwrite -C /",
                 "tar -xPf up.tar", "tar -xf evil.tar -C /", "tar -xf evil.tar -C / --unlink-first", "rsync -a --delete empty/ ../other/",
                 "rsync -a --delete nowhere/ ../other/", "rsync -a --delete empty/ out/", "mv out/precious .", "mv ../other x; rm -rf x",
                 "rm -rf ../other", "cp -r tree/. out/", "cp a.txt out/precious", "ln -f a.txt out/precious", "install a.txt out/precious",
                 "sort -o out/precious a.txt", "cd out && rm -rf ../deep", "mv tree out/precious", "unlink out/precious",
                 "find .. -name precious -exec truncate -s 0 {} +", "printf '../other/deep/precious\\0' | xargs -0 rm",
                 "shred -u planted", "zip -qm x.zip out/precious", "tar -cf x.tar --remove-files out/precious",
                 "rm -rf \"$UNSET\"../other/*", "split -b 3 a.txt out/prec", "patch -s out/precious a.patch"):
        outcome(w, "outside is as before: " + line, line, o)
        subprocess.run(["/bin/chmod", "-R", "u+rwX", o])
        if not os.path.exists(far + "/precious"):
            os.makedirs(far, exist_ok=True)
            run.write(far + "/precious", b"precious\n" * 9)
        if not os.path.exists(w.area + "/planted"):
            os.link(far + "/precious", w.area + "/planted")
    for line in ("chmod -R 000 ~", "chmod -R 000 \"$HOME\"", "rm -rf ~/.ssh", "cp a.txt ~/.ssh/id", "rsync -a --delete empty/ ~/",
                 "mv ~/.ssh gone", "find ~ -name id -delete"):
        r = outcome(w, "denied: " + line, line, w.home + "/.ssh", False)
        if r.returncode not in (126, 1, 123):
            tap(False, "denied: " + line, r)
    if os.geteuid() == 0:
        os.mknod(w.area + "/device", 0o060600, os.makedev(7, 250))
        w.session()
        for line in ("dd if=a.txt of=device", "cp a.txt device", "tee device <a.txt", "truncate -s 0 device", "cat a.txt | dd of=device",
                     "sort -o device a.txt"):
            r = w.run(line)
            tap(r.returncode == 126, "a device: " + line, r.stderr.decode())


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
    good = all(os.path.exists(w.area + n) for n in ("/tree/new", "/tree/one", "/a.txt"))
    tap(good, "what is newer stays, and what was kept is at its place", text)


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


def bind(source, place):
    return not subprocess.run(["mount", "--bind", source, place], stderr=subprocess.DEVNULL).returncode


def mounted(w):
    """Something of others is mounted over an operand at some moment."""
    far = w.home + "/far"
    os.makedirs(far, exist_ok=True)
    lines = ("rm -rfv tree", "rm -rf tree", "find tree -delete", "truncate -s 0 a.txt", "chmod -R 000 tree", "cp -r tree2/. tree",
             "rsync -a --delete empty/ tree/")
    bad = []
    for i in range(42):
        line = lines[i % len(lines)]
        run.stage(w.area)
        for n in ("three", "file"):
            run.write(f"{far}/{n}", b"precious\n")
        w.session()
        before = held(far)
        p = subprocess.Popen(["/bin/bash", "-c", line], env=w.env, cwd=w.area, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.002 * (i // len(lines) * 2))
        there = [q for s, q in ((far, w.area + "/tree/sub"), (far + "/file", w.area + "/a.txt")) if bind(s, q)]
        p.wait()
        now = held(far)
        if not set(before) <= set(now):
            for n in w.entries():
                w.undo(n)
            now = held(far)
        for q in there:
            subprocess.run(["umount", "-l", q], stderr=subprocess.DEVNULL)
        if not set(before) <= set(now):
            bad.append(f"{line}: " + run.difference(before, now))
    tap(not bad, "a mount that comes between verdict and run: nothing in it is lost", "\n".join(bad))


def busy(w):
    """Mount points that the tools cannot remove: in the tools' words."""
    far = w.home + "/busy"
    os.makedirs(far, exist_ok=True)
    run.stage(w.area)
    run.write(w.home + "/busy.txt", b"precious\n")
    bind(far, w.area + "/empty")
    bind(w.home + "/busy.txt", w.area + "/a.txt")
    try:
        w.session()
        for line in ("rmdir empty", "rm -d empty", "rm -f a.txt", "unlink a.txt", "mv empty x", "mv a.txt x", "mv -T empty2 empty", "ln -f b.txt a.txt"):
            w.plain = True
            plain = w.run(line)
            w.plain = False
            r = w.run(line)
            tap((r.returncode, r.stderr) == (plain.returncode, plain.stderr) and b"busy" in r.stderr, "a mount point: " + line, r.stderr.decode())
        w.run("truncate -s 0 a.txt")
        w.undo(w.entries()[0])
        with open(w.home + "/busy.txt", "rb") as f:
            tap(f.read() == b"precious\n", "a file that is a mount point is written back in place")
    finally:
        for n in ("/empty", "/a.txt"):
            subprocess.run(["umount", "-l", w.area + n])


def apart(w):
    """The caller has mounts of its own: names that lead to one thing there and
    to another here."""
    run.stage(w.area)
    os.makedirs(w.area + "/tree/none")
    run.write(w.area + "/script", b"""mount -t tmpfs none tree; mkdir -p tree/sub tree/none; echo in >tree/one; echo in >tree/none/new
for c in "rm -rf tree/sub" "rm -f tree/none/new" "find tree -delete" "truncate -s 0 tree/one" "cp a.txt tree/copy" "cp tree/one tree2/copy" \\
    "mv tree/one b.txt" "chmod -R 0 ." "tar -xf old.tar -C tree" "cd tree; rm -f one"; do (eval "$c") 2>/dev/null && echo "$c"; done
[ -e tree/one ] && [ -e tree/none/new ] && rm b.txt && truncate -s 0 tree2/one && cat tree2/five && echo good
""")
    w.session()
    before = [l for l in run.manifest(w.area) if "b'tree2" not in l and "b.txt" not in l and "b'.'" not in l]
    r = w.run("unshare -rm bash script")
    after = [l for l in run.manifest(w.area) if "b'tree2" not in l and "b'.'" not in l]
    tap(r.stdout == b"5\ngood\n" and before == after and not os.path.exists(w.area + "/tree2/copy"),
        "another mount namespace: what is not the same there is refused", (r.stdout + r.stderr).decode() + run.difference(before, after))


def main(w, args):
    tries = int(args.word or 300)
    if args.races:
        race(w, tries)
        race_of_others(tries)
        return
    asked(w)
    race(w, tries)
    race_of_others(40)
    reach(w)
    moved_then_removed(w)
    overlapping(w)
    present(w)
    killed(w)
    mounts(w)
    if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
        tap(True, "mounts that come and stay # SKIP may not mount")
    else:
        mounted(w)
        busy(w)
        apart(w)


if __name__ == "__main__":
    run.suite(run.arguments("races"), main)
