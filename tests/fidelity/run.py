#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every line of invocations.txt twice in equal repositories at the same
path, with the real git and through the shim, and compares output, exit status
and what is left.  Lines that automode adds to stderr (notices) are taken out.
TAP on stdout.

    run.py [-k WORD] [--part I/N]
"""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
from manifest import manifest  # noqa: E402

BIN = os.environ["AUTOMODE_BIN"]
TIMEOUT = 60


def cases():
    with open(os.path.join(HERE, "invocations.txt"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        number = i + 1
        i += 1
        if not line.strip() or line.startswith("#"):
            continue
        head, _, command = line.partition(" :: ")
        # a command with an open quote goes on in the next line
        while command.count("'") % 2 and i < len(lines):
            command += "\n" + lines[i]
            i += 1
        words = head.split()
        yield number, words[0], "tty" in words[1:], command


def run_pipes(command, cwd, env):
    p = subprocess.Popen(["/bin/bash", "-c", command], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = p.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        out, err = p.communicate()
        return "timeout", out, err
    return p.returncode, out, err


def run_tty(command, cwd, env):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def child():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    p = subprocess.Popen(["/bin/bash", "-c", command], cwd=cwd, env=env, stdin=slave, stdout=slave,
                         stderr=slave, preexec_fn=child)
    os.close(slave)
    out, end = b"", time.time() + TIMEOUT
    while time.time() < end:
        r, _, _ = select.select([master], [], [], 0.2)
        if r:
            try:
                b = os.read(master, 65536)
            except OSError:
                break
            if not b:
                break
            out += b
    else:
        os.killpg(p.pid, signal.SIGKILL)
    os.close(master)
    return p.wait(), out, b""


def clean(err):
    keep = [l for l in err.split(b"\n") if not l.startswith((b"automode: kept ", b"automode: saved "))]
    return b"\n".join(keep)


class Bench:
    def __init__(self, top):
        self.top = top
        self.home = os.path.join(top, "home")
        self.case = os.path.join(top, "case")
        os.makedirs(self.home)
        with open(os.path.join(self.home, ".gitconfig"), "w") as f:
            f.write("[user]\n\tname = Ann\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n"
                    "[protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n")
        run = os.path.join(top, "run")
        os.makedirs(run, 0o700)
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8", "TERM": "xterm",
                    "TZ": "UTC", "USER": "ann", "XDG_RUNTIME_DIR": run, "TMPDIR": "/tmp",
                    "AUTOMODE_STATE_DIR": os.path.join(top, "state"),
                    "GIT_AUTHOR_DATE": "1700100000 +0000", "GIT_COMMITTER_DATE": "1700100000 +0000"}
        self.templates = {}

    def start(self):
        out = subprocess.run([BIN, "env"], env=self.env, cwd=self.top, stdout=subprocess.PIPE, check=True).stdout
        r = subprocess.run(["/bin/bash", "-c", 'eval "$1" && exec env -0', "x", out], env=self.env,
                           stdout=subprocess.PIPE, check=True)
        self.shimmed = dict(kv.split("=", 1) for kv in os.fsdecode(r.stdout).split("\0") if "=" in kv)
        for k in ("_", "SHLVL", "PWD", "OLDPWD"):
            self.shimmed.pop(k, None)

    def stop(self):
        subprocess.run([BIN, "gateway", "--stop"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fresh(self, fixture):
        if fixture not in self.templates:
            t = os.path.join(self.top, "template-" + fixture)
            shutil.rmtree(self.case, ignore_errors=True)
            subprocess.run([os.path.join(HERE, "fixtures.sh"), fixture, self.case], env=self.env, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.rename(self.case, t)
            self.templates[fixture] = t
        shutil.rmtree(self.case, ignore_errors=True)
        subprocess.run(["cp", "-a", self.templates[fixture], self.case], check=True)

    def once(self, fixture, tty, command, env):
        self.fresh(fixture)
        rc, out, err = (run_tty if tty else run_pipes)(command, os.path.join(self.case, "repo"), env)
        return rc, out, clean(err), manifest([self.case])


def differences(plain, shim):
    for name, a, b in zip(("exit status", "stdout", "stderr"), plain, shim):
        if a != b:
            yield f"{name}:\n  plain {a!r:.1500}\n  shim  {b!r:.1500}"
    a, b = set(plain[3]), set(shim[3])
    for x in sorted(a - b)[:6]:
        yield f"only plain: {x:.300}"
    for x in sorted(b - a)[:6]:
        yield f"only shim:  {x:.300}"


def main():
    args = sys.argv[1:]
    word = args[args.index("-k") + 1] if "-k" in args else None
    part, parts = map(int, args[args.index("--part") + 1].split("/")) if "--part" in args else (1, 1)
    top = tempfile.mkdtemp(prefix="fidelity-", dir=os.environ.get("FIDELITY_DIR"))
    bench, form, n, bad = Bench(top), 0, 0, 0
    try:
        bench.start()
        for number, fixture, tty, command in cases():
            if word and word not in command and word != fixture:
                continue
            form += 1
            if form % parts != part - 1:
                continue
            n += 1
            plain = bench.once(fixture, tty, command, bench.env)
            shim = bench.once(fixture, tty, command, bench.shimmed)
            diff = list(differences(plain, shim))
            if diff:
                # timing of plain git's own (progress, races) is not ours
                again = bench.once(fixture, tty, command, bench.env)
                if list(differences(plain, again)):
                    print(f"ok {n} - {number}: {command.splitlines()[0]} # skip plain git differs from itself")
                    continue
                bad += 1
                print(f"not ok {n} - {number}: [{fixture}] {command.splitlines()[0]}")
                for d in diff:
                    print("# " + d.replace("\n", "\n# "))
            else:
                print(f"ok {n} - {number}: {command.splitlines()[0]}")
            sys.stdout.flush()
        print(f"1..{n}")
    finally:
        bench.stop()
        subprocess.run(["chmod", "-R", "u+rwX", top])
        shutil.rmtree(top, ignore_errors=True)
    return bad != 0


sys.exit(main())
