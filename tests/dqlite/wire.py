"""A client of dqlite's wire protocol.

A connection goes to one node. Its handshake is a word, then each request has one
response. Both are a header and a body of whole words of 8 bytes, little-endian:

    header  u32 words of the body, u8 kind, u8 schema, u16 0
    text    bytes, at least one 0, to the end of a word
    blob    u64 size, bytes, to the end of a word
    values  of a statement: u8 count, u8 type for each, to the end of a word
            of a row:       a nibble of type for each, to the end of a word
            then the values

Only the leader runs statements; the others refuse them with NOT_LEADER.
"""
import socket
import struct

PROTOCOL = 1
(LEADER, CLIENT, HEARTBEAT, OPEN, PREPARE, EXEC, QUERY, FINALIZE, EXEC_SQL,
 QUERY_SQL, INTERRUPT, CONNECT, ADD, ASSIGN, REMOVE, DUMP, CLUSTER, TRANSFER,
 DESCRIBE, WEIGHT) = range(20)
(FAILURE, SERVER, WELCOME, SERVERS, DB, STATEMENT, RESULT, ROWS, EMPTY, FILES,
 METADATA) = range(11)
INTEGER, FLOAT, TEXT, BLOB, NULL = 1, 2, 3, 4, 5
ISO8601, UNIXTIME, BOOLEAN = 10, 9, 11
VOTER, STANDBY, SPARE = 0, 1, 2
ROWS_END, ROWS_PART = 0xffffffffffffffff, 0xeeeeeeeeeeeeeeee

BUSY = 5
NO_DATABASE = 12
NOT_LEADER = 10 | 40 << 8       # extended codes of SQLITE_IOERR
LEADERSHIP_LOST = 10 | 41 << 8


class Failure(Exception):
    """The node has answered that a request failed."""

    def __init__(self, code, message):
        super().__init__(f'{message} ({code})')
        self.code = code
        self.message = message


def padded(data):
    return data + bytes(-len(data) % 8)


def text(value):
    return padded(value.encode() + b'\0')


def value_of(value):
    if value is None:
        return NULL, bytes(8)
    if isinstance(value, int):
        return INTEGER, struct.pack('<q', value)
    if isinstance(value, float):
        return FLOAT, struct.pack('<d', value)
    if isinstance(value, str):
        return TEXT, text(value)
    return BLOB, struct.pack('<Q', len(value)) + padded(value)


def values(given):
    """What a statement is run with; nothing when there are none."""
    if not given:
        return b''
    coded = [value_of(value) for value in given]
    head = bytes([len(coded)]) + bytes(kind for kind, _ in coded)
    return padded(head) + b''.join(data for _, data in coded)


class Body:
    """A response, read from its beginning to its end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, form):
        result, = struct.unpack_from('<' + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return result

    def text(self):
        end = self.data.index(0, self.at)
        result = self.data[self.at:end].decode()
        self.at += (end - self.at + 1 + 7) // 8 * 8
        return result

    def blob(self):
        size = self.take('Q')
        result = self.data[self.at:self.at + size]
        self.at += (size + 7) // 8 * 8
        return result

    def value(self, kind):
        if kind in (INTEGER, UNIXTIME, BOOLEAN):
            return self.take('q')
        if kind == FLOAT:
            return self.take('d')
        if kind in (TEXT, ISO8601):
            return self.text()
        if kind == BLOB:
            return self.blob()
        self.take('q')
        return None

    def failure(self):
        """A code and a message, at the end. Where a query fails after it has
        begun, the heading and the rows so far are before them."""
        start = self.at
        result = Failure(self.take('Q'), self.text())
        if self.at < len(self.data):
            self.at = start
            columns = self.heading()
            while True:
                start = self.at
                result = Failure(self.take('Q'), self.text())
                if self.at == len(self.data):
                    break
                self.at = start
                self.row(columns)
        return result

    def heading(self):
        """The number of the columns of rows, whose names are passed by."""
        columns = self.take('Q')
        for _ in range(columns):
            self.text()
        return columns

    def row(self, columns):
        size = (columns + 15) // 16 * 8
        head = self.data[self.at:self.at + size]
        self.at += size
        return tuple(self.value(head[i // 2] >> 4 * (i % 2) & 15)
                     for i in range(columns))


class Connection:
    """Raises Failure, and OSError when the node cannot be reached."""

    def __init__(self, address, timeout=5):
        host, port = address.rsplit(':', 1)
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(struct.pack('<Q', PROTOCOL))
        self.database = None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- messages

    def receive(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionResetError('the node has closed the connection')
            data += part
        return bytes(data)

    def response(self):
        words, kind, _, _ = struct.unpack('<IBBH', self.receive(8))
        body = Body(self.receive(words * 8))
        if kind == FAILURE:
            raise body.failure()
        return kind, body

    def request(self, kind, body, expected):
        self.socket.sendall(struct.pack('<IBBH', len(body) // 8, kind, 0, 0) +
                            body)
        given, body = self.response()
        assert given == expected, f'response {given} to request {kind}'
        return body

    # -- the cluster

    def leader(self):
        """The address of the leader, as this node knows it; '' for none."""
        body = self.request(LEADER, bytes(8), SERVER)
        body.take('Q')
        return body.text()

    def add(self, number, address):
        self.request(ADD, struct.pack('<Q', number) + text(address), EMPTY)

    def assign(self, number, role):
        self.request(ASSIGN, struct.pack('<QQ', number, role), EMPTY)

    def transfer(self, number):
        """Make another node the leader."""
        self.request(TRANSFER, struct.pack('<Q', number), EMPTY)

    def nodes(self):
        """(number, address, role) of each."""
        body = self.request(CLUSTER, struct.pack('<Q', 1), SERVERS)
        return [(body.take('Q'), body.text(), body.take('Q'))
                for _ in range(body.take('Q'))]

    # -- a database

    def open(self, name):
        body = self.request(OPEN, text(name) + bytes(8) + text(''), DB)
        self.database = body.take('I')

    def execute(self, sql, *given):
        """A statement without rows. Returns (last rowid, rows changed)."""
        body = self.request(
            EXEC_SQL, struct.pack('<Q', self.database) + text(sql) +
            values(given), RESULT)
        return body.take('Q'), body.take('Q')

    def query(self, sql, *given):
        """The rows of a statement."""
        body = self.request(
            QUERY_SQL, struct.pack('<Q', self.database) + text(sql) +
            values(given), ROWS)
        rows = []
        while True:
            columns = body.heading()
            while True:
                mark, = struct.unpack_from('<Q', body.data, body.at)
                if mark in (ROWS_END, ROWS_PART):
                    break
                rows.append(body.row(columns))
            if mark == ROWS_END:
                return rows
            kind, body = self.response()
            assert kind == ROWS
