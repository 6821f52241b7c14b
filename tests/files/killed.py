#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at each step: what the worker of a command, or of an undo, does is
listed once; then it is killed when it enters the first, second, ... of these
calls (strace does that), every other time the gateway too.  What undo then leaves is what there was
before, to the byte.  Prints TAP.

usage: killed.py [--only TEXT] [--part I/N] [EVERY]	(every so many steps; default 1)
"""
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

CALLS = ("renameat2,renameat,rename,linkat,symlinkat,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync,write,sendmsg,sendto,ftruncate,"
         "copy_file_range,fchmodat,chmod,utimensat,fchownat")
SPARES = 2  # workers that a gateway keeps in store
TRIES = 3  # another one may have been given the command

DONE = ["rm -rf tree a.txt b.txt", "truncate -s 0 a.txt b.txt", "sed -i s/1/2/ a.txt", "mv a.txt b.txt", "chmod -R go= tree",
        "cp -r tree/. tree2"]
# command | what happens to the place then (plain tools) | what of that stays
UNDONE = [("rm -rf tree a.txt", "", []), ("rm -rf tree", "mkdir -p tree/sub; echo x >tree/sub/x; echo x >tree/one", ["tree/sub/x"]),
          ("rm -rf tree", "mkdir tree; echo x >tree/one", []), ("truncate -s 0 a.txt hard1", "", []), ("mv a.txt b.txt", "", []),
          ("cp -r tree/. tree2", "", [])]
# of two commands the first is undone, and then what stands of both
TURNS = [("truncate -s 0 a.txt b.txt", "mv b.txt a.txt"), ("rm -r tree/sub", "cp -r tree2/. tree"), ("mv tree other", "sed -i s/1/2/ other/one a.txt")]


def gateway(w):
    with open(w.top + "/run/automode/gateway.pid") as f:
        return int(f.read())


def traced(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            return "TracerPid:\t0\n" not in f.read()
    except OSError:
        return True


def workers(top):
    """Those that wait for work, and whoever else was started by it."""
    with open(f"/proc/{top}/task/{top}/children") as f:
        return [int(pid) for pid in f.read().split()]


def trace(w, call, nth, argv):
    """Runs argv; the worker that enters that call for the nth time dies.  What
    the worker did, one call a line, and whether it died."""
    until = time.time() + 20
    while len(workers(gateway(w))) < SPARES and time.time() < until:
        time.sleep(0.005)
    pids = workers(gateway(w))
    inject = ["-e", f"inject={call}:signal=KILL:when={nth}"] if call else []
    t = subprocess.Popen(["strace", "-qq", "-o", w.top + "/trace", "-e", "trace=" + CALLS, *inject] + [x for pid in pids for x in ("-p", str(pid))],
                         stderr=subprocess.PIPE)
    until = time.time() + 20
    while time.time() < until and not all(map(traced, pids)):
        time.sleep(0.005)
    p = subprocess.run(argv, env=w.env, cwd=w.area, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    t.send_signal(signal.SIGINT)
    t.communicate()
    with open(w.top + "/trace", errors="replace") as f:
        lines = f.read().split("\n")
    return p, lines, any("killed by SIGKILL" in l for l in lines)


def calls_of(lines):
    """Each call of the worker that did most, and how often it had come."""
    by = {}
    for line in lines:
        m = re.match(r"(?:(\d+) +)?([a-z0-9]+)\(", line)
        if m:
            by.setdefault(m.group(1), []).append(m.group(2))
    names = max(by.values(), key=len, default=[])
    return [(name, names[:i + 1].count(name)) for i, name in enumerate(names)]


def end_gateway(w):
    try:
        os.kill(gateway(w), signal.SIGKILL)
    except OSError:
        pass
    time.sleep(0.05)


def start(w):
    """A gateway without workers in store, so that steps are counted alike."""
    run.stage(w.area)
    w.session()
    return run.manifest(w.area)


def by_steps(name, every, one):
    """one(call, nth, step): what is wrong, whether it was killed, its calls."""
    bad, killed, steps = [], 0, []
    for _ in range(TRIES):
        why, _, seen = one("", 0, 0)
        steps = max(steps, seen, key=len)
        if why:
            bad.append("not killed: " + why)
        if why or len(steps) > 1:
            break
    steps = list(enumerate(steps, 1))[::every]
    for step, (call, nth) in steps:
        for _ in range(TRIES):
            why, died, _ = one(call, nth, step)
            if why:
                bad.append(f"step {step}, {call} {nth}: {why}")
            if why or died:
                break
        killed += died
    run.tap(not bad and killed, f"{name}: killed at {killed} of {len(steps)} steps", "\n".join(bad) or "never killed")


def command(w, line, call, nth, step):
    before = start(w)
    p, lines, killed = trace(w, call, nth, ["/bin/bash", "-c", line])
    if step % 2:
        end_gateway(w)
    text = "".join(w.undo(i) for i in w.entries())
    now = run.manifest(w.area)
    return None if now == before else p.stdout.decode() + text + run.difference(before, now), killed, calls_of(lines)


def undo(w, line, then, only, call, nth, step):
    before = start(w)
    w.run(line)
    subprocess.run(["/bin/bash", "-c", then], cwd=w.area)
    first = w.entries()[0]
    p, lines, killed = trace(w, call, nth, [run.BIN, "undo", str(first)])
    if step % 2:
        end_gateway(w)
    text = p.stdout.decode()
    try:
        text += w.undo(first)
    except RuntimeError as x:
        if "has been undone already" not in str(x):
            return text + str(x), killed, calls_of(lines)
    now = run.manifest(w.area)
    if then:  # folders around it have the times of what was done then
        now, before = ([l for l in m if " 0o40" not in l] for m in (now, before))
    lost = [n for n in only if not os.path.exists(os.path.join(w.area, n))]
    now = [l for l in now if l.split(" 0o", 1)[0] not in [repr(os.fsencode(n)) for n in only]]
    why = None if now == before and not lost else text + f"{lost}\n" + run.difference(before, now)
    return why, killed, calls_of(lines)


def turn(w, one, two, call, nth, step):
    before = start(w)
    w.run(one)
    w.run(two)
    both = sorted(w.entries())
    p, lines, killed = trace(w, call, nth, [run.BIN, "undo", str(both[0])])
    if step % 2:
        end_gateway(w)
    text = p.stdout.decode()
    for i in both:
        try:
            text += w.undo(i)
        except RuntimeError as x:
            if "has been undone already" not in str(x):
                return text + str(x), killed, calls_of(lines)
    # folders made anew have their own times
    now, before = ([" ".join(l.split(" ")[:-1]) if " 0o40" in l else l for l in m] for m in (run.manifest(w.area), before))
    return None if now == before else text + run.difference(before, now), killed, calls_of(lines)


def main(w, args):
    every = int(args.word or 1)
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode:
        run.tap(True, "killed at each step # SKIP strace may not trace here")
        return
    all_of = [(line, lambda *at, line=line: command(w, line, *at)) for line in DONE]
    all_of += [(f"undo of {line}" + (f", then {then}" if then else ""),
                lambda *at, line=line, then=then, only=only: undo(w, line, then, only, *at)) for line, then, only in UNDONE]
    all_of += [(f"{one}; {two}: undone first first", lambda *at, one=one, two=two: turn(w, one, two, *at)) for one, two in TURNS]
    for name, one in run.part(args, [x for x in all_of if args.only in x[0]]):
        by_steps(name, every, one)


if __name__ == "__main__":
    run.suite(run.arguments(only=""), main)
