"""A shell for a dqlite cluster: statements from standard input, run on the
leader.

usage: sql.py ADDRESS[,ADDRESS ...] DATABASE

Rows are printed as the sqlite3 shell prints them. An error is told, and the
next statement is run; the exit code is 1 then. Besides SQL there are

    .add NUMBER ADDRESS    take a node into the cluster
    .nodes                 number and address of each
    .leader                the address of the leader

When the leader is gone, the statement has failed, and the next one is run on
the new leader.
"""
import sqlite3
import sys
import time

import cluster
import wire

QUERIES = ('SELECT', 'WITH', 'VALUES', 'PRAGMA', 'EXPLAIN')
WAIT_S = 20


def connect(addresses, database):
    """A connection to the leader that one of the nodes knows."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for address in addresses:
            try:
                with wire.Connection(address) as any_node:
                    leader = any_node.leader()
                if leader:
                    connection = wire.Connection(leader)
                    connection.open(database)
                    return connection
            except (OSError, wire.Failure):
                pass
        time.sleep(0.1)
    sys.exit('no leader')


def command(connection, words):
    if words[0] == '.add' and len(words) == 3:
        number = int(words[1])
        connection.add(number, words[2])
        connection.assign(number, wire.VOTER)
    elif words == ['.nodes']:
        for number, address, _ in connection.nodes():
            print(number, address)
    elif words == ['.leader']:
        print(connection.leader())
    else:
        sys.exit(f'unknown: {" ".join(words)}')


def run(connection, statement):
    if statement.startswith('.'):
        command(connection, statement.split())
    elif statement.upper().startswith(QUERIES):
        for row in connection.query(statement):
            print('|'.join('' if v is None else str(v) for v in row))
    else:
        connection.execute(statement)


def statements(lines):
    pending = ''
    for line in lines:
        pending += line
        text = pending.strip()
        if not text or text.startswith('.') or sqlite3.complete_statement(text):
            pending = ''
            if text:
                yield text
    if pending.strip():
        yield pending.strip()


def main():
    addresses, database = sys.argv[1].split(','), sys.argv[2]
    connection = None
    status = 0
    for statement in statements(sys.stdin):
        connection = connection or connect(addresses, database)
        try:
            run(connection, statement)
        except (OSError, wire.Failure) as error:
            print(f'error: {error}', file=sys.stderr)
            status = 1
            if cluster.is_gone(error):
                connection.close()
                connection = None
    sys.exit(status)


main()
