"""The two that are compared: dynamo in this process, dynalite over HTTP.

`call` of either gives the exception's name and what came back: the response,
or {"message": …} and what else the exception carries. The name is None when
the request succeeded.
"""
import http.client
import json
import re
import socket
import sqlite3
import subprocess
import time

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/"
                     "dynamodb/aws4_request, SignedHeaders=host, Signature=a"}


class Dynamo:
    def __init__(self, path):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(path)

    def call(self, operation, request):
        try:
            text, = self.db.execute("SELECT dynamo_api(?, ?)",
                                    (operation, json.dumps(request))).fetchone()
            return None, json.loads(text)
        except sqlite3.Error as error:
            first, _, rest = str(error).partition("\n")
            # a message may have more lines than one
            members = {}
            if rest:
                head, _, last = str(error).rpartition("\n")
                try:
                    members = json.loads(last)
                    first = head
                except ValueError:
                    first = str(error)
            name, _, message = first.partition(": ")
            if not re.fullmatch(r"\w+", name):
                return "InternalServerError", {"message": first}
            return name, {"message": message, **members}


class Dynalite:
    """A dynalite that is started when it is needed, also after it has ended."""

    def __init__(self, command):
        self.command = command
        self.process = None
        self.connection = None

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["node", self.command, "--host", "127.0.0.1", "--port", str(port),
             "--createTableMs", "0", "--deleteTableMs", "0",
             "--updateTableMs", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def call(self, operation, request):
        """None when dynalite has ended over the request."""
        if self.process is None:
            self.start()
        try:
            self.connection.request(
                "POST", "/", json.dumps(request).encode(),
                {**HEADERS, "X-Amz-Target": "DynamoDB_20120810." + operation})
            response = self.connection.getresponse()
            body = json.loads(response.read())
        except (OSError, http.client.HTTPException):
            self.stop()
            return None
        if response.status == 200:
            return None, body or {}
        name = body.pop("__type").rpartition("#")[2]
        if "Message" in body:
            body["message"] = body.pop("Message")
        return name, body
