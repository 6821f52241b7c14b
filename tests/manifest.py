#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: Apache-2.0
"""The state of folders as text, for comparing before with after.

    manifest.py [--strict] [--objects FILE] FOLDER...

Every file, link and folder: type, permissions, sha1 of the bytes or text of
the link.  A repository's own folder, wherever it lies, is not listed so but
read: refs, HEADs, reflogs (raw), index entries with their flags, the stash,
configuration, state files and hooks.  Storage that has no meaning is left out:
loose or packed refs, stat data in the index, messages of finished commits.
What lies in the first folder is named ".git/..." and "./...", what lies in
another by that one's name.

--strict: FETCH_HEAD counts, which every fetch writes anew; and only the
repository of the first folder is read: others, with their objects and index,
are files like all files.
--objects FILE: writes the ids of all objects of the first folder's repository
there: what was there before must be there after, more does no harm.
"""
import os
import stat
import subprocess
import sys

# A run takes as long as its imports: this one needs no OpenSSL.
try:
    from _sha1 import sha1
except ImportError:
    from hashlib import sha1

GIT = ["/usr/bin/git", "-c", "safe.directory=*", "-c", "core.bare=true", "-c", "core.worktree=",
       "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
ENV = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0",
       "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
# of the flags in `ls-files --debug`: assume-valid, intent-to-add, skip-worktree
FLAGS = 0x8000 | 0x20000000 | 0x40000000
SKIP_FILES = {b"index", b"packed-refs", b"COMMIT_EDITMSG", b"gc.log", b"gc.pid", b"TAG_EDITMSG", b"EDIT_DESCRIPTION"}
SKIP_DIRS = {b"objects", b"refs", b"automode-vault", b"modules", b"worktrees"}


def show(name):
    """Bytes as they are where they print, the others in octal."""
    return "".join(chr(c) if 0x20 < c < 0x7F and c != 0x5C else "\\%03o" % c for c in name)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def is_gitdir(path):
    return os.path.isdir(path + b"/objects") and os.path.isdir(path + b"/refs") and os.path.lexists(path + b"/HEAD")


def gitdir_of(folder):
    dot = folder + b"/.git"
    if os.path.isfile(dot):
        return os.path.join(folder, read(dot).strip()[8:])
    return dot if os.path.isdir(dot) else folder


class Manifest:
    def __init__(self, strict=False):
        self.lines, self.strict = [], strict

    def add(self, *words):
        self.lines.append(" ".join(words))

    def git(self, gitdir, *args, index=None, ok=(0,)):
        env = dict(ENV, GIT_INDEX_FILE=index) if index else ENV
        r = subprocess.run([*GIT, b"--git-dir=" + gitdir, *args], env=env, cwd="/", stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        return r.stdout if r.returncode in ok else b"FAILED %d %s" % (r.returncode, " ".join(args).encode())

    def one(self, path, label):
        st = os.lstat(path)
        mode = "%04o" % stat.S_IMODE(st.st_mode)
        if stat.S_ISDIR(st.st_mode):
            self.add("dir", mode, label)
        elif stat.S_ISLNK(st.st_mode):
            self.add("link", label, show(os.readlink(path)))
        elif stat.S_ISREG(st.st_mode):
            data = read(path)
            self.add("file", mode, str(st.st_size),
                     sha1(data).hexdigest() if data is not None else "unreadable", label)
        else:
            self.add("other", oct(st.st_mode), str(st.st_rdev), label)

    def index(self, gitdir, label):
        path = gitdir + b"/index"
        if not os.path.exists(path):
            self.add("index", label, "none")
            return
        self.add("index", label, "entries:")
        out = self.git(gitdir, "ls-files", "-s", "-z", "--debug", index=path)
        # an entry, NUL, five lines about it; the next entry follows those
        parts = out.split(b"\0")
        for i, entry in enumerate(parts[:-1]):
            if i:
                entry = entry.split(b"\n", 5)[5]
            self.add("  ", show(entry))
            about = parts[i + 1].split(b"\n", 5)
            _, found, flags = about[4].partition(b"\tflags: ") if len(about) > 5 else (b"", b"", b"")
            bits = int(flags, 16) & FLAGS if found else -1
            if bits:
                self.add("   flags %x %s" % (bits, show(entry)))
        if len(parts) == 1 and out:
            self.add("  ", show(out))

    def state(self, gitdir, label):
        """Files of a repository's folder as they are: logs, config, hooks, MERGE_HEAD ..."""
        for folder, dirs, files in os.walk(gitdir):
            if folder == gitdir:
                dirs[:] = [d for d in dirs if d not in SKIP_DIRS]
            dirs.sort()
            links = [d for d in dirs if os.path.islink(os.path.join(folder, d))]
            for name in sorted(files + links):
                if folder == gitdir and (name in SKIP_FILES or name.startswith(b"automode")
                                         or (name == b"FETCH_HEAD" and not self.strict)):
                    continue
                path = os.path.join(folder, name)
                rel = os.path.relpath(path, gitdir)
                if rel != b"info/refs":  # a cache for dumb transports
                    self.one(path, label + "/" + show(rel))

    def repository(self, gitdir, label):
        refs = self.git(gitdir, "for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)")
        for line in refs.split(b"\n"):
            if line and not line.startswith(b"refs/automode"):
                self.add("ref", label, show(line.replace(b"\0", b" ")))
        stash = b""
        if os.path.exists(gitdir + b"/logs/refs/stash"):
            stash = self.git(gitdir, "stash", "list", "--format=%H %gs", ok=(0, 128))
        self.add("stash", label, show(stash))
        self.index(gitdir, label)
        self.state(gitdir, label)
        admin = gitdir + b"/worktrees"
        for name in sorted(os.listdir(admin)) if os.path.isdir(admin) else ():
            sub = os.path.join(admin, name)
            self.index(sub, label + "/worktrees/" + show(name))
            self.state(sub, label + "/worktrees/" + show(name))
        modules = gitdir + b"/modules"
        for folder, dirs, _ in os.walk(modules):
            if is_gitdir(folder):
                dirs[:] = [d for d in dirs if d == b"modules"]
                self.repository(folder, label + "/modules/" + show(os.path.relpath(folder, modules)))
            dirs.sort()

    def tree(self, top, label):
        """Everything below; repositories in it are read unless strict."""
        if not os.path.isdir(top):
            self.add("gone", label)
            return
        self.one(top, label)
        for folder, dirs, files in os.walk(top):
            dirs.sort()
            own = [d for d in dirs if is_gitdir(os.path.join(folder, d))
                   and (not self.strict or (folder, d) == (top, b".git"))]
            dirs[:] = [d for d in dirs if d not in own and d != b"automode-vault"]
            for name in own:
                rel = os.path.relpath(os.path.join(folder, name), top)
                if not self.strict:
                    self.repository(os.path.join(folder, name), show(rel) if label == "." else label + "/" + show(rel))
            for name in sorted(dirs + files):
                path = os.path.join(folder, name)
                self.one(path, label + "/" + show(os.path.relpath(path, top)))


def manifest(folders, strict=False):
    m = Manifest(strict)
    tops = [os.path.abspath(os.fsencode(f)) for f in folders]
    for i, top in enumerate(tops):
        label = "." if i == 0 else show(os.path.basename(top))
        gitdir = gitdir_of(top)
        if i == 0 and is_gitdir(gitdir) and (strict or gitdir == top):
            m.repository(gitdir, ".git")
        if gitdir != top or not is_gitdir(top):
            m.tree(top, label)
    return m.lines


def objects(folder):
    out = Manifest().git(gitdir_of(os.path.abspath(os.fsencode(folder))), "cat-file", "--batch-all-objects", "--unordered",
                         "--batch-check=%(objectname)")
    return b"\n".join(sorted(out.split())) + b"\n"


def main(args):
    strict, ids = False, None
    while args and args[0].startswith("--"):
        if args[0] == "--strict":
            strict = True
        elif args[0] == "--objects" and len(args) > 1:
            ids = args.pop(1)
        else:
            args = []
        args = args[1:]
    if not args:
        sys.stderr.write(__doc__)
        return 64
    print("\n".join(manifest(args, strict)))
    if ids:
        with open(ids, "wb") as f:
            f.write(objects(args[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
