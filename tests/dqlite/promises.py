"""What docs/high-availability.md says of dqlite and dynamo, tried one by one on
three nodes.

usage: promises.py DQLITE_NODE
"""
import json
import sys
import time

import cluster as dqlite
import wire

PUT = json.dumps({'TableName': 'orders', 'Item': {
    'client': {'S': 'api'}, 'number': {'N': '1'}}})
COMMIT_REFUSED = 531    # SQLITE_CONSTRAINT_COMMITHOOK
PAUSES = 6
MEGABYTES = 8


def failure(work, *arguments):
    """The failure that is expected of work."""
    try:
        result = work(*arguments)
    except wire.Failure as error:
        return error
    raise AssertionError(f'it did not fail: {result}')


def is_well(connection):
    """Whether the node still answers and replicates."""
    connection.execute("INSERT INTO plain VALUES(random(), 0)")
    return connection.query("SELECT dynamo_check('orders')") == [('ok',)]


def numbers(connection, client):
    return [n for n, in connection.query(
        'SELECT number FROM orders WHERE client = ?', client)]


def prepare(connection):
    connection.execute(
        'CREATE VIRTUAL TABLE orders USING dynamo(client TEXT PARTITION KEY, '
        'number NUMBER SORT KEY, status TEXT, GLOBAL INDEX by_status (status, '
        'number) PROJECT KEYS)')
    connection.execute('CREATE TABLE plain(id INTEGER PRIMARY KEY, value)')
    connection.execute("INSERT INTO orders VALUES('a', 1, 'open')")


def statements_and_transactions(cluster):
    with cluster.connect() as c:
        c.execute('BEGIN')
        c.execute("INSERT INTO orders VALUES('a', 2, 'open')")
        c.execute('SAVEPOINT s')
        c.execute("INSERT INTO orders VALUES('a', 3, 'open')")
        c.execute('ROLLBACK TO s')
        c.execute('COMMIT')
        c.execute('BEGIN')
        c.execute("INSERT INTO orders VALUES('a', 4, 'open')")
        c.execute('ROLLBACK')
        assert numbers(c, 'a') == [1, 2]
        assert c.query("SELECT number FROM orders WHERE status = 'open' ORDER "
                       "BY number") == [(1,), (2,)]
        assert is_well(c)


def errors_are_those_of_sql(cluster):
    with cluster.connect() as c:
        error = failure(
            c.execute, "UPDATE orders SET status = 'paid', condition = 'status "
            "= ''gone''' WHERE client = 'a' AND number = 1")
        assert error.code & 0xff == dqlite.CONSTRAINT
        assert 'ConditionalCheckFailedException' in error.message
        error = failure(c.query, "SELECT * FROM orders WHERE number = 1")
        assert 'a query needs client = ?' in error.message
        c.execute("CREATE VIRTUAL TABLE small USING dynamo(id TEXT PARTITION "
                  "KEY, billing = 'provisioned', read_units = 1, write_units = "
                  "1)")
        error = None
        for i in range(20):
            try:
                c.execute('INSERT INTO small VALUES(?)', f'i{i}')
            except wire.Failure as e:
                error = e
                break
        assert error is not None and error.code == wire.BUSY
        assert 'ProvisionedThroughputExceededException' in error.message
        assert is_well(c)


def a_balance_outlives_the_leader(cluster):
    """It goes on where it was, on a node that has not seen the requests."""
    with cluster.connect() as c:
        c.execute("CREATE VIRTUAL TABLE slow USING dynamo(id TEXT PARTITION "
                  "KEY, billing = 'provisioned', read_units = 1, write_units = "
                  "1)")
        item = {'id': 'of 60 units', 'text': 'x' * 60000}
        c.execute('INSERT INTO slow(item) VALUES(?)', json.dumps(item))
        leader = cluster.leader()
    other = next(n for n in dqlite.NUMBERS if n != leader)
    cluster.transfer(other)
    with cluster.connect() as c:
        error = failure(c.execute, "INSERT INTO slow VALUES('more')")
        assert 'ProvisionedThroughputExceededException' in error.message


def one_writes_at_a_time(cluster):
    with cluster.connect() as one, cluster.connect() as other:
        one.execute('BEGIN IMMEDIATE')
        error = failure(other.execute, "INSERT INTO orders VALUES('b', 1, '')")
        assert error.code == wire.BUSY, error
        assert numbers(other, 'a') == [1, 2]
        one.execute('ROLLBACK')
        other.execute("INSERT INTO orders VALUES('b', 1, 'open')")
        assert is_well(one)


def functions_that_write(cluster):
    """They need a transaction; the answer of a query that commits by itself is
    that it was refused, and nothing is changed."""
    queries = (
        ('SELECT dynamo_api(?, ?)', 'PutItem', PUT),
        ('SELECT dynamo_alter(?, ?)', 'orders',
         'ADD GLOBAL INDEX by_number (number)'),
    )
    with cluster.connect() as c:
        for query in (*queries, ('INSERT INTO plain VALUES(1, 1) RETURNING id',)):
            error = failure(c.query, *query)
            assert error.code == COMMIT_REFUSED, error
            assert is_well(c)
        assert numbers(c, 'api') == []
        c.execute('BEGIN IMMEDIATE')
        assert c.query(*queries[0]) == [('{}',)]
        assert c.query(*queries[1]) == [('ok',)]
        c.query('SELECT dynamo_maintain()')
        c.execute('COMMIT')
        assert numbers(c, 'api') == [1]
        assert c.query('SELECT state FROM dynamo_indexes(?) WHERE name = ?',
                       'orders', 'by_number') == [('ACTIVE',)]
        assert is_well(c)


def a_repeated_request(cluster):
    """With a token it is done once, also when another leader gets it."""
    request = json.dumps({
        'ClientRequestToken': 'token-1',
        'TransactItems': [{'Update': {
            'TableName': 'orders',
            'Key': {'client': {'S': 'token'}, 'number': {'N': '1'}},
            'UpdateExpression': 'ADD times :one',
            'ExpressionAttributeValues': {':one': {'N': '1'}}}}]})
    for number in dqlite.NUMBERS:
        cluster.transfer(number)
        with cluster.connect() as c:
            c.execute('BEGIN IMMEDIATE')
            assert c.query('SELECT dynamo_api(?, ?)', 'TransactWriteItems',
                           request) == [('{}',)]
            c.execute('COMMIT')
            assert c.query("SELECT item ->> 'times' FROM orders WHERE client = "
                           "'token'") == [(1,)]


def one_database(cluster):
    """Another one can be attached, but not written."""
    with cluster.connect() as c:
        c.execute("ATTACH 'other.db' AS other")
        failure(c.execute, 'CREATE TABLE other.t(a)')
    with cluster.connect() as c:
        assert is_well(c)


def large_transactions(cluster):
    with cluster.connect() as c:
        c.socket.settimeout(30)
        c.execute('BEGIN')
        for i in range(MEGABYTES * 4):
            c.execute('INSERT INTO orders(item) VALUES(?)', json.dumps(
                {'client': 'large', 'number': i, 'text': 'x' * 250000}))
        c.execute('COMMIT')
        assert len(numbers(c, 'large')) == MEGABYTES * 4
        assert is_well(c)


def nodes_take_turns(cluster):
    """A connection of a leader is closed when it is none any more. When it is
    one again, what it has is of now."""
    kept = {}
    try:
        for turn in range(9):
            number = dqlite.NUMBERS[turn % 3]
            cluster.transfer(number)
            if number in kept:
                error = failure(numbers, kept.pop(number), 'turns')
                assert error.code == wire.NO_DATABASE, error
            c = kept[number] = cluster.connect()
            assert numbers(c, 'turns') == list(range(turn))
            c.execute("INSERT INTO orders VALUES('turns', ?, 'open')", turn)
            assert numbers(c, 'turns') == list(range(turn + 1))
            assert is_well(c)
    finally:
        for c in kept.values():
            c.close()


def a_node_that_was_away(cluster):
    """For more than what is kept of the log, so that it needs a snapshot."""
    away = next(n for n in dqlite.NUMBERS if n != cluster.leader())
    cluster.pause(away)
    with cluster.connect() as c:
        for i in range(200):
            c.execute("INSERT INTO orders VALUES('away', ?, 'open')", i)
    cluster.resume(away)
    cluster.transfer(away)
    with cluster.connect() as c:
        assert numbers(c, 'away') == list(range(200))
        assert is_well(c)


def a_leader_that_stood_still(cluster):
    """It may answer a read before it knows that there is another one. What it
    shows then is a state that was, of all tables alike. It cannot write."""
    stale = 0
    with cluster.connect() as c:
        c.execute("INSERT INTO orders VALUES('still', 0, '0')")
        c.execute('INSERT INTO plain VALUES(0, 0)')
    for turn in range(1, PAUSES + 1):
        leader = cluster.leader()
        with cluster.connect() as old:
            numbers(old, 'still')
            cluster.pause(leader)
            others = [n for n in dqlite.NUMBERS if n != leader]
            with cluster.connect(others) as c:
                c.execute('BEGIN')
                c.execute("UPDATE orders SET status = ? WHERE client = 'still' "
                          'AND number = 0', str(turn))
                c.execute('UPDATE plain SET value = ? WHERE id = 0', turn)
                c.execute('COMMIT')
            cluster.resume(leader)
            stale += read_of_old(old, turn)
            error = failure(old.execute, "INSERT INTO orders VALUES('still', "
                            "?, '')", turn)
            assert dqlite.is_gone(error), error
        time.sleep(1)
    with cluster.connect() as c:
        assert numbers(c, 'still') == [0]
        assert is_well(c)
    return f'{stale} of {PAUSES} reads were of an earlier state'


def read_of_old(connection, turn):
    """Whether the read was of an earlier state."""
    try:
        (status, value), = connection.query(
            "SELECT status, (SELECT value FROM plain WHERE id = 0) FROM orders "
            "WHERE client = 'still' AND number = 0")
    except wire.Failure as error:
        assert dqlite.is_gone(error), error
        return False
    assert int(status) == value, (status, value)
    return value != turn


def nodes_end_and_begin(cluster):
    for number in dqlite.NUMBERS:
        cluster.end(number)
    for number in dqlite.NUMBERS:
        cluster.start(number)
    with cluster.connect() as c:
        assert len(numbers(c, 'away')) == 200
        assert is_well(c)


CLAIMS = (
    statements_and_transactions, errors_are_those_of_sql,
    a_balance_outlives_the_leader, one_writes_at_a_time, functions_that_write,
    a_repeated_request, one_database, large_transactions, nodes_take_turns, a_node_that_was_away,
    a_leader_that_stood_still, nodes_end_and_begin)


def main():
    with dqlite.Cluster(sys.argv[1]) as cluster:
        with cluster.connect() as connection:
            prepare(connection)
        for claim in CLAIMS:
            told = claim(cluster)
            print(claim.__name__.replace('_', ' '), '-', told or 'ok',
                  flush=True)


main()
