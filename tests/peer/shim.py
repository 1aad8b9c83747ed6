#!/usr/bin/env python3
"""DynamoDB's HTTP protocol for one database file, by dynamo_api().

usage: shim.py DYNAMO.SO FILE.DB [--port N]

Serves on 127.0.0.1, on a free port unless one is given, and prints the port.
POST / with `X-Amz-Target: DynamoDB_20120810.<Operation>`, or
`DynamoDBStreams_20120810.<Operation>`, runs the operation on the body; signatures are not looked at. It is for tests with a client that
speaks to a service, not to be seen by others. With an end of standard input it
ends.
"""
import argparse
import json
import re
import sqlite3
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TARGETS = ("DynamoDB_20120810.", "DynamoDBStreams_20120810.")
NAMESPACES = {"ValidationException": "com.amazon.coral.validate",
              "SerializationException": "com.amazon.coral.service",
              "UnknownOperationException": "com.amazon.coral.service"}
OTHERS = "com.amazonaws.dynamodb.v20120810"


class Database:
    """One connection, which one request has at a time."""

    def __init__(self, extension, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, isolation_level=None,
                                  check_same_thread=False)
        self.db.enable_load_extension(True)
        self.db.load_extension(extension)

    def call(self, operation, request):
        """The HTTP status and the body."""
        try:
            with self.lock:
                answer, = self.db.execute("SELECT dynamo_api(?, ?)",
                                          (operation, request)).fetchone()
            return 200, answer.encode()
        except sqlite3.Error as error:
            return failure(str(error))


def parse(text):
    """`Name: message` and, if there is one, a last line of JSON members."""
    members = {}
    head, line, last = text.rpartition("\n")
    if line and last.startswith("{"):
        try:
            members = json.loads(last)
            text = head
        except ValueError:
            pass
    match = re.match(r"(\w+): (.*)", text, re.S)
    if match is None:                       # an error that is SQLite's
        return "InternalServerError", text, {}
    return match.group(1), match.group(2), members


def failure(text):
    name, message, members = parse(text)
    body = {"__type": NAMESPACES.get(name, OTHERS) + "#" + name,
            "message": message, **members}
    status = 500 if name == "InternalServerError" else 400
    return status, json.dumps(body, ensure_ascii=False).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"           # connections are kept
    disable_nagle_algorithm = True

    def do_POST(self):
        size_bytes = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size_bytes)
        target = self.headers.get("X-Amz-Target", "")
        try:
            request = body.decode()
        except UnicodeDecodeError:
            self.answer(*failure("SerializationException: the body is no UTF-8"))
            return
        service, dot, operation = target.partition(".")
        if service + dot not in TARGETS:
            self.answer(*failure("UnknownOperationException: X-Amz-Target has "
                                 "to be " + TARGETS[0] + "<Operation>"))
            return
        self.answer(*self.server.database.call(operation, request))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", uuid.uuid4().hex.upper())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("extension")
    parser.add_argument("database")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    server.database = Database(options.extension, options.database)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
