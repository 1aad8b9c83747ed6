"""Tables with limits, and what they admit by docs/semantics.md 6 and 7.

For random_admission.py. Units are counted in thousandths.
"""
import collections
import copy
import json
import re
from typing import NamedTuple

from rules import Index, item_bytes, read_units, write_units
from throttling import hash_of

MILLI = 1000  # of a unit: a unit a second is one of these a millisecond
MINUTE_MS, HOUR_MS, DAY_MS = 60000, 3600000, 86400000
PARTITION_UNITS = {"read": 3000, "write": 1000}
ON_DEMAND_UNITS = {"read": 12000, "write": 4000}
THROTTLED = "ProvisionedThroughputExceeded"
INDEXES = {"near": Index(True, ("pk",), ("l",), ()),
           "far_keys": Index(False, ("g",), (), ()),
           "far_all": Index(False, ("h",), (), None)}


class Balance:
    """Units a second, of which so many seconds are kept; it begins with one."""

    def __init__(self, rate, seconds, now_ms):
        self.rate, self.seconds, self.filled_ms = rate, seconds, now_ms
        self.milli = rate * MILLI

    def give(self, milli):
        self.milli = min(self.milli + milli, self.rate * self.seconds * MILLI)

    def left(self, now_ms):
        self.give((now_ms - self.filled_ms) * self.rate)
        self.filled_ms = now_ms
        return self.milli

    def change(self, rate, now_ms):
        self.left(now_ms)
        self.rate = rate
        self.give(0)


class Tree:
    """A table or a global index: its balances, and those of its partitions."""

    def __init__(self, is_on_demand, units, lows, now_ms):
        self.balances = {direction: {} for direction in units}  # by reason
        for direction, rate in units.items():
            of_it = self.balances[direction]
            if not is_on_demand:
                of_it[THROTTLED] = Balance(rate, 300, now_ms)
                continue
            of_it["AccountLimitExceeded"] = Balance(
                ON_DEMAND_UNITS[direction], 1, now_ms)
            if rate > 0:
                of_it["MaxOnDemandThroughputExceeded"] = Balance(rate, 1, now_ms)
        self.begin_partitions(lows, now_ms)

    def begin_partitions(self, lows, now_ms):
        self.partitions = {low: {direction: Balance(rate, 1, now_ms)
                                 for direction, rate in PARTITION_UNITS.items()}
                           for low in lows}

    def split(self, lows):
        """A new partition begins with the balances of the one that it was in."""
        for low in sorted(set(lows) - set(self.partitions)):
            parent = max(other for other in self.partitions if other < low)
            self.partitions[low] = copy.deepcopy(self.partitions[parent])

    def balances_at(self, direction, place):
        """All that a request has to pass, with the reasons of refusals."""
        low = max(low for low in self.partitions if low <= place)
        return {**self.balances[direction],
                "KeyRangeThroughputExceeded": self.partitions[low][direction]}


class Charge(NamedTuple):
    index: str  # None: the table, with its local indexes
    place: int  # the hash of the partition key
    milli: int


class Part(NamedTuple):
    """What is admitted, or refused, as one."""
    table: object
    direction: str
    operation: str
    charges: list
    first: object = None  # what is admitted before, and given back


class Table:
    def __init__(self, name, rng):
        self.name = name
        self.is_on_demand = rng.random() < 0.25
        self.indexes = {n: i for n, i in INDEXES.items() if rng.random() < 0.6}
        self.globals = [n for n, i in self.indexes.items() if not i.is_local]
        rates = rng.choice(((1, 1, 2, 3, 5), (1, 2, 3, 5), (2, 700, 4000)))
        if self.is_on_demand:
            rates = (0, 0, 3, 50, 2000)
        self.units = {None: self.random_units(rng, rates)}
        self.own = [n for n in self.globals if rng.random() < 0.7]
        for name in self.globals:
            self.units[name] = (
                self.random_units(rng, rates) if name in self.own else
                {"read": 0, "write": 0} if self.is_on_demand else self.units[None])
        self.decreases = {name: [] for name in self.units}
        self.trees = {}

    @staticmethod
    def random_units(rng, rates):
        return {"read": rng.choice(rates), "write": rng.choice(rates)}

    def set_units(self, units, name):
        """As dynamo_alter() and a declaration have it."""
        word = "max_" if self.is_on_demand else ""
        if name is None:
            return ", ".join(f"{word}{d}_units = {n}" for d, n in units.items() if n)
        return " ".join(f"{word.rstrip('_').upper()} {d.upper()} UNITS {n}"
                        for d, n in units.items() if n)

    def declaration(self):
        parts = ["pk TEXT PARTITION KEY", "sk NUMBER SORT KEY", "g TEXT", "h TEXT",
                 "l TEXT", "y TEXT"]
        for name, index in self.indexes.items():
            key, = index.sort or index.partition
            parts.append(
                f"{'LOCAL' if index.is_local else 'GLOBAL'} INDEX {name} ({key}) "
                f"PROJECT {'ALL' if index.projected is None else 'KEYS'} "
                + (self.set_units(self.units[name], name) if name in self.own else ""))
        if any(self.units[None].values()):
            parts.append(self.set_units(self.units[None], None))
        parts.append("throttle = 'on'" if self.is_on_demand
                     else "billing = 'provisioned'")
        return (f"CREATE VIRTUAL TABLE {self.name} USING dynamo("
                f"{', '.join(parts)})")

    def write(self, change, factor=1):
        """The indexes are charged once, also in a transaction; and not when the
        condition of the change fails. An INSERT has to be admitted as that of a new
        item, before one is found."""
        first = None
        if change.is_failing and change.is_insert():
            first = self.write(change._replace(old=None, is_failing=False), factor)
        charges = [Charge(None, hash_of(change.key[0]), int(
            MILLI * factor * write_units(change.old, change.new)))]
        for name, index in self.indexes.items():
            if change.is_failing:
                break
            for entry, units in index.charges(change.old, change.new):
                charges.append(Charge(
                    None if index.is_local else name,
                    hash_of(entry[index.partition[0]]["S"]), MILLI * units))
        return Part(self, "write", change.operation, charges, first)

    def read(self, key, item, factor, operation="GetItem"):
        return Part(self, "read", operation, [Charge(
            None, hash_of(key[0]), int(MILLI * read_units(item_bytes(item), factor)))])

    def lows(self, db):
        """Where the partitions of each tree begin: read beside the table, which
        does not notice it."""
        trees = {0: None}
        for tree, text in db.execute(
                f"SELECT tree, declaration FROM {self.name}_indexes"):
            if text.startswith("GLOBAL"):
                trees[tree] = re.search(r"far_\w+", text).group()
        out = collections.defaultdict(list)
        for tree, low in db.execute(f"SELECT tree, hex(low) FROM {self.name}_partitions"):
            if tree in trees:
                out[trees[tree]].append(int(low, 16))
        return out

    def begin(self, db, now_ms):
        self.trees = {name: Tree(self.is_on_demand, self.units[name], lows, now_ms)
                      for name, lows in self.lows(db).items()}

    def alterations(self, name, units):
        """Statements that change the units of the table or of an index."""
        text = (f"INDEX {name} " if name else "") + self.set_units(units, name)
        statements = [("SELECT dynamo_alter(?, ?)", [self.name, text])]
        if not self.is_on_demand:
            request = {"ProvisionedThroughput": {
                "ReadCapacityUnits": units["read"], "WriteCapacityUnits": units["write"]}}
            if name:
                request = {"GlobalSecondaryIndexUpdates": [
                    {"Update": {"IndexName": name, **request}}]}
            statements.append(("SELECT dynamo_api('UpdateTable', ?)", [
                json.dumps({"TableName": self.name, **request})]))
        return statements

    def change_units(self, name, units, now_ms):
        """Indexes that have no units of their own go with the table."""
        changed = [name]
        if name is None and not self.is_on_demand:
            changed += [other for other in self.globals if other not in self.own]
        for other in changed:
            self.units[other] = units
            for direction, balances in self.trees[other].balances.items():
                for reason, balance in balances.items():
                    if reason != "AccountLimitExceeded":
                        balance.change(units[direction], now_ms)


class Book:
    """Admits parts of requests, and counts them as dynamo_capacity does."""

    def __init__(self, now_ms):
        self.now_ms = now_ms
        self.consumed = collections.Counter()
        self.reasons = collections.Counter()

    def count(self, part, index, what, number):
        self.consumed[part.table.name, index, self.now_ms // MINUTE_MS,
                      part.operation, what] += number

    @staticmethod
    def balances(part, charge):
        return part.table.trees[charge.index].balances_at(
            part.direction, charge.place).items()

    def admit(self, part):
        """Why it is refused: resources and reasons. None: it is admitted, and pays."""
        if part.first:
            reasons = self.admit(part.first)
            if reasons:
                return reasons
            self.pay(part.first, -1)
        reasons = set()
        for charge in part.charges:
            word = ("Index" if charge.index else "Table") + part.direction.capitalize()
            reasons |= {(charge.index, word + reason) for reason, balance
                        in self.balances(part, charge)
                        if balance.left(self.now_ms) <= 0}
        for index in {index for index, _ in reasons}:
            self.count(part, index, f"throttled {part.direction}", 1)
        self.reasons.update(reason for _, reason in reasons)
        if not reasons:
            self.pay(part, 1)
        return reasons

    def pay(self, part, sign):
        """Or, with a negative sign, have it back."""
        for charge in part.charges:
            for _, balance in self.balances(part, charge):
                balance.give(-sign * charge.milli)
            self.count(part, charge.index, part.direction, sign * charge.milli)

    def admit_all(self, parts):
        """Each part by itself: the reasons of each, and those that have paid."""
        reasons = [self.admit(part) for part in parts]
        return reasons, [part for part, why in zip(parts, reasons) if not why]

    def admit_until(self, parts):
        """One after the other, up to the first that is refused: its reasons, and
        those that have paid."""
        paid = []
        for part in parts:
            reasons = self.admit(part)
            if reasons:
                return reasons, paid
            paid.append(part)
        return set(), paid

    def may_decrease(self, decreases):
        """Four times in a day, and then once an hour up to 27 times."""
        today = [ms for ms in decreases if ms // DAY_MS == self.now_ms // DAY_MS]
        return len(today) < 4 or (
            len(today) < 27 and self.now_ms - today[-1] >= HOUR_MS)
