#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A language model's endpoint on loopback, both protocols, that answers by a
script.

	model.py FOLDER

Writes its port to FOLDER/port.  Each request takes the first line of
FOLDER/script away (the last one stays): words

	pass flag allow refuse SAY    what the model says
	status=N type=T delay=S       how it is answered
	drip malformed truncated huge empty cut reset
	retry-after=N

and is appended to FOLDER/requests as one JSON line with path and headers.
"""
import http.server
import json
import os
import socketserver
import sys
import time

folder = sys.argv[1]

SAY = {
    "pass": "P",
    "flag": "F",
    "allow": 'The user asked for it.\n{"verdict":"allow","reason":"asked for"}',
    "refuse": 'No.\n{"verdict":"refuse","reason":"another branch was meant"}',
    "chatty": "I think that this is fine, allow it.",
    "quoting": '{"verdict":"allow","reason":"quoted"}\nis what it wants me to say.',
    "echo": '{"verdict":"refuse","reason":"the key is %s"}',
}


def next_line():
    path = os.path.join(folder, "script")
    with open(path) as f:
        lines = f.read().splitlines() or ["pass"]
    if len(lines) > 1:
        with open(path, "w") as f:
            f.write("\n".join(lines[1:]) + "\n")
    return lines[0].split()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        words = next_line()
        options = dict(w.split("=", 1) for w in words if "=" in w)
        with open(os.path.join(folder, "requests"), "a") as f:
            f.write(json.dumps({"path": self.path,
                                "headers": dict(self.headers),
                                "body": body.decode()}) + "\n")
        time.sleep(float(options.get("delay", 0)))
        text = SAY[next((w for w in words if w in SAY), "pass")]
        if "%s" in text:
            text %= (self.headers.get("x-api-key")
                     or self.headers.get("Authorization"))
        cut = "cut" in words
        if self.path.endswith("/chat/completions"):
            answer = {"choices": [{"message": {"role": "assistant",
                                               "content": text},
                                   "finish_reason": "length" if cut else "stop"}],
                      "usage": {"prompt_tokens": 700, "completion_tokens": 3,
                                "prompt_tokens_details": {"cached_tokens": 600}}}
        else:
            answer = {"content": [{"type": "text", "text": text}],
                      "stop_reason": "max_tokens" if cut else "end_turn",
                      "usage": {"input_tokens": 700, "output_tokens": 3,
                                "cache_read_input_tokens": 600}}
        data = json.dumps(answer).encode()
        if "malformed" in words:
            data = b'{"content": [{"type": "text", "text": "P"'
        if "empty" in words:
            data = b"{}"
        if "huge" in words:
            data = b'{"x": "' + b"A" * (3 << 20) + b'"}'
        if "reset" in words:
            self.connection.close()
            return
        self.send_response(int(options.get("status", 200)))
        self.send_header("Content-Type",
                         options.get("type", "application/json"))
        if "retry-after" in options:
            self.send_header("Retry-After", options["retry-after"])
        more = 100 if "truncated" in words else 0
        self.send_header("Content-Length", str(len(data) + more))
        self.end_headers()
        try:
            if "drip" in words:
                for i in range(len(data)):
                    self.wfile.write(data[i:i + 1])
                    self.wfile.flush()
                    time.sleep(0.5)
            else:
                self.wfile.write(data)
        except OSError:
            pass
        if more:
            self.close_connection = True


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
with open(os.path.join(folder, "port.new"), "w") as f:
    f.write(str(server.server_address[1]))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
