"""What items are in bytes and operations in units, by docs/semantics.md 1 to 3.

For random_units.py and random_admission.py. Items are those of the API:
{"pk": {"S": "a"}, "sk": {"N": "1"}}.
"""
import collections
from decimal import Decimal
from typing import NamedTuple

from units import KB, number_bytes

STRONG, EVENTUAL, TRANSACTIONAL = 1, 0.5, 2  # units of 4 KB


class Index(NamedTuple):
    is_local: bool
    partition: tuple  # key attributes; an item that lacks one is not in the index
    sort: tuple
    projected: tuple  # beside all keys; None: everything

    def attributes(self):
        """What it has of an item, or None for all of it."""
        if self.projected is None:
            return None
        return {"pk", "sk", *self.partition, *self.sort, *self.projected}

    def entry(self, item):
        """What it has of this item, or None."""
        if item is None or any(n not in item for n in self.partition + self.sort):
            return None
        attributes = self.attributes()
        return {n: v for n, v in item.items()
                if attributes is None or n in attributes}

    def charges(self, old, new):
        """The table of index writes in docs/semantics.md 3: entries, each with the
        units that are charged where it lies."""
        before, after = self.entry(old), self.entry(new)
        if before is None or after is None:
            return [(e, write_units(e)) for e in (before, after) if e is not None]
        if not is_same(self.partition + self.sort, before, after):
            return [(before, write_units(before)), (after, write_units(after))]
        if set(before) == set(after) and is_same(before, before, after):
            return []
        return [(after, write_units(before, after))]


def value_bytes(value):
    (kind, content), = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return number_bytes(Decimal(content))
    if kind == "SS":
        return sum(len(member.encode()) for member in content)
    if kind == "NS":
        return sum(value_bytes({"N": member}) for member in content)
    if kind == "L":
        return 3 + sum(1 + value_bytes(element) for element in content)
    if kind == "M":
        return 3 + len(content) + item_bytes(content)
    return 1  # BOOL, NULL


def item_bytes(item):
    return sum(len(name.encode()) + value_bytes(value)
               for name, value in (item or {}).items())


def canonical(value):
    """The same for equal values: numbers and sets are written in several ways."""
    (kind, content), = value.items()
    if kind == "N":
        content = Decimal(content)
    elif kind == "SS":
        content = frozenset(content)
    elif kind == "NS":
        content = frozenset(map(Decimal, content))
    elif kind == "L":
        content = [canonical(element) for element in content]
    elif kind == "M":
        content = {name: canonical(member) for name, member in content.items()}
    return kind, content


def is_same(names, one, other):
    return all(canonical(one[name]) == canonical(other[name]) for name in names)


def write_units(*items):
    return max(1, -(-max(map(item_bytes, items)) // KB))


def read_units(size, factor):
    return max(1, -(-size // (4 * KB))) * factor


# --- what is charged

class Charge(NamedTuple):
    table: str
    index: str  # None: the table itself
    operation: str
    direction: str
    units: float


def sum_of(charges):
    out = {"read": 0, "write": 0}
    for charge in charges:
        out[charge.direction] += charge.units
    return out


def grouped(charges, key):
    groups = collections.defaultdict(list)
    for charge in charges:
        groups[key(charge)].append(charge)
    return groups


def consumed_capacity(indexes, charges, level, has_directions):
    """The ConsumedCapacity of a response: a line for each table."""
    def units(some):
        total = sum_of(some)
        out = {"CapacityUnits": total["read"] + total["write"]}
        if has_directions:
            out |= {direction.capitalize() + "CapacityUnits": number
                    for direction, number in total.items() if number > 0}
        return out

    lines = []
    for table, some in sorted(grouped(charges, lambda c: c.table).items()):
        line = {"TableName": table, **units(some)}
        if level == "INDEXES":
            parts = grouped(some, lambda c: c.index)
            line["Table"] = units(parts.pop(None, []))
            for name, of_index in parts.items():
                member = "Local" if indexes[name].is_local else "Global"
                line.setdefault(member + "SecondaryIndexes", {})[name] = units(of_index)
        lines.append(line)
    return lines
