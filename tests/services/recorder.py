#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records every byte that arrives on two free ports of 127.0.0.1: one speaks
enough HTTP to be curl's and wget's peer, the other only listens.

    recorder.py DIR     writes DIR/http.port, DIR/tcp.port, DIR/bytes; what
                        it answers is in DIR/answer, where that is there
"""
import os
import socket
import sys
import threading

folder = sys.argv[1]
record = os.open(os.path.join(folder, "bytes"),
                 os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def request(conn):
    """Head and body of one request, None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        got = conn.recv(65536)
        if not got:
            os.write(record, data)
            return None
        data += got
    head, body = data.split(b"\r\n\r\n", 1)
    length = 0
    chunked = False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if name.lower() == b"transfer-encoding":
            chunked = b"chunked" in value.lower()
        if name.lower() == b"expect":
            conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
        got = conn.recv(65536)
        if not got:
            break
        body += got
    os.write(record, head + b"\r\n\r\n" + body)
    return head


def http(conn):
    with conn:
        while True:
            head = request(conn)
            if head is None:
                return
            verb, path = head.split(b" ")[:2]
            text = b"id,amount\n1,10\n" if path.endswith(b".csv") \
                else verb + b" " + path + b"\n"
            answer = os.path.join(folder, "answer")
            if os.path.exists(answer):
                with open(answer, "rb") as f:
                    text = f.read()
            status = b"404 Not Found" if b"missing" in path else b"200 OK"
            conn.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: "
                         b"text/plain\r\nContent-Length: %d\r\n\r\n"
                         % len(text) + (b"" if verb == b"HEAD" else text))


def tcp(conn):
    with conn:
        conn.settimeout(5)
        try:
            while True:
                got = conn.recv(65536)
                if not got:
                    return
                os.write(record, got)
        except OSError:
            return


def serve(name, handler):
    s = socket.create_server(("127.0.0.1", 0))
    with open(os.path.join(folder, name + ".port.new"), "w") as f:
        f.write(str(s.getsockname()[1]))
    os.rename(f.name, os.path.join(folder, name + ".port"))
    while True:
        conn, _ = s.accept()
        threading.Thread(target=handler, args=(conn,), daemon=True).start()


threading.Thread(target=serve, args=("tcp", tcp), daemon=True).start()
serve("http", http)
