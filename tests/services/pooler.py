#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands before a PostgreSQL server as a pool of connections does that takes
no settings from its clients.

    pooler.py SERVER-PORT FILE     writes its own port on 127.0.0.1 to FILE
"""
import os
import socket
import sys
import threading


def refusal(text):
    fields = b"SFATAL\0VFATAL\0C08P01\0M" + text + b"\0\0"
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


def pipe(a, b):
    while True:
        got = a.recv(65536)
        if not got:
            break
        b.sendall(got)
    b.shutdown(socket.SHUT_WR)


def serve(conn):
    while True:
        head = conn.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            return conn.close()
        rest = conn.recv(int.from_bytes(head[:4], "big") - 8,
                         socket.MSG_WAITALL) if head[3] > 8 else b""
        if head[4:] in (b"\4\xd2\x16\x2f", b"\4\xd2\x16\x30"):
            conn.sendall(b"N")
            continue
        if b"\0options\0" in b"\0" + rest:
            conn.sendall(refusal(b"unsupported startup parameter: options"))
            return conn.close()
        break
    server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    server.sendall(head + rest)
    threading.Thread(target=pipe, args=(server, conn), daemon=True).start()
    pipe(conn, server)


listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[2] + ".new", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
while True:
    threading.Thread(target=serve, args=listener.accept()[:1],
                     daemon=True).start()
