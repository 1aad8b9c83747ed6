#!/usr/bin/env python3
"""Signatures: who is let in by dynamo-server --credentials. Requests are signed
here by AWS's rules, with Python's hmac.

usage: signatures.py DYNAMO-SERVER DYNAMO.SO
"""
import gzip
import hashlib
import hmac
import json
import subprocess
import time

from support import JSON, PROGRAM, folder, run, serving

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def sign(body, target="DynamoDB_20120810.ListTables", key=KEY, secret=SECRET,
         at=None, service="dynamodb", more=None, path="/"):
    """The headers of a request."""
    when = time.gmtime(time.time() if at is None else at)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", when)
    headers = {"host": "127.0.0.1", "content-type": JSON, "x-amz-date": stamp,
               "x-amz-target": target, **(more or {})}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    form = "\n".join(["POST", path, "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/eu-west-3/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                      hashlib.sha256(form.encode()).hexdigest()])
    code = ("AWS4" + secret).encode()
    for part in [*scope.split("/"), text]:
        code = hmac.new(code, part.encode(), hashlib.sha256).digest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key}/{scope}, "
                                f"SignedHeaders={names}, Signature={code.hex()}")
    return headers


def send(server, body, headers, path="/"):
    """The name of the exception, or None."""
    client = server.client()
    answer = client.send(path=path, body=body, headers=headers)
    client.close()
    if answer.status == 200:
        return None
    assert answer.status == 400
    return json.loads(answer.body)["__type"].rpartition("#")[2]


def only_who_knows_a_secret_is_let_in():
    with folder() as path:
        keys = path / "keys"
        keys.write_text(f"# ours\nOTHER other-secret\n{KEY} {SECRET}\n")
        with serving("--credentials", str(keys)) as server:
            body = b'{"Limit": 3}'
            now = time.time()
            assert send(server, body, sign(body)) is None
            assert send(server, b"{}", sign(b"{}")) is None
            assert send(server, body, sign(body, key="OTHER", secret="other-secret")) is None
            assert send(server, body, sign(body, at=now - 850)) is None
            assert send(server, body, sign(body, at=now + 850)) is None
            assert send(server, body, sign(body, path="/path/"), "/path/") is None
            packed = gzip.compress(body)
            assert send(server, packed, sign(packed, more={"content-encoding": "gzip"})) is None
            streams = sign(b"{}", "DynamoDBStreams_20120810.ListStreams")
            assert send(server, b"{}", streams) is None

            invalid = "InvalidSignatureException"
            assert send(server, b"{}", sign(body)) == invalid
            assert send(server, body, sign(body, secret="x")) == invalid
            assert send(server, body, sign(body, at=now - 1000)) == invalid
            assert send(server, body, sign(body, at=now + 1000)) == invalid
            assert send(server, body, sign(body, service="s3")) == invalid
            assert send(server, body, sign(body), "/other") == invalid
            other = dict(sign(body), **{"x-amz-target": "DynamoDB_20120810.DeleteTable"})
            assert send(server, body, other) == invalid
            assert send(server, body, sign(body, key="NOBODY")) == "UnrecognizedClientException"
            headers = sign(body)
            del headers["authorization"]
            assert send(server, body, headers) == "MissingAuthenticationTokenException"
            headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={KEY}"
            assert send(server, body, headers) == "IncompleteSignatureException"


def without_credentials_anybody_is_let_in():
    with serving() as server:
        assert send(server, b"{}", sign(b"", secret="x")) is None
        assert send(server, b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables",
                                    "Authorization": "nonsense"}) is None


def what_cannot_start_says_why():
    with folder() as path:
        (path / "keys").write_text("KEY\n")
        (path / "text.db").write_text("this is no database, but a text of some length" * 30)
        with serving() as server:
            for arguments, message in (
                    (["--credentials", str(path / "none")], "No such file"),
                    (["--credentials", str(path / "keys")], "line 1 is not an access key"),
                    ([str(path / "none" / "shop.db")], "unable to open database file"),
                    ([str(path / "text.db")], "file is not a database"),
                    (["--port", str(server.port)], "Address already in use"),
                    (["--host", "nowhere.invalid"], "nowhere.invalid is no address"),
                    (["--what"], "there is no option --what")):
                done = subprocess.run([PROGRAM, "--port", "0", *arguments],
                                      capture_output=True, text=True, timeout=30)
                assert done.returncode in (1, 2), arguments
                assert message in done.stderr, (arguments, done.stderr)
                assert done.stdout == ""
        for option, text in (("--help", "usage: dynamo-server"), ("--version", "dynamo-server ")):
            done = subprocess.run([PROGRAM, option], capture_output=True, text=True, timeout=30)
            assert done.returncode == 0 and done.stdout.startswith(text)


if __name__ == "__main__":
    run([only_who_knows_a_secret_is_let_in, without_credentials_anybody_is_let_in,
         what_cannot_start_says_why])
