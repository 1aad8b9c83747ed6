"""A server that answers as a test tells it, and remembers what it was asked."""
import hashlib
import hmac
import json
import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/token=="

ORDERS = {
    "TableName": "Orders", "TableStatus": "ACTIVE",
    "AttributeDefinitions": [
        {"AttributeName": "Status", "AttributeType": "S"},
        {"AttributeName": "Customer", "AttributeType": "S"},
        {"AttributeName": "Day", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "Customer", "KeyType": "HASH"},
                  {"AttributeName": "Day", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{
        "IndexName": "by_status", "IndexStatus": "ACTIVE",
        "KeySchema": [{"AttributeName": "Status", "KeyType": "HASH"},
                      {"AttributeName": "Day", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"}}]}


def item(customer, day, **more):
    return {"Customer": {"S": customer}, "Day": {"N": str(day)}, **more}


def failure(name, message="no", status=400, **more):
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{name}",
                    "message": message, **more}


class Close:
    """An answer: none, the connection ends."""


class Raw(bytes):
    """An answer: these bytes, with status 200."""


class Slow:
    """An answer: none within so many seconds."""

    def __init__(self, seconds):
        self.seconds = seconds


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].removeprefix(
            "DynamoDB_20120810.")
        fake = self.server.fake
        fake.peers.add(self.client_address)
        fake.headers.append((dict(self.headers), body))
        request = json.loads(body)
        self.give(fake.answer(operation, request))

    def give(self, answer):
        status = 200
        if isinstance(answer, Slow):
            self.server.fake.ending.wait(answer.seconds)
            answer = Close
        if answer is Close:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if isinstance(answer, tuple):
            status, answer = answer
        data = answer if isinstance(answer, Raw) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass                        # a client that has gone away


class Fake:
    """answers: for each operation what it is answered: a list, whose last one
    stays, or a function of the request. requests: those it got, as (operation,
    request), but for DescribeTable."""

    def __init__(self):
        self.answers = {"DescribeTable": [{"Table": ORDERS}]}
        self.requests = []
        self.headers = []
        self.peers = set()
        self.ending = threading.Event()
        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.fake = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def answer(self, operation, request):
        if operation != "DescribeTable":
            self.requests.append((operation, request))
        told = self.answers.get(operation)
        if told is None:
            return failure("UnknownOperationException", "not in this test")
        if callable(told):
            return told(request)
        return told.pop(0) if len(told) > 1 else told[0]

    def end(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()


def signature(headers, body, region, secret):
    """What AWS Signature Version 4 makes of a request, by the headers that its
    Authorization says are signed."""
    headers = {name.lower(): value for name, value in headers.items()}
    fields = dict(part.strip().split("=", 1) for part in
                  headers["authorization"].split(" ", 1)[1].split(","))
    names = fields["SignedHeaders"].split(";")
    canonical = "\n".join(
        ["POST", "/", ""] + [f"{n}:{' '.join(headers[n].split())}" for n in names]
        + ["", ";".join(names), hashlib.sha256(body).hexdigest()])
    date = headers["x-amz-date"]
    scope = f"{date[:8]}/{region}/dynamodb/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return {"names": names, "given": fields["Signature"],
            "credential": urllib.parse.unquote(fields["Credential"]),
            "scope": scope,
            "wanted": hmac.new(key, text.encode(), "sha256").hexdigest()}
