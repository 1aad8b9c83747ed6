"""Random changes of single items: requests of the API and statements of PartiQL.

For random_units.py and random_admission.py.
"""
from typing import NamedTuple

NUMBERS = ("0", "1.0", "-12.50", "1E20", "123456789", "0.00012", "-1E-10")


class Change(NamedTuple):
    """A write of one item, and the request that makes it."""
    table: str
    key: tuple
    operation: str
    old: dict  # None: no item
    new: dict
    is_failing: bool  # its condition does not hold
    request: dict

    def is_insert(self):
        return self.request.get("Statement", "").startswith("INSERT")


def key_item(key):
    return {"pk": {"S": key[0]}, "sk": {"N": str(key[1])}}


def key_values(key):
    return list(key_item(key).values())


def key_of(item):
    return item["pk"]["S"], int(item["sk"]["N"])


def selection(table, key):
    """A read of one item, as a statement."""
    return {"Statement": f'SELECT * FROM "{table}" WHERE pk = ? AND sk = ?',
            "Parameters": key_values(key)}


def random_value(rng, depth=0):
    """A value of any type but binary, nested a little."""
    kinds = [{"S": "é" * rng.randrange(6)}, {"BOOL": True}, {"NULL": True},
             {"N": rng.choice(NUMBERS)},
             {"SS": rng.sample(["a", "bb", "日本", "x" * 40], 2)},
             {"NS": rng.sample(["1", "-7", "-12.50", "1E20"], 2)}]
    if depth < 3:
        kinds += 2 * [
            {"L": [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]},
            {"M": {name: random_value(rng, depth + 1) for name
                   in rng.sample(["k", "kk", "ñ"], rng.randrange(3))}}]
    return rng.choice(kinds)


class Changes:
    """attributes(share) are random ones that are no keys of the table, new_item(key)
    is a random item."""

    def __init__(self, rng, attributes, new_item):
        self.rng, self.attributes, self.new_item = rng, attributes, new_item

    def condition(self, old):
        """A condition, or none; and whether it fails."""
        text, is_failing = self.rng.choice((
            (None, False), (None, False), (None, False), (None, False),
            ("attribute_exists(pk)", old is None),
            ("attribute_not_exists(pk)", old is not None)))
        return {"ConditionExpression": text} if text else {}, is_failing

    def update(self, key, old):
        """What is set, what is removed, and the item then: removing attributes of
        an item that is not there makes none."""
        changed = self.attributes(0.3)
        removed = [name for name in self.attributes(0.15) if name not in changed]
        if not changed and not removed:
            changed = {"y": {"S": "y" * 1000}}
        new = {**(old or key_item(key)), **changed}
        new = {n: v for n, v in new.items() if n not in removed}
        return changed, removed, new if old or changed else None

    def by_action(self, table, key, old):
        """An action of TransactWriteItems."""
        return self.by_request(table, key, old, True)

    def by_request(self, table, key, old, may_check=False):
        """One of PutItem, UpdateItem, DeleteItem and ConditionCheck."""
        request, is_failing = self.condition(old)
        operation = self.rng.choice(
            3 * ("PutItem",) + 4 * ("UpdateItem",) + ("DeleteItem",))
        if may_check and request and self.rng.random() < 0.4:
            operation = "ConditionCheck"
        new = {"DeleteItem": None, "ConditionCheck": old}.get(operation)
        if operation == "PutItem":
            new = request["Item"] = self.new_item(key)
        else:
            request["Key"] = key_item(key)
        if operation == "UpdateItem":
            changed, removed, new = self.update(key, old)
            parts = ["REMOVE " + ", ".join(removed)] if removed else []
            if changed:
                parts.append("SET " + ", ".join(f"{n} = :{n}" for n in changed))
                request["ExpressionAttributeValues"] = {
                    f":{n}": v for n, v in changed.items()}
            request["UpdateExpression"] = " ".join(parts)
        return Change(table, key, operation, old, new, is_failing,
                      {"TableName": table, **request})

    def by_statement(self, table, key, old):
        """An INSERT fails where there is an item, an UPDATE where there is none."""
        where = " WHERE pk = ? AND sk = ?"
        verb = self.rng.choice(("INSERT", "INSERT", "UPDATE", "UPDATE", "UPDATE",
                                "DELETE"))
        is_failing = False
        if verb == "INSERT":
            operation, new, is_failing = "PutItem", self.new_item(key), old is not None
            members = ", ".join(f"'{name}': ?" for name in new)
            text = f'INSERT INTO "{table}" VALUE {{{members}}}'
            parameters = list(new.values())
        elif verb == "UPDATE":
            changed, removed, new = self.update(key, old)
            operation, is_failing = "UpdateItem", old is None
            text = f'UPDATE "{table}"' + "".join(
                [f" SET {name} = ?" for name in changed]
                + [f" REMOVE {name}" for name in removed]) + where
            parameters = list(changed.values()) + key_values(key)
        else:
            operation, new = "DeleteItem", None
            text, parameters = f'DELETE FROM "{table}"' + where, key_values(key)
        return Change(table, key, operation, old, new, is_failing,
                      {"Statement": text, "Parameters": parameters})

    def of_batch(self, table, key, old):
        """A request of BatchWriteItem."""
        if self.rng.random() < 0.8:
            new = self.new_item(key)
            return Change(table, key, "PutItem", old, new, False,
                          {"PutRequest": {"Item": new}})
        return Change(table, key, "DeleteItem", old, None, False,
                      {"DeleteRequest": {"Key": key_item(key)}})


def transaction(changes):
    """A transaction of changes that are requests, or that are statements."""
    if "Statement" in changes[0].request:
        return "ExecuteTransaction", {
            "TransactStatements": [change.request for change in changes]}
    return "TransactWriteItems", {"TransactItems": [
        {change.operation.removesuffix("Item"): change.request}
        for change in changes]}


def transaction_of_reads(rng, keys):
    """A transaction that reads these items: requests, or statements."""
    if rng.random() < 0.5:
        return "ExecuteTransaction", {
            "TransactStatements": [selection(table, key) for table, key in keys]}
    return "TransactGetItems", {"TransactItems": [
        {"Get": {"TableName": table, "Key": key_item(key)}} for table, key in keys]}


def batch_of_reads(keys, strong_tables):
    """The tables of a BatchGetItem."""
    tables = {}
    for table, key in keys:
        tables.setdefault(table, {"Keys": [], "ConsistentRead": table in strong_tables})
        tables[table]["Keys"].append(key_item(key))
    return tables


def batch(changes):
    """A BatchWriteItem."""
    tables = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change.request)
    return {"RequestItems": tables}


def keep(items, changes):
    """Make the changes of items: of a dictionary for each table."""
    for change in changes:
        if change.is_failing:
            continue
        items[change.table].pop(change.key, None)
        if change.new is not None:
            items[change.table][change.key] = change.new
