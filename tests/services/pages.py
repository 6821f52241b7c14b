#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server on a free port of 127.0.0.1 for measuring: GET /N answers N
bytes, a body of any size is read and forgotten.

    pages.py PORTFILE
"""
import os
import socket
import sys
import tempfile
import threading

zeros = tempfile.TemporaryFile()
zeros.truncate(1 << 31)


def serve(conn):
    room = memoryview(bytearray(1 << 20))
    with conn:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                got = conn.recv(65536)
                if not got:
                    return
                data += got
            head, rest = data.split(b"\r\n\r\n", 1)
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
                if line.startswith(b"expect:"):
                    conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            left = length - len(rest)
            while left > 0:
                n = conn.recv_into(room)
                if not n:
                    return
                left -= n
            name = head.split(b" ")[1].lstrip(b"/")
            size = int(name) if name.isdigit() else 0
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                         % size)
            sent = 0
            while sent < size:
                sent += os.sendfile(conn.fileno(), zeros.fileno(), sent,
                                    size - sent)
            data = b""


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename(f.name, sys.argv[1])
while True:
    c, _ = listener.accept()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(c,), daemon=True).start()
