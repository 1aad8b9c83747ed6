#!/usr/bin/env python3
"""What dynamo-server does with clients that mean ill: others are served.

usage: hostile.py DYNAMO-SERVER DYNAMO.SO [--half-open N] [--random N]
"""
import contextlib
import json
import random
import resource
import socket
import sys
import threading
import time

from support import SANITIZED, TABLE, run, serving, wait_until

TARGET = b"X-Amz-Target: DynamoDB_20120810.ListTables\r\n"
OPTIONS = dict(zip(sys.argv[3::2], map(int, sys.argv[4::2])))
HALF_OPEN = OPTIONS.get("--half-open", 1500)
RANDOM = OPTIONS.get("--random", 300)
LARGE = 16 * 1024 * 1024


def is_ended(raw):
    """Whether the server has ended a connection, on which nothing is sent."""
    raw.settimeout(0.01)
    try:
        while True:
            if raw.recv(65536) == b"":
                return True
    except TimeoutError:
        return False
    except OSError:
        return True


def answer_to(server, data, seconds=10):
    """What comes for bytes, until the server ends the connection or is silent."""
    got = b""
    with server.socket(seconds) as raw:
        with contextlib.suppress(OSError):
            raw.sendall(data)
            raw.shutdown(socket.SHUT_WR)
            while more := raw.recv(65536):
                got += more
    return got


def is_served(server):
    client = server.client(timeout=5)
    assert client.call("ListTables")["TableNames"] is not None
    client.close()


def who_sends_a_byte_now_and_then_is_ended():
    with serving("--timeout", "2") as server:
        begin = time.monotonic()
        beginnings = (b"", b"P", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: h\r\n",
                      b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
        slow = [server.socket() for _ in range(100)]
        for i, raw in enumerate(slow):
            raw.sendall(beginnings[i % len(beginnings)])
        client = server.client(timeout=5)
        while slow:
            for raw in slow:
                with contextlib.suppress(OSError):
                    raw.send(b"a")
            assert client.call("ListTables") == {"TableNames": []}
            slow = [raw for raw in slow if not is_ended(raw)]
            assert time.monotonic() < begin + 15, len(slow)
        assert time.monotonic() > begin + 1.5


def who_does_not_read_is_ended():
    with serving("--timeout", "2") as server:
        client = server.client()
        client.make_table()
        for i in range(20):
            client.put(f"k{i}", t={"S": "x" * 300000})
        body = b'{"TableName":"Music"}'
        slow = []
        for _ in range(10):
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.connect(("127.0.0.1", server.port))
            raw.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n"
                        b"X-Amz-Target: DynamoDB_20120810.Scan\r\n\r\n%s"
                        % (len(body), body) * 6)  # more than sockets hold
            slow.append(raw)
        client.put("other")
        assert client.get("other") is not None
        assert server.sockets() > 11
        wait_until(lambda: server.sockets() < 8)
        for raw in slow:
            raw.close()


def many_half_open_connections_keep_nobody_out():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(HALF_OPEN, hard - 300)
    with serving("--timeout", "5") as server:
        before = server.memory_kb()
        slow = []
        for i in range(count):
            raw = server.socket()
            raw.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nX-A: b\r\n")
            slow.append(raw)
            if i % 500 == 0:
                is_served(server)
        is_served(server)
        during = server.memory_kb()
        wait_until(lambda: is_ended(slow[0]) and is_ended(slow[-1]))
        for raw in slow:
            raw.close()
        is_served(server)
        print(f"# {count} half-open connections: {before} kB, then {during} kB")
        assert SANITIZED or during - before < 20 * count + 10000


def headers_have_a_limit():
    with serving() as server:
        for headers in (b"X-Large: " + b"x" * 100_000 + b"\r\n",
                        b"X-Many: y\r\n" * 20_000,
                        b"".join(b"X-%d: y\r\n" % i for i in range(5_000))):
            got = answer_to(server, b"POST / HTTP/1.1\r\nHost: h\r\n" + headers + b"\r\n")
            assert got == b"" or b" 200 " not in got.split(b"\r\n")[0], got[:100]
        got = answer_to(server, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n")
        assert got == b"" or got.startswith(b"HTTP/1.1 4") or got.startswith(b"HTTP/1.1 5")
        is_served(server)


def what_is_no_http_is_refused():
    head = b"POST / HTTP/1.1\r\nHost: h\r\n" + TARGET
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    with serving() as server:
        for data in (
                b"\r\n\r\n\r\n", b"\0" * 1000, b"\xff" * 1000, b"GET\r\n\r\n",
                b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\x55" * 500,
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n",
                head + b"Content-Length: x\r\n\r\n{}",
                head + b"Content-Length: -1\r\n\r\n{}",
                head + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
                head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                head + b"Content-Length: 10\r\n\r\n{}",
                head + b" folded: x\r\n\r\n", head + b"no colon\r\n\r\n",
                chunked + b"x\r\n{}\r\n0\r\n\r\n", chunked + b"-1\r\n{}\r\n0\r\n\r\n",
                chunked + b"2\r\n{}}}}\r\n0\r\n\r\n", chunked + b"2\r\n{}",
                chunked + b"ffffffffffffffffff\r\n{}", chunked + b"2;" + b"e" * 99999,
                chunked + b"2\r\n{}\r\n0\r\nX: " + b"t" * 99999):
            answer_to(server, data, 0.5)
            assert server.is_alive(), data
        is_served(server)


def random_bytes_do_no_harm():
    rng = random.Random(16)
    good = (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n" + TARGET +
            b"Accept-Encoding: gzip\r\nContent-Encoding: identity\r\n\r\n{}")
    with serving() as server:
        for _ in range(RANDOM):
            data = bytearray(good * rng.randrange(1, 3))
            for _ in range(rng.randrange(1, 8)):
                at = rng.randrange(len(data))
                piece = bytes(rng.randrange(256) for _ in range(rng.randrange(3)))
                data[at:at + rng.randrange(4)] = piece
                if not data:
                    data = bytearray(b"x")
            answer_to(server, bytes(data), 0.05)
        assert server.is_alive()
        is_served(server)


def a_body_of_17_mb_is_refused():
    with serving() as server:
        client = server.client()
        client.make_table()
        for body in (b" " * 17_000_000, iter([b" " * 1_000_000] * 17)):
            answer = client.send(body=body, headers={
                "X-Amz-Target": "DynamoDB_20120810.ListTables"})
            assert answer.status == 413, answer.status
            assert json.loads(answer.body)["__type"].endswith(
                "#RequestEntityTooLargeException")
        answer = client.call_raw("ListTables", b"{}" + b" " * (LARGE - 2))
        assert answer.status == 200, answer.body
        assert client.call("ListTables") == {"TableNames": [TABLE]}
        assert SANITIZED or server.memory_kb() < 100_000


def bodies_of_all_share_what_there_is():
    with serving("--timeout", "300") as server:
        sockets = []
        for _ in range(20):
            raw = server.socket(300)
            raw.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n" + TARGET +
                        b"Content-Length: %d\r\n\r\n{}" % LARGE)
            sockets.append(raw)
        rest = b" " * (LARGE - 3)  # the last byte comes when all have come
        senders = [threading.Thread(target=raw.sendall, args=(rest,)) for raw in sockets]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(300)
        is_served(server)
        memory = server.memory_kb()
        first = []
        for raw in sockets:
            raw.sendall(b" ")
            first.append(raw.recv(65536).split(b"\r\n")[0])
            raw.close()
        assert set(first) == {b"HTTP/1.1 200 OK", b"HTTP/1.1 503 Service Unavailable"}, set(first)
        assert SANITIZED or memory < 350_000, memory
        is_served(server)


if __name__ == "__main__":
    run([who_sends_a_byte_now_and_then_is_ended, who_does_not_read_is_ended,
         many_half_open_connections_keep_nobody_out, headers_have_a_limit,
         what_is_no_http_is_refused, random_bytes_do_no_harm,
         a_body_of_17_mb_is_refused, bodies_of_all_share_what_there_is])
