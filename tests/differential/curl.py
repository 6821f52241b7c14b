#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generated curl lines: what automode reads out of each (peers, methods, files
that are sent, files that are written) against what curl then does, in a network
of its own where every name leads to a recording listener.

    curl.py RUN_SEND [COUNT [SEED]]

Nothing that curl does may be missing from what was read; where curl succeeds
nothing may be read that it does not do.  Prints TAP: one line for all cases, a
diagnosis for each disagreement.
"""
import collections
import hashlib
import ipaddress
import json
import os
import random
import re
import shutil
import socket
import string
import subprocess
import sys
import tempfile
import threading
import time

HOSTS = {"a.test": "127.0.1.1", "b.test": "127.0.1.2", "c.test": "127.0.1.3",
         "ftp.a.test": "127.0.1.4", "xn--mnchen-3ya.test": "127.0.1.5",
         "localhost": "127.0.0.1"}
PORTS = (80, 8080, 8081)


def inside(argv):
    """Runs this again with a network, hosts and scratch of its own."""
    top = tempfile.mkdtemp(prefix="automode-curl.")
    hosts = os.path.join(top, "hosts")
    with open(hosts, "w") as f:
        for name, address in HOSTS.items():
            f.write(f"{address} {name}\n")
        f.write("::1 localhost\n")
    try:
        return subprocess.call(
            ["bwrap", "--unshare-user", "--uid", "0", "--gid", "0",
             "--unshare-net", "--unshare-pid", "--die-with-parent",
             "--cap-add", "CAP_NET_BIND_SERVICE",
             "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
             "--tmpfs", "/root", "--ro-bind", hosts, "/etc/hosts",
             "--bind", top, top, "--chdir", os.getcwd(),
             "--ro-bind", os.path.dirname(os.path.abspath(argv[1])),
             os.path.dirname(os.path.abspath(argv[1])),
             "--setenv", "CURL_DIFFERENTIAL", top,
             "/usr/bin/python3", os.path.abspath(argv[0]),
             os.path.abspath(argv[1])] + argv[2:])
    finally:
        shutil.rmtree(top, ignore_errors=True)


# --- the listener ----------------------------------------------------------

class Recorder:
    def __init__(self):
        self.lock = threading.Lock()
        self.requests = []
        self.open = 0
        self.last = set()
        for port in PORTS:
            for family, address in ((socket.AF_INET, "0.0.0.0"),
                                    (socket.AF_INET6, "::1")):
                s = socket.socket(family)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((address, port))
                s.listen(256)
                threading.Thread(target=self.accept, args=(s,),
                                 daemon=True).start()

    def accept(self, s):
        while True:
            conn, peer = s.accept()
            with self.lock:
                if peer[:2] in self.last:
                    self.last.remove(peer[:2])
                    conn.close()
                    continue
                self.open += 1
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def serve(self, conn):
        try:
            with conn:
                conn.settimeout(5)
                while self.one(conn):
                    pass
        except OSError:
            pass
        finally:
            with self.lock:
                self.open -= 1

    def one(self, conn):
        data = b""
        while b"\r\n\r\n" not in data:
            got = conn.recv(65536)
            if not got:
                return False
            data += got
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        length, chunked = 0, False
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if name.lower() == b"transfer-encoding":
                chunked = b"chunked" in value.lower()
        entry = [conn.getsockname()[:2], lines[0].split(b" ")[0].decode(),
                 head, body]
        with self.lock:
            self.requests.append(entry)
        if b"expect: 100" in head.lower():
            conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(body) < length or \
                (chunked and not body.endswith(b"0\r\n\r\n")):
            got = conn.recv(65536)
            if not got:
                break
            body += got
        entry[3] = body
        text = b"" if entry[1] == "HEAD" else b"answer\n"
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"
                     b"ETag: \"e1\"\r\nSet-Cookie: s=1\r\n\r\n" + text)
        return True

    def take(self):
        # what curl left behind is accepted before these are
        for port in PORTS:
            for family, where in ((socket.AF_INET, "127.0.0.1"),
                                  (socket.AF_INET6, "::1")):
                with socket.socket(family) as s:
                    s.bind((where, 0))
                    with self.lock:
                        self.last.add(s.getsockname()[:2])
                    s.connect((where, port))
        for _ in range(1500):
            with self.lock:
                if not self.open and not self.last:
                    break
            time.sleep(0.002)
        with self.lock:
            got, self.requests = self.requests, []
        # curl tries once more where a connection ended: the same boundary
        seen = set()
        return [r for r in got if b"boundary=" not in r[2] or
                not (r[2] in seen or seen.add(r[2]))]


# --- generated lines -------------------------------------------------------

MARKS = {"m0": "MARKq0", "m1": "MARKq1", "m two": "MARKq2", "sub/m3": "MARKq3",
         "m,4": "MARKq4", "m;5": "MARKq5", ".env": "MARKq6",
         "stdin": "MARKq7"}
HEADERS = {"h0": "MARKh0", "h1": "MARKh1"}

# name, letter, values (None: a switch)
SWITCHES = [("silent", "s"), ("show-error", "S"), ("include", "i"),
            ("insecure", "k"), ("location", "L"), ("fail", "f"),
            ("get", "G"), ("head", "I"), ("verbose", "v"),
            ("remote-name", "O"), ("remote-name-all", None),
            ("globoff", "g"), ("compressed", None), ("ipv4", "4"),
            ("http1.1", None), ("tcp-nodelay", None), ("create-dirs", None),
            ("buffer", "N"), ("progress-bar", "#"), ("parallel", "Z"),
            ("netrc-optional", None), ("junk-session-cookies", "j"),
            ("path-as-is", None), ("raw", None), ("use-ascii", "B"),
            ("remove-on-error", None), ("fail-with-body", None),
            ("post301", None), ("tr-encoding", None),
            ("append", "a"),
            ("remote-time", "R"), ("remote-header-name", "J"),
            ("basic", None), ("anyauth", None), ("location-trusted", None),
            ("parallel-immediate", None), ("keepalive", None),
            ("list-only", "l"), ("junk-session-cookies", "j"),
            ("ssl-reqd", None), ("tcp-fastopen", None), ("sessionid", None),
            ("http1.0", "0"), ("ipv6", "6"), ("disable-eprt", None),
            ("clobber", None), ("form-escape", None), ("styled-output", None)]


class Maker:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, *what):
        return self.rng.choice(what)

    def file(self):
        return self.rng.choice([m for m in MARKS if m != "stdin"])

    def word(self):
        return "".join(self.rng.choices(string.ascii_lowercase, k=4))

    def host(self):
        r = self.rng.random()
        if r < 0.6:
            return self.pick("a.test", "b.test", "c.test", "localhost")
        return self.pick("A.TEST", "ftp.a.test", "127.0.1.2", "0x7f000103",
                         "2130706433", "0177.0.1.1", "127.257", "[::1]",
                         "münchen.test", "user@b.test", "a.test:x@c.test",
                         "u:p@b.test", "nowhere.test", "a.test%2eb",
                         "%61.test", "{a,b}.test", "[a-c].test", "b.test.",
                         "127.0.1.[1-3]", "[::1%25lo]", "[::1%lo]",
                         "[0:0::1]", "[::ffff:127.0.1.2]", "127.0.1.2.",
                         "user:pw@[::1]", "@a.test", "a.test:80@b.test",
                         "b.test\\@c.test", "c.test?@a.test",
                         "c.test#@a.test", "a\u3002test", "\uff42.test",
                         "a.test:80:81", "0x7f.0.1.3", "0177.0.0x1.2",
                         "127.0.257", "4294967297", "a.test%00b", "u%40x@b.test",
                         "a.test%3a8080", "-a.test", "b_.test", "a..test",
                         "b.test..", "{a.test,b.test:8080}", "[a-b].test")

    def url(self):
        scheme = self.pick("http://", "http://", "http://", "", "HTTP://",
                           "http:/", "http:///")
        port = self.pick("", "", "", ":8080", ":8081", ":80", ":080")
        path = self.pick("", "/", "/x", "/p/f.txt", "/p/f.txt?q=1",
                         "/p/../g.txt", "/a/./b", "/x#frag", "?q", "/d/",
                         "/f[1-3]", "/f[01-03].txt", "/{x,y}/z", "/[a-e:2]",
                         "/{one}", "/%20y", "/e%2ff", "/f;v=1", "/\\{x\\}",
                         "//dd", "/[1-2]{u,v}", "/f.txt/..", "/a@b", "/[]")
        return scheme + self.host() + port + path

    def data(self):
        f = self.file()
        return self.pick("x=1", "", "@" + f, "@stdin_", "@" + f, "a&b",
                         "@absent", "=@" + f, "x@y")

    def form(self):
        f, g = self.file(), self.file()
        return self.pick(
            "n=v", f"n=@{f}", f"n=<{f}", f"n=@{f};type=text/plain",
            f"n=@{f};filename=z.txt", f"n=@{f},{g}",
            f"n=@{f};type=text/plain,{g}", f'n=@"{f}"', f'n=@"{f}","{g}"',
            f"n=@{f};type=a/b;filename=q,{g}", "n=v;type=text/plain",
            f"n=@{f};headers=@h0", f'n=@"{f}";headers="X-Y: z",{g}',
            f"=@{f}", f"n= @{f}", f"n=@ {f}", "n=@-", f"n=v;headers=<h1",
            f"n=@{f};unknown=x,{g}", f"n=<{f};type=text/x,{g}",
            f'n="v@{f}"', f"n=@{f} ;type=text/plain")

    def value_option(self):
        f = self.file()
        return self.rng.choice([
            lambda: ("data", "d", self.data()),
            lambda: ("data", "d", self.data()),
            lambda: ("data-binary", None, self.data()),
            lambda: ("data-ascii", None, self.data()),
            lambda: ("data-raw", None, self.data()),
            lambda: ("json", None, self.pick("{}", "@" + f)),
            lambda: ("data-urlencode", None,
                     self.pick("a b", "=a=b", "n=v w", "@" + f, "n@" + f,
                               "n=@" + f, "n=v@" + f)),
            lambda: ("url-query", None,
                     self.pick("q=1", "@" + f, "n@" + f, "+raw", "+@" + f)),
            lambda: ("form", "F", self.form()),
            lambda: ("form", "F", self.form()),
            lambda: ("form-string", None, "n=@" + f),
            lambda: ("upload-file", "T", self.pick(f, f, "-", "absent", "")),
            lambda: ("upload-file", "T",
                     self.pick("{%s,%s}" % (f, self.file()), "m[0-2]",
                               "[m]%s" % f[1:], "\\{%s\\}" % f, "{" + f,
                               "{%s}" % f)),
            lambda: ("proto-default", None, "http"),
            lambda: ("header", "H", self.pick("X-A: b", "@h0", "@h1", "Host: z",
                                              "X-B;", "Accept:", "@-")),
            lambda: ("cookie", "b", self.pick("a=b", "@a=b", "jar0", "@jar0")),
            lambda: ("user", "u", "me:pw"),
            lambda: ("user-agent", "A", self.pick("ua", "")),
            lambda: ("referer", "e", self.pick("http://r.test/", ";auto")),
            lambda: ("request", "X", self.pick("DELETE", "PATCH", "POST",
                                               "GET", "PUT", "get")),
            lambda: ("output", "o", self.pick("out1", "out2", "sub/out3", "-",
                                              "/dev/null", "out#1", "o#1-#2",
                                              "m0", "%")),
            lambda: ("output", "o", self.pick("out1", "out2", "new/out4")),
            lambda: ("output-dir", None, self.pick("sub", "new2")),
            lambda: ("dump-header", "D", self.pick("dump", "-")),
            lambda: ("cookie-jar", "c", self.pick("jar1", "-")),
            lambda: ("trace-ascii", None, self.pick("maybe_trace", "-", "%")),
            lambda: ("stderr", None, self.pick("maybe_err", "-")),
            lambda: ("libcurl", None, "maybe_lib.c"),
            lambda: ("etag-save", None, "maybe_etag"),
            lambda: ("etag-compare", None, "etag0"),
            lambda: ("write-out", "w", self.pick("%{http_code}", "@m0", "x")),
            lambda: ("max-time", "m", "5"),
            lambda: ("connect-timeout", None, "3"),
            lambda: ("retry", None, "0"),
            lambda: ("range", "r", "0-99"),
            lambda: ("time-cond", "z", "2001-01-01"),
            lambda: ("limit-rate", None, "10M"),
            lambda: ("oauth2-bearer", None, "tok"),
            lambda: ("netrc-file", None, "netrc0"),
            lambda: ("proxy", "x", self.pick("http://c.test:8081", "",
                                             "b.test:8080")),
            lambda: ("connect-to", None,
                     self.pick("::c.test:8081", "a.test:80:b.test:8080",
                               "nowhere.test:80:a.test:80")),
            lambda: ("resolve", None,
                     self.pick("nowhere.test:80:127.0.1.3",
                               "a.test:80:127.0.1.2")),
            lambda: ("url", None, self.url()),
            lambda: ("config", "K", self.pick("inner", "absent", "/dev/null")),
            lambda: ("continue-at", "C", self.pick("0", "-")),
            lambda: ("proxy-header", None, "X-P: q"),
            lambda: ("proxy-user", "U", "pu:pp"),
            lambda: ("noproxy", None, self.pick("*", "a.test", "", ".test",
                                                "127.0.0.0/8")),
            lambda: ("preproxy", None, ""),
            lambda: ("proxytunnel", "p", None),
            lambda: ("max-filesize", None, self.pick("3", "1M")),
            lambda: ("aws-sigv4", None, "aws:amz:r:s"),
            lambda: ("rate", None, "100/s"),
            lambda: ("delegation", None, "none"),
            lambda: ("tls-max", None, "1.2"),
            lambda: ("ciphers", None, "x"),
            lambda: ("cacert", None, "m0"),
            lambda: ("cert", "E", self.pick("m0", "m1:pw")),
            lambda: ("key", None, "m0"),
            lambda: ("pass", None, "pw"),
            lambda: ("interface", None, "lo"),
            lambda: ("local-port", None, "20000-60000"),
            lambda: ("keepalive-time", None, "9"),
            lambda: ("expect100-timeout", None, "0.1"),
            lambda: ("happy-eyeballs-timeout-ms", None, "50"),
            lambda: ("speed-time", "y", "3"),
            lambda: ("speed-limit", "Y", "1"),
            lambda: ("max-redirs", None, "2"),
            lambda: ("proto", None, self.pick("=http", "-all,http", "https")),
            lambda: ("proto-redir", None, "=http"),
            lambda: ("form-string", None, "n=<m1"),
            lambda: ("hsts", None, "maybe_hsts"),
            lambda: ("alt-svc", None, "maybe_alt"),
            lambda: ("trace", None, self.pick("maybe_t", "-", "%")),
            lambda: ("quote", "Q", "NOOP"),
            lambda: ("mail-from", None, "a@a.test"),
            lambda: ("telnet-option", "t", "TTYPE=x"),
            lambda: ("create-file-mode", None, "0600"),
            lambda: ("socks5", None, ""),
        ])()

    def spell_name(self, name):
        r = self.rng.random()
        if r < 0.1 and len(name) > 5:
            return name[:self.rng.randrange(3, len(name))]
        if r < 0.15:
            return name.upper()
        return name

    def option(self):
        """(words on a line, [(name, value)] for a configuration file)"""
        if self.rng.random() < 0.4:
            name, letter = self.rng.choice(SWITCHES)
            if letter and self.rng.random() < 0.6:
                return ["-" + letter], (name, None)
            no = self.pick("", "", "", "no-")
            return ["--" + no + self.spell_name(name)], (no + name, None)
        name, letter, value = self.value_option()
        if value is None:
            return ["-" + letter], (name, None)
        value = value.replace("@stdin_", "@-")
        if letter and self.rng.random() < 0.6:
            glued = value and self.rng.random() < 0.4
            prefix = "-" + self.pick("", "", "s", "sS")
            words = [prefix + letter + value] if glued else \
                [prefix + letter, value]
        else:
            words = ["--" + self.spell_name(name), value]
        return words, (name, value)

    def config_line(self, pair, letters):
        name, value = pair
        dash = self.pick("", "", "--")
        if value is None:
            return dash + name + self.pick("", " ", " # x", "\t")
        quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        plain = value if value and not set(value) & set(' "\t') else quoted
        between = self.pick(" ", " = ", ": ", "=", "\t", "  ")
        if dash:
            between = self.pick(" ", "\t", " = ", "=")
        if name in letters and self.rng.random() < 0.2:
            return "-" + letters[name] + self.pick(" ", "", "=") + \
                self.pick(plain, quoted)
        return dash + name + between + self.pick(plain, quoted)

    def group(self, into):
        parts = [self.option()
                 for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3, 4, 6]))]
        urls = [self.url() for _ in range(self.pick(1, 1, 1, 2, 3))]
        items = [("option", p) for p in parts] + [("url", u) for u in urls]
        self.rng.shuffle(items)
        letters = {"data": "d", "output": "o", "form": "F", "header": "H",
                   "request": "X", "upload-file": "T"}
        words = []
        for kind, what in items:
            if kind == "url":
                words += [what]
            elif self.rng.random() < 0.15:
                into.append(self.config_line(what[1], letters))
                if len(into) == 1:
                    words += [self.pick("-K", "--config"), "cfg"]
            else:
                words += what[0]
        return words

    def line(self):
        config, own = [], []
        words = self.group(config)
        for _ in range(self.pick(0, 0, 0, 1, 2)):
            words += [self.pick("--next", "-:")] + self.group(config)
        if self.rng.random() < 0.05:
            words += ["--", self.url()]
        if self.rng.random() < 0.08:
            for _ in range(self.pick(1, 2)):
                own.append(self.config_line(self.option()[1], {}))
        if self.rng.random() < 0.1:
            config.insert(0, self.pick("# comment", "", "next", "help",
                                       "url http://c.test/cfg", "silent"))
            if len(config) == 1:
                words += ["-K", "cfg"]
        if self.rng.random() < 0.05:
            words = [self.pick("-q", "--disable")] + words
        env = {}
        if self.rng.random() < 0.05:
            env["http_proxy"] = self.pick("http://c.test:8081", "b.test:80",
                                          "", "http://u:p@c.test:8080")
        if self.rng.random() < 0.02:
            env["ALL_PROXY"] = self.pick("http://b.test:8080", "c.test:8081")
        if env and self.rng.random() < 0.5:
            env[self.pick("no_proxy", "NO_PROXY")] = self.pick(
                "*", "a.test", ".test", "c.test,b.test", "localhost", "::1")
        if own and self.rng.random() < 0.4:
            env[self.pick("CURL_HOME", "XDG_CONFIG_HOME")] = \
                self.pick("OTHER", "HOME", "")
        # or the status is the last transfer's alone
        words.insert(words[0] in ("-q", "--disable"), "--fail-early")
        return words, config, own, env


# --- one case --------------------------------------------------------------

def make_tree(top):
    shutil.rmtree(top, ignore_errors=True)
    os.makedirs(os.path.join(top, "w", "sub"))
    os.makedirs(os.path.join(top, "home"))
    os.makedirs(os.path.join(top, "other"))
    with open(os.path.join(top, "other", ".curlrc"), "w") as f:
        f.write("user-agent other\ndata = fromother\n")
    work = os.path.join(top, "w")
    for name, mark in MARKS.items():
        path = os.path.join(top if name == "stdin" else work, name)
        with open(path, "w") as f:
            f.write(mark)
    for name, mark in HEADERS.items():
        with open(os.path.join(work, name), "w") as f:
            f.write(f"X-{name}: {mark}\n")
    for name, text in (("etag0", '"e0"\n'), ("jar0", ""),
                       ("inner", "header = X-I: 1\nurl = a.test/inner\n"),
                       ("netrc0", "machine a.test login l password p\n")):
        with open(os.path.join(work, name), "w") as f:
            f.write(text)
    return work


def tree(work):
    seen = {}
    for folder, _, files in os.walk(work):
        for name in files:
            path = os.path.join(folder, name)
            st = os.stat(path)
            with open(path, "rb") as f:
                seen[os.path.relpath(path, work)] = \
                    (st.st_mtime_ns, hashlib.sha1(f.read()).hexdigest())
    return seen


def address(host):
    if host is None:
        return None
    if host in HOSTS:
        return HOSTS[host]
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def peers_of(requests):
    return collections.Counter(
        (r[0][0], r[0][1], r[1]) for r in requests)


def marks_in(requests):
    raw = b"\0".join(r[2] + b"\n" + r[3] for r in requests)
    return {name for name, mark in {**MARKS, **HEADERS}.items()
            if mark.encode() in raw}


class Case:
    def __init__(self, top, words, config, own, env):
        self.top, self.words = top, words
        self.work = make_tree(os.path.join(top, "t"))
        self.home = os.path.join(top, "t", "home")
        self.config, self.own = config, own
        self.proxied = any("prox" in name.lower() for name in env)
        other = os.path.join(top, "t", "other")
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8",
                    **{name: {"OTHER": other, "HOME": self.home}.get(v, v)
                       for name, v in env.items()}}
        if config:
            with open(os.path.join(self.work, "cfg"), "w") as f:
                f.write("\n".join(config) + "\n")
        if own:
            with open(os.path.join(self.home, ".curlrc"), "w") as f:
                f.write("\n".join(own) + "\n")

    def run(self, argv, recorder):
        before = tree(self.work)
        with open(os.path.join(self.top, "t", "stdin")) as stdin:
            p = subprocess.run(
                ["/usr/bin/curl"] + argv, cwd=self.work, stdin=stdin,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=8,
                env=self.env)
        after = tree(self.work)
        self.requests = recorder.take()
        self.made = set(after) - set(before)
        self.changed = {n for n in after if after[n] != before.get(n)}
        self.status, self.errors = p.returncode, p.stderr
        self.output = p.stdout
        return p.returncode


def compare(case, said):
    """What is wrong, as lines."""
    wrong = []
    text = case.words + case.config + case.own
    done = case.status == 0
    real = peers_of(case.requests)
    if said["rc"] < 0:
        if real:
            wrong.append(f"called a syntax error, but sent: {dict(real)}")
        return wrong
    if said["help"]:
        if real:
            wrong.append(f"called help, but sent: {dict(real)}")
        return wrong
    # an http proxy is asked by http for any of them
    web = [t for t in said["transfers"]
           if t["scheme"] in ("http", "https") or case.proxied]
    elsewhere = case.proxied or re.search(
        r"conn(?!ect-timeout)|--?res|resolve|prox|(^|\n)-[a-zA-Z#]*x",
        "\n".join(text), re.I)
    six = re.search(r"--?ipv6|(^|\n)-[a-zA-Z#]*6|^ipv6", "\n".join(text),
                    re.M | re.I)

    def place(ip):  # where localhost has two of them
        return ip.replace("::1", HOSTS["localhost"]) if six and ip else ip

    real = collections.Counter()
    for (ip, port, method), n in peers_of(case.requests).items():
        real[(place(ip), port, method)] += n
    plan = collections.Counter(
        (place(address(t.get("host"))), t["port"], t["method"]) for t in web)
    if elsewhere:
        allowed = {place(address(h)) for h in said["hosts"]}
        for ip, port, method in real:
            if ip not in allowed:
                wrong.append(f"peer {ip} is not among {sorted(said['hosts'])}")
        real_methods = collections.Counter()
        plan_methods = collections.Counter()
        for (_, _, m), n in real.items():
            real_methods[m] += n
        for (_, _, m), n in plan.items():
            plan_methods[m] += n
        del real_methods["CONNECT"]
        real, plan = real_methods, plan_methods
    if real - plan:
        wrong.append(f"requests not foreseen: {dict(real - plan)}")
    if done and plan - real:
        wrong.append(f"requests foreseen only: {dict(plan - real)}")
    sent = marks_in(case.requests)
    named = {"stdin" if s in ("-", ".") else os.path.normpath(s)
             for s in said["sources"]}
    if sent - named:
        wrong.append(f"sent unforeseen: {sorted(sent - named)}")
    # what curl itself wrote before does not hold its mark any more
    certain = {n for n in named if n in MARKS or n in HEADERS} - {"stdin"} - \
        case.changed
    if done and certain - sent:
        wrong.append(f"foreseen only: {sorted(certain - sent)} would be sent")
    written = {os.path.normpath(w) for w in said["written"]}
    changed = case.changed
    if any(t.get("output") is None for t in web):
        changed = changed - case.made  # the host chooses a new name
    if changed - written:
        wrong.append(f"written unforeseen: {sorted(changed - written)}")
    left = {w for w in written - case.changed
            if not w.startswith(("maybe_", "/"))}
    if done and left:
        wrong.append(f"foreseen only: {sorted(left)} would be written")
    return wrong


def main():
    if "CURL_DIFFERENTIAL" not in os.environ:
        return inside(sys.argv)
    top = os.environ["CURL_DIFFERENTIAL"]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    recorder = Recorder()
    driver = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    refused, failed, ran, bad = collections.Counter(), 0, 0, 0
    for number in range(count):
        words, config, own, env = \
            Maker(random.Random(f"{seed}.{number}")).line()
        case = Case(top, words, config, own, env)
        driver.stdin.write(json.dumps(
            {"cwd": case.work, "argv": ["curl"] + words,
             "env": [f"{n}={v}" for n, v in case.env.items()]}) + "\n")
        driver.stdin.flush()
        said = json.loads(driver.stdout.readline())
        if said["rc"] < 0 and said["rc"] != said["syntax"]:
            refused[said["error"].split(":")[-1][:60]] += 1
            continue
        try:
            case.run(words, recorder)
        except subprocess.TimeoutExpired:
            # 7.88 waits for ever when several addresses share stdin
            recorder.take()
            continue
        ran += 1
        failed += case.status != 0
        wrong = compare(case, said)
        if not wrong and said["rc"] == 0 and case.status == 0 and \
                (own or number % 5 == 0) and not said["help"]:
            wrong = again(top, words, config, own, env, said, recorder, case)
        if wrong:
            bad += 1
            print(f"# {number} ({said['error']}): curl {' '.join(map(repr, words))}")
            for name, lines in (("cfg", config), (".curlrc", own)):
                for line in lines:
                    print(f"#     {name}: {line}")
            for name, value in env.items():
                print(f"#     {name}={value}")
            print(f"#     status {case.status} "
                  f"{case.errors.decode(errors='replace')[-200:].strip()!r}")
            for w in wrong:
                print(f"#   {w}")
    print(f"# {count} lines, seed {seed}: {ran} run ({failed} of them failed "
          f"by themselves), {sum(refused.values())} refused, "
          f"{bad} disagreements")
    for reason, n in refused.most_common(12):
        print(f"#   refused {n}: {reason}")
    print("1..1")
    print(f"{'not ok' if bad else 'ok'} 1 - {count} generated curl lines are "
          "read as curl carries them out")
    return 1 if bad else 0


def again(top, words, config, own, env, said, recorder, plain):
    """The line that automode runs sends and writes the same."""
    case = Case(top, words, config, own, env)
    case.run(said["argv"][1:], recorder)
    wrong = []
    if case.status != plain.status:
        wrong.append(f"canonical {said['argv']}: status {case.status}, "
                     f"plainly {plain.status}")
    if peers_of(case.requests) != peers_of(plain.requests) or \
            marks_in(case.requests) != marks_in(plain.requests):
        wrong.append(f"canonical {said['argv']}: other requests")
    if case.changed != plain.changed:
        wrong.append(f"canonical {said['argv']}: other files")
    return wrong


sys.exit(main())
