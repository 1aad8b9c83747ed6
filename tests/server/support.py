"""A dynamo-server for a test, and what speaks to it; standard library only."""
import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

PROGRAM, EXTENSION = map(lambda path: str(pathlib.Path(path).resolve()), sys.argv[1:3])
# A program with sanitizers looks for leaks when it ends, and takes memory.
SANITIZED = any(name in pathlib.Path(PROGRAM).read_bytes()
                for name in (b"libtsan", b"libasan"))
ENVIRONMENT = {**{name: value for name, value in os.environ.items()
                  if name != "LD_PRELOAD"}, "ASAN_OPTIONS": "detect_leaks=1"}
JSON = "application/x-amz-json-1.0"
TABLE = "Music"


class Server:
    """A process on a free port; arguments are those of its command line."""

    def __init__(self, *arguments, file_bytes=None, **more_environment):
        def limit_files():
            if file_bytes is not None:  # beyond it, writing fails
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        self.process = subprocess.Popen([PROGRAM, "--port", "0", *arguments],
                                        stdout=subprocess.PIPE, text=True,
                                        env={**ENVIRONMENT, **more_environment},
                                        preexec_fn=limit_files,
                                        restore_signals=False)  # SIGXFSZ
        line = self.process.stdout.readline()
        assert line.startswith("dynamo-server: "), line
        self.port = int(line.rsplit(":", 1)[1])

    def client(self, **more):
        return Client(self.port, **more)

    def socket(self, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def is_alive(self):
        return self.process.poll() is None

    def end(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self.process.stdout.close()

    def sockets(self):
        """How many it has open."""
        count = 0
        for file in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed by now
                count += "socket:" in str(file.readlink())
        return count

    def processor_seconds(self):
        """What it has taken of the processors until now."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


class Refused(Exception):
    """An exception of the service."""

    def __init__(self, status, body):
        super().__init__(body.get("message", body.get("Message")))
        self.status = status
        self.body = body
        self.name = body["__type"].rpartition("#")[2]


class Client:
    """A connection that is kept."""

    def __init__(self, port, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port,
                                                     timeout=timeout)

    def send(self, method="POST", path="/", body=b"", headers=None):
        """The answer: an HTTPResponse with its whole body as .body"""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        answer.body = answer.read()
        return answer

    def call_raw(self, operation, body, **headers):
        target = "DynamoDB_20120810." + operation
        if "Stream" in operation or "Record" in operation or "Shard" in operation:
            target = "DynamoDBStreams_20120810." + operation
        return self.send(body=body, headers={
            "Content-Type": JSON, "X-Amz-Target": target, **headers})

    def call(self, operation, **request):
        answer = self.call_raw(operation, json.dumps(request).encode())
        body = json.loads(answer.body)
        if answer.status != 200:
            raise Refused(answer.status, body)
        return body

    def close(self):
        self.connection.close()

    # ---- what most tests need

    def make_table(self, name=TABLE, **more):
        self.call("CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST",
                  KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                  AttributeDefinitions=[{"AttributeName": "id",
                                         "AttributeType": "S"}], **more)

    def put(self, key, **attributes):
        self.call("PutItem", TableName=TABLE, Item={
            "id": {"S": key}, **attributes})

    def get(self, key):
        return self.call("GetItem", TableName=TABLE, ConsistentRead=True,
                         Key={"id": {"S": key}}).get("Item")


def refused(name, function, *arguments, **more):
    """The exception, which has to have a name."""
    try:
        function(*arguments, **more)
    except Refused as error:
        assert error.name == name, error.body
        return error
    raise AssertionError(f"not refused as {name}")


@contextlib.contextmanager
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="dynamo-server-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def serving(*arguments):
    """A server that has to end well."""
    server = Server(*arguments)
    try:
        yield server
        assert server.is_alive(), "the server has ended"
    except BaseException:
        server.kill()
        raise
    code = server.end()
    assert code == 0, f"exit code {code}"


def check_file(path):
    """All tables of a file are sound; how many items they have."""
    db = sqlite3.connect(path)
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    items = 0
    for name, count in db.execute(
            "SELECT table_name, items FROM dynamo_tables").fetchall():
        report, = db.execute("SELECT dynamo_check(?)", (name,)).fetchone()
        assert report == "ok", report
        items += count
    db.close()
    return items


def wait_until(condition, seconds=20, what="it does not happen"):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def run(tests):
    """Run functions, whose names are claims; print the slow ones' times."""
    for test in tests:
        begin = time.monotonic()
        test()
        print(f"ok {test.__name__.replace('_', ' ')} "
              f"({time.monotonic() - begin:.1f} s)", flush=True)
