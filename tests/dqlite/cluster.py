"""Three nodes of dqlite on 127.0.0.1, each a process with a folder of its own,
and what a client does to go on after a change of the leader."""
import os
import signal
import socket
import subprocess
import tempfile
import time

import wire

DATABASE = 'shop.db'
NUMBERS = (1, 2, 3)
WAIT_S = 20
CONSTRAINT = 19


def is_busy(error):
    """Nothing was done: another one writes, or a table is throttled."""
    return isinstance(error, wire.Failure) and error.code & 0xff == wire.BUSY


def is_throttled(error):
    return is_busy(error) and 'ProvisionedThroughputExceeded' in error.message


def is_gone(error):
    """The leader is another one: what was asked for last may have been done,
    or not. All connections that a leader had are closed when it is none any
    more, so that there is 'no database opened' when it is one again."""
    return isinstance(error, OSError) or error.code in (
        wire.NOT_LEADER, wire.LEADERSHIP_LOST, wire.NO_DATABASE)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(('127.0.0.1', 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.directory = tempfile.TemporaryDirectory()
        self.addresses = {number: f'127.0.0.1:{port}' for number, port in
                          zip(NUMBERS, free_ports(len(NUMBERS)))}
        self.processes = {}

    def __enter__(self):
        try:
            for number in NUMBERS:
                self.start(number)
            with wire.Connection(self.addresses[self.leader()]) as first:
                for number in NUMBERS[1:]:
                    first.add(number, self.addresses[number])
                    first.assign(number, wire.VOTER)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for number in list(self.processes):
            self.kill(number)
        self.directory.cleanup()

    # -- nodes

    def folder(self, number):
        return os.path.join(self.directory.name, str(number))

    def start(self, number):
        os.makedirs(self.folder(number), exist_ok=True)
        process = subprocess.Popen(
            [self.program, str(number), self.addresses[number],
             self.folder(number)], stdout=subprocess.PIPE)
        self.processes[number] = process
        assert process.stdout.readline(), f'node {number} does not start'

    def kill(self, number):
        process = self.processes.pop(number)
        process.kill()
        process.wait()
        process.stdout.close()

    def end(self, number):
        """As an administrator would."""
        process = self.processes.pop(number)
        process.terminate()
        status = process.wait(WAIT_S)
        process.stdout.close()
        assert status == 0, f'node {number} ended with {status}'

    def pause(self, number):
        self.processes[number].send_signal(signal.SIGSTOP)

    def resume(self, number):
        self.processes[number].send_signal(signal.SIGCONT)

    # -- the leader

    def leader_now(self, among):
        for number in among:
            try:
                with wire.Connection(self.addresses[number], 1) as connection:
                    if connection.leader() == self.addresses[number]:
                        return number
            except OSError:
                pass
        return None

    def leader(self, among=NUMBERS):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            number = self.leader_now(among)
            if number is not None:
                return number
            time.sleep(0.01)
        raise AssertionError(f'no leader in {WAIT_S} s')

    def transfer(self, number):
        """Make a node the leader."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                leader = self.leader()
                if leader == number:
                    return
                with wire.Connection(self.addresses[leader]) as connection:
                    connection.transfer(number)
            except (OSError, wire.Failure):
                time.sleep(0.05)
        raise AssertionError(f'node {number} does not become the leader')

    def connect(self, among=NUMBERS):
        """A connection to the leader, with the database open."""
        end = time.monotonic() + WAIT_S
        while True:
            connection = None
            try:
                connection = wire.Connection(
                    self.addresses[self.leader(among)])
                connection.open(DATABASE)
                return connection
            except (OSError, wire.Failure) as error:
                if connection is not None:
                    connection.close()
                if not is_gone(error) or time.monotonic() > end:
                    raise


class Client:
    """Runs work on the leader, wherever that is."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.connection = None
        self.throttled = 0
        self.doubtful = 0   # requests whose leader was gone
        self.found = 0      # of these, done all the same

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def once(self, work):
        """Have work(connection) succeed once. It fails with CONSTRAINT when it
        has been done before, which is so when the leader was gone before it
        could answer. Returns what work does, or None then."""
        is_doubtful = False
        while True:
            try:
                if self.connection is None:
                    self.connection = self.cluster.connect()
                return work(self.connection)
            except (OSError, wire.Failure) as error:
                if is_busy(error):
                    self.throttled += is_throttled(error)
                    self.roll_back()
                    time.sleep(0.005)
                elif is_gone(error):
                    is_doubtful = True
                    self.doubtful += 1
                    self.close()
                elif is_doubtful and error.code & 0xff == CONSTRAINT:
                    self.found += 1
                    self.roll_back()
                    return None
                else:
                    raise

    def roll_back(self):
        try:
            self.connection.execute('ROLLBACK')
        except wire.Failure as error:  # there may be no transaction
            if is_gone(error):
                self.close()
        except OSError:
            self.close()
