"""What random_units.py and random_admission.py are run with: random steps on new
databases, and a report of the first difference that says how to see it again."""
import argparse
import collections
import os
import random
import sqlite3

STEPS_OF_A_ROUND = 400


class Difference(Exception):
    pass


def expect(what, found, wanted):
    if found != wanted:
        raise Difference(f"{what}\nfound    {found}\nexpected {wanted}")


def connect(so, path=":memory:"):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(so)
    return db


def choose_step(rng, steps):
    """Do one of the steps, which have weights."""
    actions, weights = zip(*steps)
    rng.choices(actions, weights)[0]()


def run(script, bench_class, count):
    """A bench has step(), check_end(), tables_text() and counts. Returns an exit
    code."""
    name = os.path.basename(script).removesuffix(".py")
    parser = argparse.ArgumentParser()
    parser.add_argument("so")
    parser.add_argument("--count", type=int, default=count, help="steps")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts = collections.Counter()
    for begin in range(0, options.count, STEPS_OF_A_ROUND):
        end = min(begin + STEPS_OF_A_ROUND, options.count)
        bench = bench_class(options.so, random.Random(f"{options.seed} {begin}"))
        step = begin
        try:
            for step in range(begin, end):
                bench.step()
            bench.check_end()
        except Exception as error:
            print(f"{name}: FAIL with --seed {options.seed} at step {step}, the "
                  f"{step - begin + 1}. of its round, on\n{bench.tables_text()}\n{error}")
            if isinstance(error, Difference):
                return 1
            raise
        counts += bench.counts
    print(f"{name}: seed {options.seed}, "
          + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return 0
