#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at each step: the worker of a command, or of an undo, is killed when
it enters its first, second, ... call that changes anything (strace does that),
every other time the gateway too.  What undo then leaves is what there was
before, to the byte.  Prints TAP.

usage: killed.py [--only TEXT] [--part I/N] [EVERY]	(every so many steps; default 1)
"""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

CALLS = ("renameat2,renameat,rename,linkat,symlinkat,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync,write,sendmsg,sendto,ftruncate,"
         "copy_file_range,fchmodat,chmod,utimensat,fchownat,openat")
STEPS = 400  # at most
SPARES = 2  # workers that a gateway keeps in store

DONE = ["rm -rf tree a.txt b.txt", "truncate -s 0 a.txt b.txt", "sed -i s/1/2/ a.txt", "mv a.txt b.txt", "chmod -R go= tree",
        "cp -r tree/. tree2"]
# command | what happens to the place then (plain tools) | what of that stays
UNDONE = [("rm -rf tree a.txt", "", []), ("rm -rf tree", "mkdir -p tree/sub; echo x >tree/sub/x; echo x >tree/one", ["tree/sub/x"]),
          ("rm -rf tree", "mkdir tree; echo x >tree/one", []), ("truncate -s 0 a.txt hard1", "", []), ("mv a.txt b.txt", "", []),
          ("cp -r tree/. tree2", "", [])]


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


def trace(w, step, argv):
    """Runs argv; whichever worker enters its step-th changing call dies.  One
    that was made between the look and the trace would not."""
    top = gateway(w)
    until = time.time() + 20
    while len(workers(top)) < SPARES and time.time() < until:
        time.sleep(0.005)
    pids = [top, *workers(top)]
    t = subprocess.Popen(["strace", "-f", "-qq", "-o", w.top + "/trace", "-e", "trace=" + CALLS, "-e",
                          f"inject={CALLS}:signal=KILL:when={step}"] + [x for pid in pids for x in ("-p", str(pid))],
                         stderr=subprocess.PIPE)
    until = time.time() + 20
    while time.time() < until and not all(map(traced, pids)):
        time.sleep(0.005)
    p = subprocess.run(argv, env=w.env, cwd=w.area, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    t.send_signal(signal.SIGINT)
    t.communicate()
    with open(w.top + "/trace") as f:
        return p, "killed by SIGKILL" in f.read()


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
    bad, steps = [], 0
    for step in range(1, STEPS, every):
        for _ in range(3):  # a worker may be made before it is traced
            why, killed = one(step)
            if why:
                bad.append(f"step {step}: {why}")
            if killed or why:
                break
        if not killed:
            break
        steps += 1
    run.tap(not bad and steps, f"{name}: {steps} steps", "\n".join(bad) or "never killed")


def command(w, line, step):
    before = start(w)
    p, killed = trace(w, step, ["/bin/bash", "-c", line])
    if step % 2:
        end_gateway(w)
    text = "".join(w.undo(i) for i in w.entries())
    now = run.manifest(w.area)
    return None if now == before else p.stdout.decode() + text + run.difference(before, now), killed


def undo(w, line, then, only, step):
    before = start(w)
    w.run(line)
    subprocess.run(["/bin/bash", "-c", then], cwd=w.area)
    first = w.entries()[0]
    p, killed = trace(w, step, [run.BIN, "undo", str(first)])
    if step % 2:
        end_gateway(w)
    text = p.stdout.decode()
    try:
        text += w.undo(first)
    except RuntimeError as x:
        if "has been undone already" not in str(x):
            return text + str(x), killed
    now = run.manifest(w.area)
    if then:  # folders around it have the times of what was done then
        now, before = ([l for l in m if " 0o40" not in l] for m in (now, before))
    lost = [n for n in only if not os.path.exists(os.path.join(w.area, n))]
    now = [l for l in now if l.split(" 0o", 1)[0] not in [repr(os.fsencode(n)) for n in only]]
    return None if now == before and not lost else text + f"{lost}\n" + run.difference(before, now), killed


def main(w, args):
    every = int(args.word or 1)
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode:
        run.tap(True, "killed at each step # SKIP strace may not trace here")
        return
    all_of = [(line, lambda step, line=line: command(w, line, step)) for line in DONE]
    all_of += [(f"undo of {line}" + (f", then {then}" if then else ""),
                lambda step, line=line, then=then, only=only: undo(w, line, then, only, step)) for line, then, only in UNDONE]
    for name, one in run.part(args, [x for x in all_of if args.only in x[0]]):
        by_steps(name, every, one)


if __name__ == "__main__":
    run.suite(run.arguments(only=""), main)
