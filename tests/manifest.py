#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The state of everything below some folders, as comparable lines: files
(type, mode, content), and of each repository refs, HEADs, reflogs, index
entries, stash, configuration, hooks and in-progress state.  Reads with the
real git where a format is git's own business, with fsmonitor, hooks and
filters off.

    manifest.py [--no-reflogs] FOLDER...
"""
import hashlib
import os
import stat
import subprocess
import sys

GIT = ["/usr/bin/git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
ENV = {"PATH": "/usr/bin:/bin", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1",
       "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent", "GIT_CONFIG_COUNT": "1",
       "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
STATE = ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG",
         "BISECT_START", "BISECT_TERMS", "SQUASH_MSG", "shallow", "info/exclude", "info/attributes",
         "info/sparse-checkout", "info/grafts", "objects/info/alternates", "config", "config.worktree")
STATE_DIRS = ("rebase-merge", "rebase-apply", "sequencer", "hooks", "rr-cache")


def show(b):
    return ascii(os.fsdecode(b) if isinstance(b, bytes) else b)[1:-1]


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def sha(b):
    return hashlib.sha1(b).hexdigest()[:16]


def is_gitdir(path):
    return os.path.isdir(path + b"/objects") and os.path.isdir(path + b"/refs") and os.path.lexists(path + b"/HEAD")


def entry(path):
    st = os.lstat(path)
    mode = oct(stat.S_IMODE(st.st_mode))
    if stat.S_ISREG(st.st_mode):
        data = read(path)
        return f"file {mode} {sha(data) if data is not None else 'unreadable'} {st.st_size}"
    if stat.S_ISLNK(st.st_mode):
        return "link " + show(os.readlink(path))
    if stat.S_ISDIR(st.st_mode):
        return f"dir {mode}"
    return f"other {mode}"


def git(gitdir, *args, index=None):
    env = dict(ENV)
    if index:
        env["GIT_INDEX_FILE"] = os.fsdecode(index)
    r = subprocess.run(GIT + ["--git-dir=" + os.fsdecode(gitdir)] + list(args), env=env, cwd="/",
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return r.stdout


def tree(path, label, out):
    for root, dirs, names in os.walk(path):
        for n in sorted(dirs + names):
            p = os.path.join(root, n)
            if not n.endswith((b".sample", b".lock")):
                out.append(f"{label} {show(os.path.relpath(p, path))} {entry(p)}")


def index_lines(gitdir, label, out):
    if os.path.exists(gitdir + b"/index"):
        for line in git(gitdir, "ls-files", "-s", "-v", "-z", "--full-name", index=gitdir + b"/index").split(b"\0"):
            if line:
                out.append(f"{label} index {show(line)}")


def repository(gitdir, label, out, reflogs):
    for line in git(gitdir, "for-each-ref", "--format=%(refname) %(objectname) %(symref)").splitlines():
        if not line.startswith(b"refs/automode"):
            out.append(f"{label} ref {show(line)}")
    out.append(f"{label} HEAD {show(read(gitdir + b'/HEAD') or b'')}")
    index_lines(gitdir, label, out)
    for name in STATE:
        data = read(gitdir + b"/" + name.encode())
        if data is not None:
            out.append(f"{label} {name} {sha(data)}" if name != "config" else f"{label} config {show(data)}")
    for name in STATE_DIRS:
        tree(gitdir + b"/" + name.encode(), f"{label} {name}", out)
    if reflogs:
        for root, _, names in os.walk(gitdir + b"/logs"):
            for n in sorted(names):
                p = os.path.join(root, n)
                data = read(p)
                if data:
                    out.append(f"{label} log {show(os.path.relpath(p, gitdir))} {sha(data)} {data.count(10)}")
    for sub in ("worktrees", "modules"):
        base = gitdir + b"/" + sub.encode()
        for root, dirs, names in os.walk(base):
            if sub == "modules" and is_gitdir(root):
                repository(root, f"{label} module {show(os.path.relpath(root, base))}", out, reflogs)
                dirs[:] = []
            elif sub == "worktrees" and b"gitdir" in names:
                one = f"{label} worktree {show(os.path.basename(root))}"
                for n in (b"HEAD", b"gitdir", b"locked", b"ORIG_HEAD"):
                    data = read(root + b"/" + n)
                    if data is not None and n != b"ORIG_HEAD":
                        out.append(f"{one} {show(n)} {show(data)}")
                env_index = root + b"/index"
                if os.path.exists(env_index):
                    for line in git(gitdir, "ls-files", "-s", "-v", "-z", "--full-name", index=env_index).split(b"\0"):
                        if line:
                            out.append(f"{one} index {show(line)}")
                if reflogs:
                    data = read(root + b"/logs/HEAD")
                    if data:
                        out.append(f"{one} log {sha(data)}")
                dirs[:] = []


def folder(top, out, reflogs):
    top = os.path.abspath(os.fsencode(top))
    for root, dirs, names in os.walk(top):
        if is_gitdir(root):
            repository(root, "repo " + show(os.path.relpath(root, top)), out, reflogs)
            dirs[:] = []
            continue
        dirs.sort()
        for n in sorted(dirs + names):
            p = os.path.join(root, n)
            if n in dirs and is_gitdir(p) and not os.path.islink(p):
                continue
            if n == b"automode-vault":
                continue
            out.append(f"{show(os.path.relpath(p, top))} {entry(p)}")


def manifest(folders, reflogs=True):
    out = []
    for f in folders:
        folder(f, out, reflogs)
    return sorted(out)


if __name__ == "__main__":
    args = sys.argv[1:]
    logs = "--no-reflogs" not in args
    for l in manifest([a for a in args if not a.startswith("--")], logs):
        print(l)
