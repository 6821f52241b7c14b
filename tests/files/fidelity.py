#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Output, messages, exit status and what is left behind equal the plain
tools', in a few hundred invocations, some on a terminal.  Prints TAP.

usage: fidelity.py [PATTERN]
"""
import os
import pty
import re
import select
import shutil
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

SETS = {
    "rm": ["", "-f", "-r", "-rf", "-v", "-rv", "-rfv", "-d", "-i", "-I", "-rI", "--interactive=never", "-fi", "-if",
           "--one-file-system -r", "--rec --f", "--no-preserve"],
    "chmod": ["600", "-c 640", "-v u+x", "-R go-r", "-w", "nonsense"],
    "truncate": ["-s 0", "-s +3", "-c -s 1", "-s", "--size=2"],
    "tee": ["", "-a", "--output-error=warn"],
    "sed": ["-n p", "-i s/a/b/", "s/a/b/", "-n '$='"],
    "sort": ["", "-r", "-c"],
}
OPERANDS = ["a", "a b", "nope", "a nope b", "d", "d/", "e", "./", "d/..", "''", "link", "'sp ace' \"it's\"", "ro", "a a", "d d/x"]
MORE = ["mkdir -p e/s/z; mv d/s e", "mkdir -p e/z; mv -T d e", "mkdir e/a; mv a e", "mkdir -p n/d/x; mv d n",
        "mv a b", "mv a b d", "mv a b nope", "mv nope x", "mv -v a x", "mv -n a b", "mv d d/x", "mv a a", "mv -t d a b", "mv -T d e", "mv link/ x", "mv d/x ro a", "cp -t a b", "rm link/", "rm -f link/", "rm a/", "rm -f a/ e; ls",
        "rm -rf d/s/../../d a; ls d", "rm -r d/s/../x d/s/../s; ls d", "mkdir -p ../far; echo o >../far/o; ln -s ../far f; truncate -s 1 d/../f/o; cat f/o; tee d/s/../../f/../far/o </dev/null; cat f/o",
        "rsync -a --delete --exclude=x --exclude=y e/ d/; ls d/s", "rm -d link/",
        "mv -i a b </dev/null", "echo y | mv -i a b", "echo n | mv -i a b", "mv -b a b", "mv", "mv a", "rmdir e", "rmdir -v e", "rmdir d", "rmdir d/", "rmdir a", "rmdir nope", "rmdir -p d/s", "unlink d", "unlink nope", "unlink a", "unlink link",
        "cp a b", "cp a x", "cp -v a x", "cp -r d x", "cp d x", "cp nope x", "cp a a", "cp -n a b", "cp a b nope", "cp -a d e", "cp a d",
        "echo n | cp -i a b", "cp -l a x", "cp -s a x", "cp --remove-destination a b", "cp -u a b", "cp", "cp a", "cp -rT d e",
        "ln a x", "ln -s a x", "ln -s a b", "ln -sf a b", "ln -f a b", "ln nope x", "ln -sfv a b", "ln d x", "ln -sn a link",
        "install -m 600 a x", "install -d n/m", "install -D a n/x", "install a b nope", "dd if=a of=x", "dd if=a of=b status=none",
        "dd if=nope of=x", "dd of=b count=0 </dev/null status=none", "dd bs=x", "chmod --reference=a b", "chown 0 nope", "chgrp -v nobody nope",
        "echo hi | tee x y d", "echo hi | tee nope/x", "seq 9 | split -l 3 - p", "split -n 2 a q", "find . -name a", "find d -delete",
        "find . -name nope -delete", "find d -type f -print -delete", "find . -empty", "find d -exec echo {} +", "find d -name x -exec rm {} ';'",
        "printf 'a\\0b\\0' | xargs -0 rm -v", "echo a b | xargs echo", "echo d | xargs rm", "ls | xargs -n 1 echo", "printf '' | xargs rm",
        "printf '' | xargs -r rm", "sort -o a a", "sort -o x a b", "sort -m a b", "yes | rm -i a b", "yes | rm -ri d", "yes n | rm -ri d",
        "rm -rf -- -dash", "rm ./-dash", "rm -r / --help | head -3", "rm --version", "mv --version", "cp --help | tail -2",
        "tar cf t.tar d && tar tf t.tar && rm -r d && tar xf t.tar", "tar xf nope.tar", "rm a >/dev/full; ls a", "rm -v a >/dev/full",
        "rm d/* && rmdir d/s d", "cd d && rm -rf ../d/x; pwd >/dev/null; ls", "rm -rf d; mkdir d; touch d/new; rm -r d",
        "ln a h; mv a h", "ln a h; mv -b a h", "ln a h; mv -n a h", "ln -s a l; cp -bf a a", "ln a h; cp --remove-destination a h", "ln a h; ln -f a h",
        "ln a h; ln a h", "ln -s / root; readlink root", "mv ./d d d/", "mv d d/s", "umask 777; mv a b; cp b x; rm d/x", "sort +0 -1 a b",
        "sort -rb -k2n +2.2 -1b a", "seq 3000 | sort -R --random-source=a -S 1k --compress-program=gzip | wc -l", "env -i A=b PATH=/usr/bin env -0",
        "mkdir -m 0 z; rm -rf d z", "mkdir -p z/y/w; chmod 600 z/y; chmod -R o=r z; chmod 700 z/y"]
TTY = [("rm ro", "n\n"), ("rm ro", "y\n"), ("rm -r d", ""), ("rm -i a b", "y\nn\n"), ("rm -I a b d/x ro", "y\n"), ("rm -ri d", "y\ny\ny\ny\ny\n"),
       ("mv -i a b", "y\n"), ("mv -i a b", "n\n"), ("cp -i a b", "y\n"), ("mv a ro", "n\n"), ("rm -f ro", ""), ("ln -si a b", "y\n")]


def stage(area):
    run.unlock(area)
    shutil.rmtree(area, ignore_errors=True)
    os.makedirs(area + "/d/s")
    os.mkdir(area + "/e")
    for n, data in (("a", "a\naa\n"), ("b", "b\na\n"), ("d/x", "x\n"), ("d/s/y", "y\n"), ("sp ace", "s\n"), ("it's", "i\n"), ("ro", "ro\n"),
                    ("-dash", "-\n")):
        with open(area + "/" + n, "w") as f:
            f.write(data)
    os.chmod(area + "/ro", 0o444)
    os.symlink("d", area + "/link")
    for folder, dirs, files in os.walk(area):
        for n in dirs + files:
            os.utime(os.path.join(folder, n), (1e9, 1.4e9), follow_symlinks=False)


def left(area):
    """What is left, without times that the moment decides."""
    out = []
    for line in run.manifest(area):
        f = line.split(" ")
        at = next(i for i, x in enumerate(f) if x.startswith("0o"))
        if not f[at + 3].startswith("1400000000"):
            f[at + 3] = "now"
        out.append(" ".join(f))
    return out


def clean(text):
    """Without the line of our own, which may follow a prompt."""
    return re.sub(r"automode: kept [^\n]*\n", "", text)


def terminal(w, command, answers, env):
    """What the command shows whose questions are answered as they come, one
    line each and then the end of file: no pause is taken for a question."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(w.area)
        os.execve("/bin/bash", ["bash", "-c", command], env)
    out, given, say = b"", 0, answers.encode().splitlines(True) + [b"\x04"]
    while select.select([fd], [], [], 120)[0]:
        try:
            more = os.read(fd, 4096)
        except OSError:
            break
        if not more:
            break
        out += more
        while given < min(out.count(b"? "), len(say)):
            os.write(fd, say[given])
            given += 1
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return clean(out.decode(errors="replace").replace("\r\n", "\n")), os.waitstatus_to_exitcode(status)


def both(w, command, answers=None):
    seen = []
    for plain in (True, False):
        w.plain = plain
        stage(w.area)
        if not plain:
            w.session()
        env = dict(w.env)
        if plain:
            env["PATH"] = os.environ["PATH"]
        if answers is None:
            r = w.run(command)
            got = (clean(r.stdout.decode(errors="replace")), clean(r.stderr.decode(errors="replace")), r.returncode)
        else:
            got = terminal(w, command, answers, env)
        got = [re.sub(r"\d+ bytes.*copied.*", "copied", x) if isinstance(x, str) else x for x in got]
        seen.append((got, left(w.area)))
    if seen[0] == seen[1]:
        return None
    return (f"plain {seen[0][0]}\nshim  {seen[1][0]}\n" + run.difference(seen[0][1], seen[1][1]))[:1500]


def large(w):
    stage(w.area)
    w.session()
    w.plain = False
    r = w.run("head -c 1000000000 /dev/zero | tee /dev/null | wc -c")
    return None if r.stdout.strip() == b"1000000000" else r.stderr.decode()


def main(w, args):
    lines = [(f"{t} {o} {x}", None) for t, opts in SETS.items() for o in opts
             for x in (OPERANDS if t == "rm" and o in ("", "-f", "-r", "-rf") else OPERANDS[:7] if t == "rm" else OPERANDS[:4])]
    lines += [(m, None) for m in MORE] + TTY
    for command, answers in lines:
        if args.word not in command:
            continue
        if command.startswith("tee"):
            command = "echo in | " + command
        bad = both(w, command, answers)
        run.tap(not bad, command.replace("#", "\\#") + (" (terminal)" if answers is not None else ""), bad)
    bad = run.tried(large, w)
    run.tap(not bad, "1 GB through tee", bad)


if __name__ == "__main__":
    run.suite(run.arguments(), main)
