"""The leader of three nodes is killed with SIGKILL, again and again, while
clients write.

usage: failover.py DQLITE_NODE [--kills N] [--clients N] [--seed S]

Each client writes numbered orders, one after the other, and repeats an order
whose answer did not come until it has one. Half of the orders are one statement.
The other half are a transaction, which also pays or deletes earlier orders,
counts in another dynamo table, and adds a row to an ordinary one. What an order
does goes by its number alone, so the last number that is there tells all that
has to be there.

After each kill that is compared on the new leader: each acknowledged order is
there, and nothing twice or in part; the index, the counter and the ordinary
table agree; dynamo_check() finds nothing. Readers compare the same in between,
and that they see what had been acknowledged before they asked. A table with
provisioned units is written as fast as it lets.

In the end all nodes are killed at once, and each is made the leader.
"""
import argparse
import json
import random
import statistics
import threading
import time

import cluster as dqlite
import wire

LIMITED_UNITS = 2
TABLES = {
    'orders': '(client TEXT PARTITION KEY, number NUMBER SORT KEY, status '
              'TEXT, GLOBAL INDEX by_status (status, number) PROJECT '
              '(client), partition_bytes = 20000)',
    'counters': '(client TEXT PARTITION KEY, orders NUMBER)',
    'limited': "(id TEXT PARTITION KEY, billing = 'provisioned', read_units = "
               f'1000, write_units = {LIMITED_UNITS})',
}
STATUSES = ('open', 'paid')
BACK = 60       # orders before a number that it may change
CATCH_UP_S = 1  # what a node that was killed gets before the next one is


def plan(seed, client, number):
    """The size of an order, whether it is a transaction, and what that does to
    earlier ones: (what, their number)."""
    r = random.Random(f'{seed} {client} {number}')
    size = r.choice((0, 20, 300, 300, 2500))
    if r.random() < 0.5:
        return size, False, []
    earlier = range(max(1, number - BACK), number)
    changed = r.sample(earlier, min(len(earlier), r.randrange(7)))
    return size, True, [(r.choice(('pay', 'delete', 'delete')), n)
                        for n in changed]


class Model:
    """What there is of a client after some of its orders."""

    def __init__(self, seed, client, first=1):
        self.seed = seed
        self.client = client
        self.number = first - 1
        self.orders = {}
        self.rows = []

    def advance(self, number):
        """The orders up to number, which are not fewer than before."""
        assert number >= self.number, (
            f'{self.client}: order {number} is the last one, and '
            f'{self.number} was there')
        while self.number < number:
            self.number += 1
            size, is_transaction, changes = plan(self.seed, self.client,
                                                 self.number)
            self.orders[self.number] = ('open', size)
            if is_transaction:
                self.rows.append(self.number)
            for what, n in changes:
                if what == 'delete':
                    self.orders.pop(n, None)
                elif n in self.orders:
                    self.orders[n] = ('paid', self.orders[n][1])
        return self


def order(connection, seed, client, number):
    """Write an order. It has been written before if that is refused."""
    size, is_transaction, changes = plan(seed, client, number)
    item = json.dumps({'client': client, 'number': number, 'status': 'open',
                       'text': 'x' * size})
    if is_transaction:
        connection.execute('BEGIN IMMEDIATE')
    connection.execute('INSERT INTO orders(item) VALUES(?)', item)
    for what, n in changes:
        statement = ('DELETE FROM orders' if what == 'delete' else
                     "UPDATE orders SET status = 'paid'")
        connection.execute(f'{statement} WHERE client = ? AND number = ?',
                           client, n)
    if is_transaction:
        connection.execute('UPDATE counters SET orders = orders + 1 WHERE '
                           'client = ?', client)
        connection.execute('INSERT INTO ledger VALUES(?, ?)', client, number)
        connection.execute('COMMIT')


class Worker(threading.Thread):
    """Works on the leader until it is stopped, or finds something wrong."""

    stopped = threading.Event()

    def __init__(self, cluster, name):
        super().__init__(name=name, daemon=True)
        self.client = dqlite.Client(cluster)
        self.problem = None

    def run(self):
        try:
            while not Worker.stopped.is_set():
                self.step()
        except Exception as error:  # told by the main thread
            self.problem = f'{self.name}: {error!r}'
        self.client.close()

    def step(self):
        raise NotImplementedError


class Writer(Worker):
    def __init__(self, cluster, name, seed):
        super().__init__(cluster, name)
        self.seed = seed
        self.acknowledged = 0

    def step(self):
        number = self.acknowledged + 1
        self.client.once(lambda c: order(c, self.seed, self.name, number))
        self.acknowledged = number


class LimitedWriter(Worker):
    """Writes items of one unit."""

    def __init__(self, cluster):
        super().__init__(cluster, 'limited')
        self.acknowledged = 0

    def step(self):
        item = f'i{self.acknowledged + 1}'
        self.client.once(
            lambda c: c.execute('INSERT INTO limited VALUES(?)', item))
        self.acknowledged += 1


class Reader(Worker):
    def __init__(self, cluster, name, seed, writers):
        super().__init__(cluster, name)
        self.random = random.Random(f'{seed} {name}')
        self.seed = seed
        self.writers = writers
        self.reads = 0

    def step(self):
        writer = self.random.choice(self.writers)
        acknowledged = writer.acknowledged
        last, tail, counted, rows = self.client.once(
            lambda c: read_tail(c, writer.name))
        assert last >= acknowledged, (
            f'stale: order {last} of {writer.name}, acknowledged '
            f'{acknowledged}')
        window = Model(self.seed, writer.name,
                       max(1, last - 2 * BACK)).advance(last)
        expected = {n: o[0] for n, o in window.orders.items() if
                    n > last - BACK}
        assert tail == expected, f'{writer.name} {last}: {tail}'
        assert counted == rows, f'{counted} counted, {rows} rows'
        self.reads += 1


def snapshot(connection, read):
    """What read(connection) does, in one read transaction."""
    connection.execute('BEGIN')
    result = read(connection)
    connection.execute('ROLLBACK')
    return result


def last_order(connection, client):
    rows = connection.query('SELECT number FROM orders WHERE client = ? ORDER '
                            'BY number DESC LIMIT 1', client)
    return rows[0][0] if rows else 0


def read_tail(connection, client):
    """The last order, the status of those around it, and what two tables have
    counted."""
    def read(c):
        last = last_order(c, client)
        tail = c.query('SELECT number, status FROM orders WHERE client = ? AND '
                       'number > ?', client, last - BACK)
        (counted, rows), = c.query(
            'SELECT orders, (SELECT count(*) FROM ledger WHERE client = ?) '
            'FROM counters WHERE client = ?', client, client)
        return last, dict(tail), counted, rows
    return snapshot(connection, read)


class Check:
    """Compares all that is there with the models of the clients."""

    def __init__(self, seed, writers):
        self.models = {w.name: Model(seed, w.name) for w in writers}

    def run(self, connection, acknowledged):
        """acknowledged: the last order of each client that has to be there."""
        snapshot(connection, lambda c: self.compare(c, acknowledged))
        for table in TABLES:
            (report,), = connection.query('SELECT dynamo_check(?)', table)
            assert report == 'ok', f'{table}: {report}'

    def compare(self, connection, acknowledged):
        for client, model in self.models.items():
            last = last_order(connection, client)
            assert last >= acknowledged[client], (
                f'lost: {client} has {last} orders, acknowledged '
                f'{acknowledged[client]}')
            model.advance(last)
            self.compare_client(connection, client, model)
        for status in STATUSES:
            there = connection.query('SELECT client, number FROM orders WHERE '
                                     'status = ?', status)
            expected = [(client, n) for client, model in self.models.items()
                        for n, o in model.orders.items() if o[0] == status]
            assert sorted(there) == sorted(expected), f'by_status {status}'

    @staticmethod
    def compare_client(connection, client, model):
        there = connection.query(
            "SELECT number, status, length(item ->> 'text') FROM orders WHERE "
            'client = ?', client)
        assert {n: (s, size) for n, s, size in there} == model.orders, client
        assert len(there) == len(model.orders), f'{client}: an order twice'
        rows = connection.query('SELECT number FROM ledger WHERE client = ? '
                                'ORDER BY number', client)
        assert [n for n, in rows] == model.rows, f'{client}: ledger'
        (counted,), = connection.query('SELECT orders FROM counters WHERE '
                                       'client = ?', client)
        assert counted == len(model.rows), f'{client}: counted {counted}'


def prepare(connection, clients):
    for table, declaration in TABLES.items():
        connection.execute(f'CREATE VIRTUAL TABLE {table} USING dynamo'
                           f'{declaration}')
    connection.execute('CREATE TABLE ledger(client, number, PRIMARY KEY(client,'
                       ' number)) WITHOUT ROWID')
    connection.execute('CREATE TABLE probe(time)')
    for client in clients:
        connection.execute('INSERT INTO counters VALUES(?, 0)', client)


class Run:
    def __init__(self, cluster, arguments):
        names = [f'client{i}' for i in range(arguments.clients)]
        self.began = time.time()  # by the clock of the tables, yet to be made
        dqlite.Client(cluster).once(lambda c: prepare(c, names))
        self.cluster = cluster
        self.random = random.Random(arguments.seed)
        self.writers = [Writer(cluster, name, arguments.seed)
                        for name in names]
        self.limited = LimitedWriter(cluster)
        self.readers = [Reader(cluster, f'reader{i}', arguments.seed,
                               self.writers) for i in range(2)]
        self.check = Check(arguments.seed, self.writers)
        self.without_leader_s = []
        self.leaders = dict.fromkeys(dqlite.NUMBERS, 0)
        self.seconds = 0

    @property
    def workers(self):
        return [*self.writers, *self.readers, self.limited]

    def look_at_problems(self):
        problems = [w.problem for w in self.workers if w.problem]
        assert not problems, '\n'.join(problems)

    def check_now(self):
        """On a connection to the leader, which writes first: an earlier leader
        could not."""
        acknowledged = {w.name: w.acknowledged for w in self.writers}
        client = dqlite.Client(self.cluster)
        client.once(lambda c: c.execute("INSERT INTO probe VALUES('now')"))
        client.once(lambda c: self.check.run(c, acknowledged))
        client.close()
        self.look_at_problems()

    def wait_for_write(self):
        """The seconds until a write is acknowledged again."""
        begin = time.monotonic()
        client = dqlite.Client(self.cluster)
        client.once(lambda c: c.execute("INSERT INTO probe VALUES('kill')"))
        client.close()
        return time.monotonic() - begin

    def kill_leader(self):
        leader = self.cluster.leader()
        self.leaders[leader] += 1
        self.cluster.kill(leader)
        self.without_leader_s.append(self.wait_for_write())
        self.check_now()
        time.sleep(self.random.uniform(0, 1))
        self.cluster.start(leader)
        time.sleep(self.random.uniform(CATCH_UP_S, CATCH_UP_S + 1))
        self.look_at_problems()

    def kill_all(self):
        for number in dqlite.NUMBERS:
            self.cluster.kill(number)
        for number in dqlite.NUMBERS:
            self.cluster.start(number)
        self.wait_for_write()
        self.check_now()

    def finish(self):
        Worker.stopped.set()
        for worker in self.workers:
            worker.join(dqlite.WAIT_S)
            assert not worker.is_alive(), f'{worker.name} does not end'
        self.seconds = time.time() - self.began
        self.look_at_problems()
        for number in dqlite.NUMBERS:
            self.cluster.transfer(number)
            self.check_now()
        self.check_limited()
        for writer in self.writers:
            model = self.check.models[writer.name]
            assert model.number == writer.acknowledged, (
                f'{writer.name}: {model.number} orders, acknowledged '
                f'{writer.acknowledged}')

    def check_limited(self):
        """All of them are there, once, and no more than the table lets in:
        what it has at first, and what comes in the time. Each has been counted,
        and so may be a repetition that found its item there."""
        client = dqlite.Client(self.cluster)
        there, = client.once(lambda c: c.query(
            "SELECT count(*) FROM limited('scan')"))[0]
        used, = client.once(lambda c: c.query(
            "SELECT sum(write_units) FROM dynamo_capacity('limited')"))[0]
        client.close()
        assert there == self.limited.acknowledged
        found = self.limited.client.found
        assert there <= used <= there + found, (
            f'{used} units for {there} items, {found} repeated')
        most = LIMITED_UNITS * (self.seconds + 1) + 1
        assert there <= most, f'{there} items in {self.seconds:.1f} s'
        assert self.limited.client.throttled > 0

    def report(self):
        waits = sorted(self.without_leader_s)
        orders = sum(w.acknowledged for w in self.writers)
        transactions = sum(len(m.rows) for m in self.check.models.values())
        print(f'{len(waits)} kills of the leader (by node: '
              f'{", ".join(str(n) for n in self.leaders.values())}), and all '
              'nodes at once')
        print(f'{orders} orders acknowledged, {transactions} of them '
              'transactions; 0 lost, 0 twice, 0 in part')
        print(f'{sum(w.client.doubtful for w in self.workers)} requests lost '
              'their leader, of which '
              f'{sum(w.client.found for w in self.workers)} had been done; all '
              'were repeated')
        print(f'{sum(r.reads for r in self.readers)} reads, 0 stale')
        print(f'without a leader: {statistics.median(waits):.2f} s (median), '
              f'{waits[-1]:.2f} s at most')
        print(f'{self.limited.acknowledged} items in {self.seconds:.0f} s in a '
              f'table of {LIMITED_UNITS} units, {self.limited.client.throttled} '
              'times throttled')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--kills', type=int, default=24)
    parser.add_argument('--clients', type=int, default=4)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    with dqlite.Cluster(arguments.program) as cluster:
        run = Run(cluster, arguments)
        for worker in run.workers:
            worker.start()
        for _ in range(arguments.kills):
            time.sleep(run.random.uniform(0.2, 0.6))
            run.kill_leader()
        run.kill_all()
        run.finish()
        run.report()


main()
