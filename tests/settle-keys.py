#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the secret engine said of files ("PATH: a private-key credential"), line
by line on stdin, settled by programs that know nothing of it: is a private key
there that openssl, ssh-keygen or gpg can read, in the file or in what is packed
or written as a string in it?  Prints "right PATH" or "false PATH: WHAT"; what
is said to be anything but a private key is false.
"""
import base64
import binascii
import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

BLOCK = re.compile(rb"-----BEGIN ((?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?)"
                   rb"-----(.*?)(?:-----END \1-----|\Z|-----BEGIN )", re.S)
ENCRYPTED = re.compile(rb"DEK-Info: *[A-Z0-9-]+,[0-9A-Fa-f]+")


def run(words, data=None):
    return subprocess.run(words, input=data, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=20,
                          check=False).returncode == 0


def members(data):
    """What is packed in there."""
    for unpack in (gzip.decompress, bz2.decompress, lzma.decompress,
                   zlib.decompress):
        try:
            yield unpack(data)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            pass
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as t:
            for m in t:
                if m.isfile():
                    yield t.extractfile(m).read()
    except (tarfile.TarError, OSError, EOFError):
        pass
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            for name in z.namelist():
                yield z.read(name)
    except (zipfile.BadZipFile, RuntimeError, OSError, zlib.error):
        pass


def readings(data):
    """The text, and what it stands for where a program holds it as one."""
    yield data
    yield re.sub(rb"\\r?\\n|\\r", b"\n", data).replace(b"\\/", b"/")
    yield re.sub(rb"(?m)^[+ -]", b"", data)  # a patch
    yield data[::-1]
    yield codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")
    bare = re.sub(rb"[^A-Za-z0-9+/=]+", b" ", data)
    whole = re.sub(rb"\s+", b"", data)
    for word in bare.split() + ([whole] if data.isascii() else []):
        if len(word) >= 80:
            try:
                yield base64.b64decode(word + b"=" * (-len(word) % 4))
            except binascii.Error:
                pass
    octets = re.findall(rb"\b0x([0-9a-fA-F]{2})\b", data)
    if len(octets) >= 80:
        yield bytes.fromhex(b"".join(octets).decode())


def lines_of(body):
    """base64 without the marks of the language around it."""
    body = re.sub(rb"\\[nrt]", b"\n", body)
    for line in body.splitlines():
        words = re.findall(rb"[+/]*[A-Za-z0-9][A-Za-z0-9+/]*=*", line)
        # a header, or the longest word
        yield line.strip() if b": " in line else \
            max(words, key=len, default=b"")


def is_ssh(raw):
    """One of a kind that this ssh-keygen does not know: by its parts."""
    magic = b"openssh-key-v1\0"
    at, lengths = len(magic), []
    if not raw.startswith(magic):
        return False
    for part in range(6):  # the fourth: how many keys there are
        n = int.from_bytes(raw[at:at + 4], "big")
        at += 4 + (0 if part == 3 else n)
        lengths.append(n)
    return lengths[3] == 1 and at == len(raw) and lengths[5] % 8 == 0


def is_sealed(raw):
    """cosign's: JSON."""
    try:
        return {"kdf", "cipher", "ciphertext"} <= set(json.loads(raw))
    except ValueError:
        return False


def seen_by_gpg(text):
    with tempfile.TemporaryDirectory() as home:
        out = subprocess.run(
            ["gpg", "--homedir", home, "--batch", "--list-packets"],
            input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=20, check=False).stdout
    return b"secret key packet" in out or b"secret sub key packet" in out


def seen_by_ssh(text):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "key")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(text)
        # the public half of one with a passphrase, too
        return run(["ssh-keygen", "-y", "-P", "", "-f", path]) or \
            run(["ssh-keygen", "-l", "-f", path])


def is_whole(raw):
    """A SEQUENCE, as long as it says."""
    if len(raw) < 4 or raw[0] != 0x30 or raw[1] < 0x81 or raw[1] > 0x83:
        return len(raw) > 2 and raw[0] == 0x30 and raw[1] == len(raw) - 2
    n = raw[1] - 0x80
    return int.from_bytes(raw[2:2 + n], "big") == len(raw) - 2 - n


def seen_by_openssl(text):
    return run(["openssl", "pkey", "-noout", "-passin", "pass:"], text) or \
        run(["openssl", "asn1parse", "-inform", "PEM", "-noout"], text)


def holds_key(kind, body):
    begin, end = b"-----BEGIN " + kind + b"-----\n", b"-----END " + kind
    parts = list(lines_of(body))
    if kind.endswith(b"BLOCK"):
        start = parts.index(b"") if b"" in parts[1:] else 0
        headers = [p for p in parts[:start] if b":" in p]
        text = b"\n".join(headers) + b"\n\n" + \
            b"\n".join(p for p in parts[start:] if p and b":" not in p)
        return seen_by_gpg(begin + text + b"\n" + end + b"-----\n")
    data = b"".join(p for p in parts if re.fullmatch(rb"[A-Za-z0-9+/=]+", p))
    # with spaces or a drawing between
    spaced = re.sub(rb"[^A-Za-z0-9+/=]+", b"", ENCRYPTED.split(body)[-1])
    if len(parts) > 4 and spaced.startswith(data[:32]):
        data = spaced
    try:
        raw = base64.b64decode(data[:len(data) // 4 * 4])
    except binascii.Error:
        return False
    if ENCRYPTED.search(body):  # as long as blocks of a cipher
        return len(raw) >= 64 and len(raw) % 8 == 0
    text = begin + b"\n".join(data[i:i + 64] for i in range(0, len(data), 64)) \
        + b"\n" + end + b"-----\n"
    if kind == b"OPENSSH PRIVATE KEY":
        return seen_by_ssh(text) or is_ssh(raw)
    if kind.split()[1:2] in ([b"COSIGN"], [b"SIGSTORE"]):
        return is_sealed(raw)
    return is_whole(raw) and seen_by_openssl(text)


def is_right(data, depth=2):
    for text in readings(data):
        for m in BLOCK.finditer(text):
            if holds_key(m[1], m[2]):
                return True
    return depth > 0 and any(is_right(m, depth - 1) for m in members(data))


def main():
    bad = 0
    for line in sys.stdin:
        path, _, what = line.rstrip("\n").rpartition(": ")
        right = False
        if what == "a private-key credential":
            with open(path, "rb") as f:
                right = is_right(f.read())
        bad += not right
        print(f"right {path}" if right else f"false {path}: {what}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
