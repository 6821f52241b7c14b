#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The state of a repository as text, for comparing before with after.

usage: manifest-of.py REPOSITORY [FOLDER...]
       manifest-of.py --objects REPOSITORY

Prints refs, HEADs, reflogs (raw), index entries with their flags, the stash,
configuration, state files and hooks, and every file, link and directory of the
work tree and of the further folders: type, permissions, sha1 of the bytes or
text of the link.  --objects prints the ids of all objects instead: what was
there before must be there after, more does no harm.

Storage that has no meaning is left out: loose or packed refs, stat data in the
index, messages of finished commits.
"""

import hashlib
import os
import re
import stat
import subprocess
import sys

ENV = {
    "PATH": "/usr/bin:/bin",
    "HOME": os.environ.get("HOME", "/nonexistent"),
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
}
# of the flags in `ls-files --debug`: assume-valid, intent-to-add, skip-worktree
FLAGS = 0x8000 | 0x20000000 | 0x40000000
SKIP_FILES = {
    b"index", b"packed-refs", b"COMMIT_EDITMSG", b"gc.log", b"gc.pid",
    b"TAG_EDITMSG", b"EDIT_DESCRIPTION",
}
SKIP_DIRS = {b"objects", b"refs", b"automode-vault", b"modules", b"worktrees"}


def show(name):
    out = bytearray()
    for c in name:
        if 0x20 < c < 0x7F and c != 0x5C:
            out.append(c)
        else:
            out += b"\\%03o" % c
    return out.decode("ascii")


def git(gitdir, *args, index=None, ok=(0,)):
    env = dict(ENV)
    if index:
        env["GIT_INDEX_FILE"] = index
    r = subprocess.run(
        ["/usr/bin/git", "-c", "safe.directory=*", "-c", "core.bare=true",
         "-c", "core.worktree=", b"--git-dir=" + gitdir, *args],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if r.returncode not in ok:
        return b"FAILED %d %s" % (r.returncode, " ".join(args).encode())
    return r.stdout


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha1(f.read()).hexdigest()


def one(path, label):
    st = os.lstat(path)
    mode = "%04o" % stat.S_IMODE(st.st_mode)
    if stat.S_ISDIR(st.st_mode):
        print("dir", mode, label)
    elif stat.S_ISLNK(st.st_mode):
        print("link", label, show(os.readlink(path)))
    elif stat.S_ISREG(st.st_mode):
        print("file", mode, st.st_size, digest(path), label)
    else:
        print("other", mode, label)


def tree(top, label):
    """Everything below, but not the git dir at its top."""
    if not os.path.isdir(top):
        print("gone", label)
        return
    one(top, label)
    for folder, dirs, files in os.walk(top):
        if folder == top and b".git" in dirs:
            dirs.remove(b".git")
        dirs.sort()
        for name in sorted(dirs + files):
            path = os.path.join(folder, name)
            one(path, label + "/" + show(os.path.relpath(path, top)))


def index(gitdir, path, label):
    if not os.path.exists(path):
        print("index", label, "none")
        return
    out = git(gitdir, "ls-files", "-s", "-z", index=path)
    print("index", label, "entries:")
    for entry in out.split(b"\0"):
        if entry:
            print("  ", show(entry))
    flags = git(gitdir, "ls-files", "--debug", index=path)
    name = b""
    for line in flags.split(b"\n"):
        m = re.match(rb"^  size: \d+\tflags: ([0-9a-f]+)$", line)
        if m:
            bits = int(m.group(1), 16) & FLAGS
            if bits:
                print("   flags %x %s" % (bits, show(name)))
        elif not line.startswith(b"  "):
            name = line


def state(gitdir, label):
    """Files of a git dir as they are: logs, config, hooks, MERGE_HEAD ..."""
    for folder, dirs, files in os.walk(gitdir):
        if folder == gitdir:
            dirs[:] = [d for d in dirs if d not in SKIP_DIRS]
        dirs.sort()
        for name in sorted(files):
            if folder == gitdir and (
                    name in SKIP_FILES or name.startswith(b"automode")):
                continue
            path = os.path.join(folder, name)
            rel = os.path.relpath(path, gitdir)
            if rel != b"info/refs":  # a cache for dumb transports
                one(path, label + "/" + show(rel))


def gitdir_of(repo):
    dot = os.path.join(repo, b".git")
    if os.path.isdir(dot):
        return dot
    if os.path.isfile(dot):
        with open(dot, "rb") as f:
            return os.path.join(repo, f.read().strip()[8:])
    return repo


def repository(gitdir, label):
    refs = git(gitdir, "for-each-ref",
               "--format=%(refname)%00%(objectname)%00%(symref)")
    for line in refs.split(b"\n"):
        if line:
            print("ref", label, show(line.replace(b"\0", b" ")))
    print("stash", label,
          show(git(gitdir, "stash", "list", "--format=%H %gs", ok=(0, 128))))
    index(gitdir, os.path.join(gitdir, b"index"), label)
    state(gitdir, label)
    admin = os.path.join(gitdir, b"worktrees")
    if os.path.isdir(admin):
        for name in sorted(os.listdir(admin)):
            sub = os.path.join(admin, name)
            index(sub, os.path.join(sub, b"index"), label + "/worktrees/" + show(name))
            state(sub, label + "/worktrees/" + show(name))
    modules = os.path.join(gitdir, b"modules")
    for folder, dirs, files in os.walk(modules):
        if b"HEAD" in files and b"objects" in dirs:
            dirs[:] = [d for d in dirs if d == b"modules"]
            repository(folder, label + "/modules/" +
                       show(os.path.relpath(folder, modules)))
        dirs.sort()


def main(args):
    if args and args[0] == b"--objects":
        out = git(gitdir_of(args[1]), "cat-file", "--batch-all-objects",
                  "--batch-check=%(objectname)")
        sys.stdout.buffer.write(b"\n".join(sorted(out.split())) + b"\n")
        return 0
    if not args:
        sys.stderr.write(__doc__)
        return 64
    repo = os.path.abspath(args[0])
    repository(gitdir_of(repo), ".git")
    if gitdir_of(repo) != repo:
        tree(repo, ".")
    for extra in args[1:]:
        tree(os.path.abspath(extra), show(os.path.basename(extra)))
    return 0


if __name__ == "__main__":
    sys.exit(main([os.fsencode(a) for a in sys.argv[1:]]))
