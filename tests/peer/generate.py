"""Random requests for tables that both sides have.

Most are meant to succeed; `damaged` breaks one in one to three places, so that
it shows which of several faults is told. Values come from small pools, so that
keys meet, conditions hold about as often as not, and the kinds of values meet in
comparisons.
"""
import copy

NAMES = ["a", "b", "c", "m", "l", "set", "two words", "é"]
PLAIN = ["a", "b", "c", "m", "l"]          # need no #name
TEXTS = ["", "a", "b", "ab", "abc", "é", "x" * 40, "😀", "12"]
NUMBERS = ["0", "1", "-1", "2", "10", "1.5", "-0.25", "1e2", "007", "1.0",
           "12345678901234567890123456789012345678", "1e-130", "9e125", "3", "5"]
BLOBS = ["", "AA==", "AAE=", "AAEC", "/w=="]
TYPES = ["S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"]

TABLES = [
    {"TableName": "plain.1",
     "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
     "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]},
    {"TableName": "ranged_S",
     "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
     "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "S"}]},
    {"TableName": "indexed",
     "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
     "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"},
                              {"AttributeName": "n", "AttributeType": "N"},
                              {"AttributeName": "g", "AttributeType": "S"}],
     "LocalSecondaryIndexes": [
         {"IndexName": "near", "Projection": {"ProjectionType": "ALL"},
          "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "n", "KeyType": "RANGE"}]},
         {"IndexName": "near_g", "Projection": {"ProjectionType": "KEYS_ONLY"},
          "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "g", "KeyType": "RANGE"}]}],
     "GlobalSecondaryIndexes": [
         {"IndexName": "by_g", "Projection": {"ProjectionType": "ALL"},
          "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"},
                        {"AttributeName": "n", "KeyType": "RANGE"}]},
         {"IndexName": "by_n",
          "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "m"]},
          "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}]}]},
    {"TableName": "binary-keys",
     "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
     "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "N"},
                              {"AttributeName": "sk", "AttributeType": "B"}]},
]
for _table in TABLES:
    _table["BillingMode"] = "PAY_PER_REQUEST"

KEY_VALUES = {"S": ["a", "b", "ab", "é", "b0"],
              "N": ["0", "1", "-1", "1.5", "10", "2", "-10", "1e3"],
              "B": ["AA==", "AAE=", "AQ==", "/w==", "AP8="]}
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
FAULT_COUNTS = [1, 1, 2, 2, 3]             # in a request that is damaged


class Faults(dict):
    """A request with faults, and how many of them there may be."""
    count = 0


def several_faults(rng, request, damage):
    """The request with faults, each by damage(request), which makes another one.
    A fault may take away what the next one would be in; then there is none."""
    count = rng.choice(FAULT_COUNTS)
    for _ in range(count):
        try:
            request = damage(request)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            break
    out = Faults(request)
    out.count = count
    return out


class Table:
    """What a CreateTable request says, by name."""

    def __init__(self, request):
        self.request = request
        self.name = request["TableName"]
        self.types = {a["AttributeName"]: a["AttributeType"]
                      for a in request["AttributeDefinitions"]}
        self.key = self.names_of(request)
        self.indexes = {}
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            for index in request.get(kind, []):
                self.indexes[index["IndexName"]] = index
        self.local = {i["IndexName"]
                      for i in request.get("LocalSecondaryIndexes", [])}

    @staticmethod
    def names_of(schema):
        return [k["AttributeName"] for k in schema["KeySchema"]]

    def key_of(self, index):
        return self.key if index is None else self.names_of(self.indexes[index])

    def held(self, index):
        """The attributes that an index holds; None: all."""
        if index is None:
            return None
        projection = self.indexes[index]["Projection"]
        if projection["ProjectionType"] == "ALL":
            return None
        return set(self.key_of(index)) | set(self.key) | \
            set(projection.get("NonKeyAttributes", []))


class Expression:
    """Texts of a request's expressions, with the names and values they use."""

    def __init__(self, rng):
        self.rng = rng
        self.names = {}
        self.values = {}

    def name(self, name):
        if name.isascii() and name.isalnum() and name != "set" and \
                self.rng.random() < 0.6:
            return name
        for token, known in self.names.items():
            if known == name:
                return token
        token = f"#n{len(self.names)}"
        self.names[token] = name
        return token

    def value(self, value):
        token = f":v{len(self.values)}"
        self.values[token] = value
        return token

    def path(self, names):
        name = self.rng.choice(names)
        text = self.name(name)
        if name not in NAMES and self.rng.random() < 0.9:
            return text                     # a key has nothing below it
        while self.rng.random() < 0.2:
            if self.rng.random() < 0.5:
                text += f"[{self.rng.randrange(3)}]"
            else:
                text += "." + self.name(self.rng.choice(NAMES))
        return text

    def into(self, request):
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values


class Generator:
    def __init__(self, rng):
        self.rng = rng
        self.tables = {t["TableName"]: Table(t) for t in TABLES}

    # ------------------------------------------------------------- values --

    def scalar(self, kind):
        r = self.rng
        if kind == "S":
            return {"S": r.choice(TEXTS)}
        if kind == "N":
            return {"N": r.choice(NUMBERS)}
        if kind == "B":
            return {"B": r.choice(BLOBS)}
        if kind == "NULL":
            return {"NULL": True}
        return {"BOOL": r.random() < 0.5}

    def value(self, depth=0):
        r = self.rng
        kind = r.choice(TYPES if depth < 3 else ["S", "N", "B"])
        if kind == "SS":
            return {"SS": r.sample(["a", "b", "c", "é"], r.randrange(1, 4))}
        if kind == "NS":
            return {"NS": r.sample(["1", "2", "3", "0.5"], r.randrange(1, 4))}
        if kind == "BS":
            return {"BS": r.sample(["AA==", "AAE=", "/w=="], r.randrange(1, 3))}
        if kind == "L":
            return {"L": [self.value(depth + 1) for _ in range(r.randrange(4))]}
        if kind == "M":
            return {"M": {n: self.value(depth + 1)
                          for n in r.sample(NAMES, r.randrange(4))}}
        return self.scalar(kind)

    def key_value(self, kind):
        return {kind: self.rng.choice(KEY_VALUES[kind])}

    def key(self, table, names=None):
        return {n: self.key_value(table.types[n]) for n in names or table.key}

    def item(self, table):
        r = self.rng
        item = self.key(table)
        for name in table.types:
            if name not in item and r.random() < 0.7:
                item[name] = self.key_value(table.types[name])
        for name in r.sample(NAMES, r.randrange(5)):
            if name == "m" and r.random() < 0.7:
                item[name] = {"M": {n: self.value(1)
                                    for n in r.sample(NAMES, r.randrange(1, 4))}}
            elif name == "l" and r.random() < 0.7:
                item[name] = {"L": [self.value(1) for _ in range(r.randrange(4))]}
            elif name == "set" and r.random() < 0.7:
                item[name] = {"NS": r.sample(["1", "2", "3", "0.5"], 2)}
            else:
                item[name] = self.value()
        if r.random() < 0.1:
            item["big"] = {"S": "y" * r.choice([700, 1500, 4500])}
        return item

    # -------------------------------------------------------- expressions --

    def operand(self, e, names):
        r = self.rng
        if r.random() < 0.02:
            return r.choice(["size({})", "{}"]).format(e.path(names))
        if r.random() < 0.93:
            return e.value(self.scalar(r.choice("SN")))
        return e.value(self.value())

    def comparison(self, e, names):
        r = self.rng
        path = e.path(names)
        kind = r.randrange(8)
        if kind < 4 and r.random() < 0.15:
            path = f"size({path})"
            return f"{path} {r.choice(['=', '<', '>='])} {e.value({'N': r.choice('0123')})}"
        if kind < 3:
            sides = [path, self.operand(e, names)]
            if r.random() < 0.1:
                sides.reverse()
            relation = r.choice(["=", "<>", "<", "<=", ">", ">="])
            space = r.choice(["", " "])
            return sides[0] + space + relation + space + sides[1]
        if kind == 3:
            word = r.choice(["attribute_exists", "attribute_not_exists"])
            return f"{word}({path})"
        if kind == 4:
            return f"attribute_type({path}, {e.value({'S': r.choice(TYPES)})})"
        if kind == 5:
            value = self.scalar(r.choice("SSSB"))
            return f"begins_with({path}, {e.value(value)})"
        if kind == 6:
            return f"contains({path}, {e.value(self.scalar(r.choice('SNB')))})"
        if r.random() < 0.5:
            type_ = r.choice("SN")
            pool = sorted(KEY_VALUES[type_], key=float if type_ == "N" else None)
            low, high = sorted(r.choices(range(len(pool)), k=2))
            return (f"{path} BETWEEN {e.value({type_: pool[low]})} AND "
                    f"{e.value({type_: pool[high]})}")
        kind = r.choice("SN")
        some = [e.value(self.scalar(kind)) for _ in range(r.randrange(1, 4))]
        return f"{path} IN ({', '.join(some)})"

    def condition(self, e, names, depth=0):
        r = self.rng
        roll = r.random()
        if depth > 2 or roll < 0.5:
            return self.comparison(e, names)
        if roll < 0.6:
            return "NOT " + self.comparison(e, names)
        word = r.choice([" AND ", " OR ", " and ", " or "])
        sides = []
        for _ in range(2):
            text = self.condition(e, names, depth + 1)
            if r.random() < 0.3 and not text.startswith("("):
                text = f"({text})"
            sides.append(text)
        return word.join(sides)

    def projection(self, e, names):
        r = self.rng
        count = r.randrange(1, min(4, len(names)) + 1)
        paths = []
        for name in r.sample(names, count):
            text = e.name(name)
            roll = r.random()
            if roll < 0.15:
                text += f"[{r.randrange(2)}]"
            elif roll < 0.25:
                text += "." + e.name(r.choice(NAMES))
            paths.append(text)
        return ", ".join(paths)

    def update_value(self, e, names):
        r = self.rng
        roll = r.random()
        if roll < 0.6:
            return e.value(self.value())
        if roll < 0.65:
            return e.path(names)
        if roll < 0.8:
            left = e.name(r.choice(names)) if r.random() < 0.6 else \
                e.value(self.scalar("N"))
            if r.random() < 0.3:
                left = f"if_not_exists({e.name(r.choice(names))}, {left})"
            return f"{left} {r.choice('+-')} {e.value({'N': r.choice('123')})}"
        if roll < 0.9:
            return f"if_not_exists({e.path(names)}, {e.value(self.value())})"
        items = e.value({"L": [self.value(2)]})
        path = e.name("l") if r.random() < 0.5 else f"if_not_exists(l, {items})"
        return r.choice([f"list_append({path}, {items})",
                         f"list_append({items}, {path})"])

    def update_target(self, e, name):
        """A path at or below an attribute that no other action has."""
        r = self.rng
        if name == "m" and r.random() < 0.6 or r.random() < 0.03:
            return e.name(name) + "." + e.name(r.choice(NAMES))
        if name == "l" and r.random() < 0.5 or r.random() < 0.03:
            return f"{e.name(name)}[{r.randrange(4)}]"
        return e.name(name)

    def update(self, e, table):
        r = self.rng
        names = NAMES + [n for n in table.types if n not in table.key]
        targets = r.sample(names, r.randrange(1, 4))
        sections = {}
        for name in targets:
            kind = r.choice(["SET", "SET", "REMOVE", "ADD", "DELETE"])
            if name in table.types:
                kind = r.choice(["SET", "REMOVE"])
            target = self.update_target(e, name)
            if kind == "SET":
                value = self.update_value(e, names)
                if name in table.types and r.random() < 0.9:
                    value = e.value(self.key_value(table.types[name]))
                text = f"{target} = {value}"
            elif kind == "REMOVE":
                text = target
            elif kind == "ADD":
                text = f"{target} " + e.value(r.choice(
                    [self.scalar("N"), {"NS": ["1", "7"]}, {"SS": ["a", "z"]}]))
            else:
                text = f"{target} " + e.value(r.choice(
                    [{"NS": ["1", "7"]}, {"SS": ["a", "b", "c", "é"]}]))
            sections.setdefault(kind, []).append(text)
        words = [r.choice([k, k.lower()]) + " " + ", ".join(t)
                 for k, t in sections.items()]
        r.shuffle(words)
        return " ".join(words)

    # -------------------------------------------------------------- legacy --

    def legacy_condition(self, kind=None):
        r = self.rng
        word = r.choice(["EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL",
                         "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN",
                         "BETWEEN"])
        kind = kind or r.choice("SNB")
        if word == "BEGINS_WITH" and kind == "N":
            kind = "S"
        count = {"NOT_NULL": 0, "NULL": 0, "IN": r.randrange(1, 4),
                 "BETWEEN": 2}.get(word, 1)
        values = [self.key_value(kind) for _ in range(count)]
        if word == "BETWEEN" and kind == "S":
            values.sort(key=lambda v: v["S"].encode())
        elif word == "BETWEEN" and kind == "N":
            values.sort(key=lambda v: float(v["N"]))
        elif word == "BETWEEN":
            values = [{"B": "AA=="}, {"B": "/w=="}]
        out = {"ComparisonOperator": word}
        if values or r.random() < 0.3:
            out["AttributeValueList"] = values
        return out

    def legacy_filter(self, request, member, names):
        r = self.rng
        count = min(r.choice([1, 1, 2, 3]), len(names))
        request[member] = {n: self.legacy_condition()
                           for n in r.sample(names, count)}
        if count > 1 and r.random() < 0.5:
            request["ConditionalOperator"] = r.choice(["AND", "OR"])

    def expected(self, request, names):
        r = self.rng
        self.legacy_filter(request, "Expected", names)
        for name in request["Expected"]:
            roll = r.random()
            if roll < 0.2:
                request["Expected"][name] = {"Exists": False}
            elif roll < 0.4:
                request["Expected"][name] = {"Value": self.value()}
            elif roll < 0.5:
                request["Expected"][name] = {"Exists": True, "Value": self.value()}

    def attribute_updates(self, table):
        r = self.rng
        names = NAMES + [n for n in table.types if n not in table.key]
        out = {}
        for name in r.sample(names, r.randrange(1, 4)):
            roll = r.random()
            value = self.key_value(table.types[name]) if name in table.types \
                else self.value()
            if roll < 0.5:
                out[name] = {"Value": value}
                if r.random() < 0.5:
                    out[name]["Action"] = "PUT"
            elif roll < 0.65:
                out[name] = {"Action": "DELETE"}
            elif roll < 0.8 and name not in table.types:
                out[name] = {"Action": "DELETE", "Value": r.choice(
                    [{"NS": ["1", "7"]}, {"SS": ["a", "b"]}])}
            elif name not in table.types or table.types[name] == "N":
                choices = [self.scalar("N")]
                if name not in table.types:
                    choices += [{"NS": ["1", "7"]}, {"SS": ["z"]},
                                {"L": [self.value(2)]}]
                out[name] = {"Action": "ADD", "Value": r.choice(choices)}
        return out

    # ------------------------------------------------------------- requests --

    def names(self, table):
        return NAMES + list(table.types)

    def capacity(self, request):
        if self.rng.random() < 0.3:
            request["ReturnConsumedCapacity"] = self.rng.choice(
                ["TOTAL", "INDEXES", "NONE"])

    def write_condition(self, request, table, e):
        r = self.rng
        roll = r.random()
        if roll < 0.35:
            request["ConditionExpression"] = self.condition(e, self.names(table))
        elif roll < 0.5 and not e.names and "UpdateExpression" not in request:
            self.expected(request, self.names(table))

    def write_options(self, request):
        self.capacity(request)
        if self.rng.random() < 0.05:
            request["ReturnItemCollectionMetrics"] = self.rng.choice(
                ["SIZE", "NONE"])

    def put_item(self, table):
        r = self.rng
        request = {"TableName": table.name, "Item": self.item(table)}
        if r.random() < 0.4:
            request["ReturnValues"] = r.choice(["ALL_OLD", "NONE"])
        e = Expression(r)
        self.write_condition(request, table, e)
        e.into(request)
        self.write_options(request)
        return request

    def delete_item(self, table):
        r = self.rng
        request = {"TableName": table.name, "Key": self.key(table)}
        if r.random() < 0.4:
            request["ReturnValues"] = r.choice(["ALL_OLD", "NONE"])
        e = Expression(r)
        self.write_condition(request, table, e)
        e.into(request)
        self.write_options(request)
        return request

    def update_item(self, table):
        r = self.rng
        request = {"TableName": table.name, "Key": self.key(table)}
        e = Expression(r)
        if r.random() < 0.65:
            request["UpdateExpression"] = self.update(e, table)
            self.write_condition(request, table, e)
        else:
            if r.random() < 0.95:
                request["AttributeUpdates"] = self.attribute_updates(table)
            if r.random() < 0.3:
                self.expected(request, self.names(table))
        e.into(request)
        if r.random() < 0.7:
            request["ReturnValues"] = r.choice(
                ["ALL_OLD", "NONE", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
        self.write_options(request)
        return request

    def get_item(self, table):
        r = self.rng
        request = {"TableName": table.name, "Key": self.key(table)}
        e = Expression(r)
        if r.random() < 0.4:
            request["ProjectionExpression"] = self.projection(e, self.names(table))
        elif r.random() < 0.3:
            request["AttributesToGet"] = r.sample(self.names(table), 2)
        e.into(request)
        if r.random() < 0.3:
            request["ConsistentRead"] = r.random() < 0.5
        self.capacity(request)
        return request

    def key_relation(self, e, name, kind):
        r = self.rng
        pool = KEY_VALUES[kind]
        word = r.choice(["=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"])
        if word == "begins_with" and kind != "N":
            return f"begins_with({e.name(name)}, {e.value(self.key_value(kind))})"
        if word in ("BETWEEN", "begins_with"):
            low, high = r.choice(pool), r.choice(pool)
            if kind == "S" and low.encode() > high.encode() or \
                    kind == "N" and float(low) > float(high):
                low, high = high, low
            if kind == "B":
                low, high = "AA==", "AQ=="
            return (f"{e.name(name)} BETWEEN {e.value({kind: low})} AND "
                    f"{e.value({kind: high})}")
        value = e.value(self.key_value(kind))
        if r.random() < 0.1:
            return f"{value} {word} {e.name(name)}"
        return f"{e.name(name)} {word} {value}"

    def key_condition(self, request, table, key, e):
        r = self.rng
        parts = [f"{e.name(key[0])} = "
                 f"{e.value(self.key_value(table.types[key[0]]))}"]
        if len(key) > 1 and r.random() < 0.6:
            parts.append(self.key_relation(e, key[1], table.types[key[1]]))
        if r.random() < 0.1:
            parts.reverse()
        request["KeyConditionExpression"] = r.choice([" AND ", " and "]).join(parts)

    def legacy_key_condition(self, request, table, key):
        r = self.rng
        request["KeyConditions"] = {key[0]: {
            "ComparisonOperator": "EQ",
            "AttributeValueList": [self.key_value(table.types[key[0]])]}}
        if len(key) > 1 and r.random() < 0.6:
            while True:
                condition = self.legacy_condition(table.types[key[1]])
                if condition["ComparisonOperator"] in (
                        "EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH", "BETWEEN") \
                        and table.types[key[1]] in \
                        condition["AttributeValueList"][0]:
                    break
            request["KeyConditions"][key[1]] = condition

    def reading(self, request, table, index, e, older, no_filter):
        """What Query and Scan have in common."""
        r = self.rng
        held = table.held(index)
        names = [n for n in self.names(table) if held is None or n in held]
        filtered = [n for n in names if n not in no_filter]
        if r.random() < 0.03:
            names = filtered = NAMES
        if index is not None:
            request["IndexName"] = index
        if not older:
            if r.random() < 0.35 and filtered:
                request["FilterExpression"] = self.condition(e, filtered)
            if r.random() < 0.25:
                request["ProjectionExpression"] = self.projection(e, names)
        else:
            if r.random() < 0.35 and filtered:
                member = "ScanFilter" if no_filter == () else "QueryFilter"
                self.legacy_filter(request, member, filtered)
            if r.random() < 0.25:
                request["AttributesToGet"] = r.sample(names, min(2, len(names)))
        if r.random() < 0.5:
            request["Limit"] = r.choice([1, 2, 3, 5, 20])
        if r.random() < 0.3 and (index is None or index in table.local):
            request["ConsistentRead"] = r.random() < 0.7
        projects = "ProjectionExpression" in request or "AttributesToGet" in request
        if r.random() < 0.25:
            choices = ["SPECIFIC_ATTRIBUTES"] if projects else \
                ["COUNT", "ALL_ATTRIBUTES"]
            if index is not None and not projects:
                choices.append("ALL_PROJECTED_ATTRIBUTES")
            request["Select"] = r.choice(choices)
        e.into(request)
        self.capacity(request)

    def query(self, table):
        r = self.rng
        index = r.choice([None] + list(table.indexes))
        key = table.key_of(index)
        request = {"TableName": table.name}
        e = Expression(r)
        older = r.random() < 0.3
        if older:
            self.legacy_key_condition(request, table, key)
        else:
            self.key_condition(request, table, key, e)
        self.reading(request, table, index, e, older, tuple(key))
        if r.random() < 0.4:
            request["ScanIndexForward"] = r.random() < 0.5
        if index is None and not older and r.random() < 0.1:
            request["ExclusiveStartKey"] = self.key(table)
        return request

    def scan(self, table):
        r = self.rng
        index = r.choice([None] + list(table.indexes))
        request = {"TableName": table.name}
        self.reading(request, table, index, Expression(r), r.random() < 0.3, ())
        if r.random() < 0.2:
            request["TotalSegments"] = r.choice([1, 2, 3])
            request["Segment"] = 0
        return request

    def distinct_keys(self, table, count):
        """Keys that are not the same, also when numbers are written otherwise."""
        keys = {}
        for _ in range(count):
            key = self.key(table)
            name = tuple(float(v["N"]) if "N" in v else str(v)
                         for v in key.values())
            keys[name] = key
        return list(keys.values())

    def some_tables(self):
        return self.rng.sample(list(self.tables.values()), self.rng.choice([1, 2]))

    def batch_get_item(self):
        r = self.rng
        request = {"RequestItems": {}}
        for table in self.some_tables():
            part = {"Keys": self.distinct_keys(table, r.randrange(1, 6))}
            e = Expression(r)
            if r.random() < 0.3:
                part["ProjectionExpression"] = self.projection(
                    e, self.names(table))
            elif r.random() < 0.2:
                part["AttributesToGet"] = r.sample(self.names(table), 2)
            e.into(part)
            if r.random() < 0.3:
                part["ConsistentRead"] = r.random() < 0.5
            request["RequestItems"][table.name] = part
        self.capacity(request)
        return request

    def batch_write_item(self):
        r = self.rng
        request = {"RequestItems": {}}
        for table in self.some_tables():
            writes = []
            for key in self.distinct_keys(table, r.randrange(1, 6)):
                if r.random() < 0.3:
                    writes.append({"DeleteRequest": {"Key": key}})
                else:
                    writes.append({"PutRequest": {
                        "Item": {**self.item(table), **key}}})
            request["RequestItems"][table.name] = writes
        self.capacity(request)
        return request

    def damaged_batch(self, operation, request):
        r = self.rng
        out = copy.deepcopy(request)
        tables = out["RequestItems"]
        name = r.choice(list(tables))
        roll = r.random()
        if roll < 0.1:
            tables[r.choice(["absent", "x", "a b"])] = tables.pop(name)
        elif roll < 0.2:
            list_ = tables[name] if operation == "BatchWriteItem" else \
                tables[name]["Keys"]
            list_.append(copy.deepcopy(r.choice(list_)))
        elif roll < 0.25:
            tables[name] = [] if operation == "BatchWriteItem" else {"Keys": []}
        elif roll < 0.3:
            out["RequestItems"] = {}
        elif roll < 0.35:
            tables[name] = (tables[name] * 30)[:26] \
                if operation == "BatchWriteItem" else \
                {"Keys": [{"pk": {"S": str(i)}} for i in range(101)]}
        elif roll < 0.6:
            places = [p for p in self.places(out)
                      if len(p) > 3 and p[-2] in ("Item", "Key", "M", "L") or
                      len(p) > 4 and p[-3] == "Keys"]
            if places:
                self.replace(out, r.choice(places),
                             copy.deepcopy(r.choice(self.BAD_VALUES)))
        elif roll < 0.8:
            places = [p for p in self.places(out) if p]
            self.replace(out, r.choice(places), None)
        else:
            places = [p for p in self.places(out) if p]
            self.replace(out, r.choice(places),
                         copy.deepcopy(r.choice(self.PIECES)))
        return out

    def batch(self, damage):
        if self.rng.random() < 0.5:
            operation, request = "BatchGetItem", self.batch_get_item()
        else:
            operation, request = "BatchWriteItem", self.batch_write_item()
        if self.rng.random() < damage:
            return operation, several_faults(
                self.rng, request,
                lambda r: self.damaged_batch(operation, r))
        return operation, request

    OPERATIONS = {"PutItem": (put_item, 26), "UpdateItem": (update_item, 24),
                  "DeleteItem": (delete_item, 8), "GetItem": (get_item, 10),
                  "Query": (query, 22), "Scan": (scan, 8)}

    def request(self):
        """A random operation, its table and its request."""
        names = list(self.OPERATIONS)
        operation, = self.rng.choices(
            names, [self.OPERATIONS[n][1] for n in names])
        table = self.rng.choice(list(self.tables.values()))
        return operation, table, self.OPERATIONS[operation][0](self, table)

    # --------------------------------------------------------------- damage --

    PIECES = ["x", 1, 1.5, True, [], {}, ["x"], {"x": {"S": "y"}}, "", "no"]
    BAD_VALUES = [
        {}, {"S": "a", "N": "1"}, {"N": "abc"}, {"N": ""}, {"NULL": False},
        {"SS": []}, {"NS": []}, {"BS": []}, {"SS": ["a", "b", "a"]},
        {"NS": ["1", "1.0"]}, {"BS": ["AA==", "AA=="]}, {"N": "1e126"},
        {"N": "-1e126"}, {"N": "1e-131"}, {"N": "1" * 39}, {"B": "A"},
        {"B": "AA=A"}, {"N": "1e"}, {"NS": ["x"]}, {"S": 1}, {"N": 1},
        {"N": 1.5}, {"BOOL": "maybe"}, {"BOOL": 1}, {"L": {}}, {"M": []},
        {"SS": "a"}, {"BOOL": "true"}, {"x": "y"}, {"L": [{"N": "z"}]},
        {"M": {"a": {"N": "z"}}}, "text", 5, ["a"], {"B": 7}]
    TOKENS = ["(", ")", ",", "AND", "OR", "NOT", ":v0", "#n0", "a", "=", "<>", ":",
              "#", "size", "SET", "REMOVE", "[0]", "[", "]", ".", "name", "+",
              "BETWEEN", "IN", "((", "))", "contains(a)", "size(a)", ":undefined",
              "#undefined", "pk", "1a", "_b", "begins_with(a, :v0)", "@", "foo(a)",
              "attribute_exists(:v0)", "a.b", "-"]
    EXPRESSIONS = ["ConditionExpression", "UpdateExpression", "FilterExpression",
                   "KeyConditionExpression", "ProjectionExpression"]
    WORDS = ["ReturnValues", "ReturnConsumedCapacity", "Select",
             "ReturnItemCollectionMetrics", "ConditionalOperator"]

    def places(self, value, path=()):
        yield path
        if isinstance(value, dict):
            for name in value:
                yield from self.places(value[name], path + (name,))
        elif isinstance(value, list):
            for number, element in enumerate(value):
                yield from self.places(element, path + (number,))

    @staticmethod
    def replace(request, path, value):
        for step in path[:-1]:
            request = request[step]
        if value is None:
            del request[path[-1]]
        else:
            request[path[-1]] = value

    def damage_place(self, request, table):
        places = [p for p in self.places(request) if p]
        place = self.rng.choice(places)
        self.replace(request, place, copy.deepcopy(self.rng.choice(self.PIECES)))

    def damage_missing(self, request, table):
        places = [p for p in self.places(request) if p]
        self.replace(request, self.rng.choice(places), None)

    def damage_value(self, request, table):
        places = [p for p in self.places(request)
                  if len(p) > 1 and p[-2] in ("Item", "Key", "Value", "M", "L",
                                              "ExpressionAttributeValues",
                                              "AttributeValueList",
                                              "ExclusiveStartKey")]
        if places:
            self.replace(request, self.rng.choice(places),
                         copy.deepcopy(self.rng.choice(self.BAD_VALUES)))

    def damage_word(self, request, table):
        r = self.rng
        request[r.choice(self.WORDS)] = r.choice(
            ["x", "", "ALL_NEW", "UPDATED_OLD", "OR", "COUNT", "ALL_OLD",
             "SPECIFIC_ATTRIBUTES", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"])

    def damage_expression(self, request, table):
        r = self.rng
        there = [n for n in self.EXPRESSIONS if n in request]
        if not there:
            return
        name = r.choice(there)
        text = request[name]
        words = text.replace("(", " ( ").replace(")", " ) ") \
            .replace(",", " , ").split()
        at = r.randrange(len(words))
        roll = r.random()
        if roll < 0.3:
            del words[at]
        elif roll < 0.6:
            words.insert(at, r.choice(self.TOKENS))
        elif roll < 0.9:
            words[at] = r.choice(self.TOKENS)
        else:
            words = [f"({text})" if r.random() < 0.5 else f"(({text}))"]
        request[name] = " ".join(words)

    def damage_substitutes(self, request, table):
        r = self.rng
        member = r.choice(["ExpressionAttributeNames",
                           "ExpressionAttributeValues"])
        value = "zz" if member.endswith("Names") else {"S": "zz"}
        sign = "#" if member.endswith("Names") else ":"
        there = request.setdefault(member, {})
        roll = r.random()
        if roll < 0.3 and there:
            del there[r.choice(list(there))]
        elif roll < 0.7:
            there[sign + "unused"] = value
        elif roll < 0.9:
            there[r.choice(["x", sign, sign + "a-b", sign + "é", ""])] = value

    def damage_key(self, request, table):
        r = self.rng
        member = next((m for m in ("Key", "Item", "ExclusiveStartKey")
                       if m in request), None)
        if member is None:
            return
        name = r.choice(list(table.types))
        roll = r.random()
        if roll < 0.2:
            request[member].pop(name, None)
        elif roll < 0.4:
            request[member]["extra"] = {"S": "x"}
        elif roll < 0.6:
            request[member][name] = self.value()
        elif roll < 0.8:
            request[member][name] = r.choice([{"S": ""}, {"B": ""}])
        else:
            size = r.choice([1024, 1025, 2048, 2049])
            request[member][name] = {"S": "k" * size}

    def damage_table(self, request, table):
        request["TableName"] = self.rng.choice(
            ["absent", "x", "a b c", "t" * 256, "é" * 5, "", table.name + "!"])

    def damage_mixed(self, request, table):
        r = self.rng
        member, value = r.choice([
            ("AttributesToGet", ["a", "b"]), ("AttributesToGet", ["a", "a"]),
            ("AttributesToGet", []), ("ProjectionExpression", "a, b"),
            ("Expected", {"a": {"Exists": False}}),
            ("AttributeUpdates", {"a": {"Action": "DELETE"}}),
            ("AttributeUpdates", {"a": {"Action": "ADD", "Value": {"S": "x"}}}),
            ("AttributeUpdates", {"a": {"Action": "PUT"}}),
            ("AttributeUpdates", {"a": {"Action": "DELETE", "Value": {"S": "x"}}}),
            ("AttributeUpdates", {"pk": {"Value": {"S": "x"}}}),
            ("AttributeUpdates", {"a": {"Action": "x"}}),
            ("QueryFilter", {"a": {"ComparisonOperator": "NULL"}}),
            ("QueryFilter", {"pk": {"ComparisonOperator": "NULL"}}),
            ("ScanFilter", {"a": {"ComparisonOperator": "EQ"}}),
            ("KeyConditions", {"pk": {"ComparisonOperator": "NE",
                                      "AttributeValueList": [{"S": "a"}]}}),
            ("KeyConditions", {}), ("ConditionalOperator", "OR"),
            ("FilterExpression", "attribute_exists(a)"),
            ("FilterExpression", "attribute_exists(pk)"),
            ("KeyConditionExpression", "pk = :v0 OR sk = :v0"),
            ("ConditionExpression", ""), ("UpdateExpression", ""),
            ("ExpressionAttributeNames", {}), ("ExpressionAttributeValues", {}),
            ("Limit", 0), ("Limit", -1), ("Limit", "5"), ("IndexName", "absent"),
            ("IndexName", "x"), ("Segment", 1), ("TotalSegments", 2),
            ("TotalSegments", 0), ("ConsistentRead", True), ("Unknown", 1),
            ("ConsistentRead", "yes"), ("ScanIndexForward", "x")])
        request[member] = copy.deepcopy(value)

    def damage_older(self, request, table):
        """Older parameters, with what they take, beside those that are there;
        or a key condition that no key has."""
        r = self.rng
        condition = {"ComparisonOperator": r.choice(
            ["EQ", "NE", "LT", "NULL", "NOT_NULL", "CONTAINS", "IN"])}
        if condition["ComparisonOperator"] not in ("NULL", "NOT_NULL"):
            condition["AttributeValueList"] = [self.value()]
        names = list(table.types) + ["a", "z"]
        member = r.choice(["KeyConditions", "KeyConditions", "QueryFilter",
                           "ScanFilter", "Expected", "AttributesToGet",
                           "AttributeUpdates", "ConditionalOperator"])
        if member == "AttributesToGet":
            request[member] = r.sample(names, 2)
        elif member == "AttributeUpdates":
            request[member] = {r.choice(names): {
                "Action": r.choice(["PUT", "ADD", "DELETE"]),
                "Value": self.value()}}
        elif member == "ConditionalOperator":
            request[member] = r.choice(["AND", "OR"])
        else:
            some = r.sample(names, r.choice([1, 1, 2, 3]))
            request[member] = {n: copy.deepcopy(condition) for n in some}
        if r.random() < 0.6:            # or both kinds, which is a fault
            for name in self.EXPRESSIONS + ["ExpressionAttributeNames",
                                            "ExpressionAttributeValues"]:
                request.pop(name, None)

    def damage_start(self, request, table):
        r = self.rng
        index = request.get("IndexName")
        names = list(table.key)
        if index in table.indexes:
            names += [n for n in table.key_of(index) if n not in names]
        start = self.key(table, names)
        roll = r.random()
        name = r.choice(names)
        if roll < 0.2:
            del start[name]
        elif roll < 0.4:
            start[r.choice(["extra", name])] = self.value()
        elif roll < 0.6:
            start["extra"] = start.pop(name)
        elif roll < 0.8:
            start[name] = copy.deepcopy(r.choice(self.BAD_VALUES))
        request["ExclusiveStartKey"] = start

    def damage_path(self, request, table):
        """A path below a key, in an expression that is there or not."""
        r = self.rng
        name = r.choice(list(table.types))
        path = name + r.choice([".a", "[0]", ".a[1]"])
        member = r.choice(self.EXPRESSIONS)
        text = {"ProjectionExpression": path,
                "UpdateExpression": r.choice([f"REMOVE {path}",
                                              f"SET a = {path}"]),
                }.get(member, f"attribute_exists({path})")
        there = request.get(member)
        if isinstance(there, str) and member != "UpdateExpression":
            text = there + (", " if member == "ProjectionExpression"
                            else " AND ") + text
        request[member] = text

    def damage_index_keys(self, request, table):
        """Values of other types for keys of indexes."""
        r = self.rng
        others = [n for n in table.types if n not in table.key] or ["a"]
        some = r.sample(others, r.randrange(1, len(others) + 1))
        if "Item" in request:
            for name in some:
                request["Item"][name] = self.value()
            return
        values = {f":w{i}": self.value() for i in range(len(some))}
        request["UpdateExpression"] = "SET " + ", ".join(
            f"{n} = {v}" for n, v in zip(some, values))
        request.setdefault("ExpressionAttributeValues", {}).update(values)

    def damage_expected(self, request, table):
        r = self.rng
        names = [m for m in ("Expected", "QueryFilter", "ScanFilter",
                             "KeyConditions") if request.get(m)]
        if not names:
            return
        member = r.choice(names)
        name = r.choice(list(request[member]))
        request[member][name] = r.choice([
            {}, {"Exists": True}, {"Exists": False, "Value": {"S": "a"}},
            {"ComparisonOperator": "EQ"}, {"AttributeValueList": [{"S": "a"}]},
            {"ComparisonOperator": "x", "AttributeValueList": [{"S": "a"}]},
            {"ComparisonOperator": "EQ", "AttributeValueList": []},
            {"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["a"]}]},
            {"ComparisonOperator": "IN",
             "AttributeValueList": [{"S": "a"}, {"N": "1"}]},
            {"ComparisonOperator": "BETWEEN",
             "AttributeValueList": [{"S": "b"}, {"S": "a"}]},
            {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"S": "b"}]},
            {"ComparisonOperator": "NULL", "AttributeValueList": [{"S": "b"}]},
            {"ComparisonOperator": "BEGINS_WITH",
             "AttributeValueList": [{"N": "1"}]},
            {"ComparisonOperator": "EQ", "Value": {"S": "a"},
             "AttributeValueList": [{"S": "a"}]},
            {"ComparisonOperator": "EQ", "Exists": True, "Value": {"S": "a"}}])

    def damaged(self, operation, request, table):
        damages = [self.damage_place, self.damage_missing, self.damage_value,
                   self.damage_word, self.damage_expression,
                   self.damage_expression, self.damage_substitutes,
                   self.damage_key, self.damage_table, self.damage_mixed,
                   self.damage_expected, self.damage_older, self.damage_path]
        if operation in ("Query", "Scan"):
            damages += [self.damage_start, self.damage_start]
        if operation in ("PutItem", "UpdateItem"):
            damages.append(self.damage_index_keys)
        def damage(whole):
            out = copy.deepcopy(whole)
            self.rng.choice(damages)(out, table)
            return out
        return several_faults(self.rng, request, damage)
