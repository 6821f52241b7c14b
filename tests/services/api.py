#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A forge's interface over TLS that writes down what it is asked.

    api.py PORT CERT KEY RECORD [REPOSITORIES]

One JSON line a request in RECORD; bare repositories below REPOSITORIES are
served by git http-backend, for those who give a password.
"""
import gzip
import http.server
import json
import os
import ssl
import subprocess
import sys

port, cert, key, record = int(sys.argv[1]), *sys.argv[2:5]

store = {}
REPO = {"id": "R1", "name": "widgets", "owner": {"login": "acme", "id": "O1"},
        "hasIssuesEnabled": True, "viewerPermission": "ADMIN",
        "description": "made for a test", "nameWithOwner": "acme/widgets",
        "url": "https://localhost/acme/widgets",
        "defaultBranchRef": {"name": "main"}, "isPrivate": False}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def git(self, body):
        if not self.headers.get("Authorization"):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        r = subprocess.run(["git", "http-backend"], input=body, env={
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": sys.argv[5],
            "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "dana",
            "REQUEST_METHOD": self.command, "PATH_INFO": path,
            "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }, stdout=subprocess.PIPE, check=False)
        head, _, out = r.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1)
                      for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def lfs(self, body):
        """git-lfs: the batch interface, and a store of objects."""
        if not self.headers.get("Authorization"):
            self.send_response(401)
            self.send_header("LFS-Authenticate", 'Basic realm="test"')
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        oid = self.path.rsplit("/", 1)[-1]
        if self.command == "PUT":
            store[oid] = body
            return self.answer(200, None)
        if self.command == "GET" and oid in store:
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(store[oid])))
            self.end_headers()
            return self.wfile.write(store[oid])
        if not self.path.endswith("/objects/batch"):
            return self.answer(404, {"message": "no"})
        asked = json.loads(body)
        here = "https://" + self.headers["Host"] + "/lfs-store/info/lfs/"
        objects = []
        for o in asked["objects"]:
            there = o["oid"] in store
            one = {"oid": o["oid"], "size": o["size"]}
            if asked["operation"] == "download" and not there:
                one["error"] = {"code": 404, "message": "not here"}
            elif asked["operation"] == "download" or not there:
                one["actions"] = {asked["operation"]: {
                    "href": here + o["oid"],
                    "header": {"Authorization":
                               self.headers["Authorization"]}}}
            objects.append(one)
        return self.answer(200, {"transfer": "basic", "objects": objects})

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with open(record, "a", encoding="utf-8") as f:
            f.write(json.dumps({
                "method": self.command, "path": self.path,
                "host": self.headers.get("Host"),
                "token": self.headers.get("Authorization")
                or self.headers.get("Private-Token"),
                "body": body.decode("utf-8", "replace")}) + "\n")
        path = self.path.split("?")[0]
        if "/info/lfs/" in path:
            return self.lfs(body)
        if path.endswith(("/info/refs", "/git-upload-pack",
                          "/git-receive-pack")):
            return self.git(body)
        for prefix in ("/api/v3", "/api/v4"):
            if path.startswith(prefix):
                path = path[len(prefix):]
        if path.endswith("/graphql"):
            return self.answer(200, self.graphql(json.loads(body or b"{}")))
        if self.command == "DELETE":
            return self.answer(204, None)
        if path == "/user":
            return self.answer(200, {"login": "dana", "username": "dana",
                                     "id": 1, "name": "Dana"})
        if self.command == "GET" and path.startswith("/echo/"):
            return self.answer(200, {"said": path[6:]})
        return self.answer(200, {"id": 7, "ok": True, "number": 7,
                                 "html_url": "https://localhost/x"})

    def graphql(self, asked):
        query = asked.get("query", "")
        if "issues(" in query or "issues (" in query:
            return {"data": {"repository": {
                "hasIssuesEnabled": True,
                "issues": {"totalCount": 1, "nodes": [
                    {"number": 3, "title": "a title", "state": "OPEN",
                     "url": "u", "labels": {"nodes": []},
                     "updatedAt": "2026-01-01T00:00:00Z"}],
                    "pageInfo": {"hasNextPage": False}}}}}
        if "mutation" in query:
            return {"data": {"done": {"id": "1", "url": "u"}}}
        return {"data": {"viewer": {"login": "dana"}, "repository": REPO}}

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(cert, key)
server.socket = tls.wrap_socket(server.socket, server_side=True)
with open(record + ".port", "w", encoding="utf-8") as out:
    out.write(str(server.server_address[1]))
server.serve_forever()
