"""Three regions in three files, in processes that are killed with SIGKILL.

usage: regions.py DYNAMO.SO [--count KILLS] [--seed S] [--strong]

Each process opens some of the files, so that the other regions are away, writes
to any of them, has dynamo_maintain() replicate, and is killed at any moment.
The clock stands still, runs, and differs between regions; the third region is
made on the way. Now and
then all are attached: then the three tables are equal, and equal to what the
last writer has made of each item. What a region has written itself is known
from its stream.

With --strong, the replicas are, and nothing expires: then all regions are
attached always, and equal at any moment, without dynamo_maintain(). The files
are as SQLite needs it to commit them as one: main is a file, too, and none of
them is in WAL or written without syncs.
"""
import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time

REGIONS = ('us-east-1', 'eu-west-1', 'ap-south-1')
START = 1767225600  # 2026-01-01


def connect(so, folder, regions, mode):
    main = os.path.join(folder, 'main.db') if mode else ':memory:'
    db = sqlite3.connect(main, isolation_level=None, timeout=10)
    db.enable_load_extension(True)
    db.load_extension(so)
    for region in regions:
        db.execute('ATTACH ? AS "%s"' % region,
                   (os.path.join(folder, region + '.db'),))
        if not mode:
            db.execute('PRAGMA "%s".synchronous = OFF' % region)
    return db


def set_clock(db, seconds):
    db.execute("SELECT dynamo_clock(strftime('%Y-%m-%d %H:%M:%f', ?, "
               "'unixepoch'))", (seconds,)).fetchall()


def make(so, folder, pick, mode):
    db = connect(so, folder, REGIONS[:1], mode)
    if not mode and pick.random() < 0.5:
        db.execute('PRAGMA "us-east-1".journal_mode = WAL')
    db.execute("SELECT dynamo_clock('2026-01-01 00:00:00')")
    db.execute('CREATE VIRTUAL TABLE "us-east-1".t USING dynamo('
               'k TEXT PARTITION KEY, s NUMBER SORT KEY, n NUMBER, '
               "GLOBAL INDEX by_n (n), ttl = 'e', partition_bytes = 4000, "
               "stream = 'NEW_AND_OLD_IMAGES')")
    for i in range(10):
        db.execute('INSERT INTO "us-east-1".t(k, s, n) VALUES(?, 0, ?)',
                   ('old%d' % i, i))
    add(db, folder, 'us-east-1', 'eu-west-1', mode)
    db.close()


def add(db, folder, source, region, mode):
    db.execute('SELECT dynamo_alter(?, ?)', (
        source + '.t', "ADD REPLICA %s IN '%s' %s" % (
            region, os.path.join(folder, region + '.db'), mode))).fetchall()


def change(db, pick, region, number, now, mode):
    key = ('old%d' % pick.randrange(10) if pick.random() < 0.2 else
           'k%d' % pick.randrange(30))
    chance = pick.random()
    if chance < 0.25:
        db.execute(f'DELETE FROM "{region}".t WHERE k = ? AND s = 0', (key,))
        return
    item = {'k': key, 's': 0, 'n': pick.randrange(1000), 'by': number}
    if chance < 0.45 and not mode:
        item['e'] = int(now) + pick.randrange(-100, 300)
    if chance > 0.97:
        item['large'] = 'x' * 3000
    db.execute(f'INSERT OR REPLACE INTO "{region}".t(item) VALUES(?)',
               (json.dumps(item),))


def work(so, folder, seed, now, there, mode):
    pick = random.Random(seed)
    regions = [r for r in there if mode or pick.random() < 0.7] or there[:1]
    db = connect(so, folder, regions, mode)
    number = seed * 100000
    while True:
        # a region may be ahead of the others, and time may stand still
        now += pick.choice((0, 0, 0.001, 0.01, 1, 20))
        skew = pick.choice((0, 0, 0, -5, 5))
        set_clock(db, now + skew)
        region = pick.choice(regions)
        many = pick.random() < 0.3
        if many:
            db.execute('BEGIN')
        for _ in range(pick.choice((1, 2, 9)) if many else 1):
            number += 1
            change(db, pick, region, number, now, mode)
        if many:
            db.execute(pick.choice(('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK')))
        if pick.random() < 0.3:
            db.execute('SELECT dynamo_maintain()').fetchall()


def collect(db, writes):
    """What the regions that are attached have written themselves."""
    attached = {name for _, name, _ in db.execute('PRAGMA database_list')}
    for region in REGIONS:
        if region not in attached:
            continue
        for sequence, key, new in db.execute(
                'SELECT sequence, key, new FROM dynamo_stream(?) '
                "WHERE actor <> 'replica'", (region + '.t',)):
            writes[(sequence >> 20, region, sequence)] = (key, new)


def winners(writes, items):
    for _, (key, new) in sorted(writes.items()):
        key = json.loads(key)['k']
        items.pop(key, None)
        if new is not None:
            items[key] = json.loads(new)
    return items


def rows(db, region):
    return {k: json.loads(item) for k, item in
            db.execute(f"SELECT k, item FROM \"{region}\".t('scan')")}


def check(db, writes, there):
    for region in there:
        found, = db.execute('SELECT dynamo_check(?)', (region + '.t',)).fetchone()
        assert found == 'ok', (region, found)
    items = {'old%d' % i: {'k': 'old%d' % i, 's': 0, 'n': i} for i in range(10)}
    wanted = winners(writes, items)
    for region in there:
        found = rows(db, region)
        assert found == wanted, (
            region, [(k, found.get(k), wanted.get(k))
                     for k in sorted(found.keys() | wanted.keys())
                     if found.get(k) != wanted.get(k)])
    return wanted


def catch_up(db):
    for _ in range(20):
        db.execute('SELECT dynamo_maintain()').fetchall()
        behind, = db.execute('SELECT sum(behind) FROM dynamo_replicas').fetchone()
        if behind == 0:
            return
    raise AssertionError('replicas stay behind')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('so')
    parser.add_argument('--count', type=int, default=60)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--strong', dest='mode', action='store_const',
                        const='STRONG', default='')
    arguments = parser.parse_args()
    so = os.path.abspath(arguments.so)
    pick = random.Random(arguments.seed)
    writes = {}
    with tempfile.TemporaryDirectory() as folder:
        make(so, folder, pick, arguments.mode)
        there = REGIONS[:2]
        now = START
        for number in range(arguments.count):
            now += 30
            if number == arguments.count // 4:
                # the third one comes while changes are on their way
                db = connect(so, folder, there, arguments.mode)
                set_clock(db, now)
                add(db, folder, pick.choice(there), REGIONS[2],
                    arguments.mode)
                db.close()
                there = REGIONS
            pid = os.fork()
            if pid == 0:
                try:
                    work(so, folder, arguments.seed * 1000 + number, now, there,
                         arguments.mode)
                except BaseException as error:
                    print('process', number, repr(error), flush=True)
                finally:
                    os._exit(1)
            time.sleep(pick.uniform(0.1, 0.4))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            if not os.WIFSIGNALED(status):
                sys.exit('a process ended by itself')
            if number % 10 == 9 or number + 1 == arguments.count:
                # within the time that a stream is kept; what the sweeps
                # write travels, too
                now += 300
                db = connect(so, folder, there, arguments.mode)
                set_clock(db, now)
                collect(db, writes)
                if arguments.mode:
                    check(db, writes, there)
                catch_up(db)
                catch_up(db)
                collect(db, writes)
                wanted = check(db, writes, there)
                db.close()
        print('%d kills, %d changes, %d items in each region' %
              (arguments.count, len(writes), len(wanted)))


if __name__ == '__main__':
    main()
