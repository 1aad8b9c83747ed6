"""Random requests about tables: they come and go, and are tagged.

Their names are not those of the tables with items (generate.py).
"""
import copy

from generate import several_faults

NAMES = [f"life.{i}" for i in range(5)]
ATTRIBUTES = ["pk", "sk", "a", "b", "name", "two words"]
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"


class TableGenerator:
    def __init__(self, rng, arn):
        self.rng = rng
        self.arn = arn

    def throughput(self):
        return {"ReadCapacityUnits": self.rng.choice([1, 5, 10]),
                "WriteCapacityUnits": self.rng.choice([1, 5, 10])}

    def projection(self):
        kind = self.rng.choice(["ALL", "KEYS_ONLY", "INCLUDE"])
        out = {"ProjectionType": kind}
        if kind == "INCLUDE":
            out["NonKeyAttributes"] = self.rng.sample(["x", "y", "z"], 2)
        return out

    @staticmethod
    def schema(names):
        return [{"AttributeName": n, "KeyType": k}
                for n, k in zip(names, ("HASH", "RANGE"))]

    def index(self, number, names, provisioned):
        out = {"IndexName": f"index{number}", "KeySchema": self.schema(names),
               "Projection": self.projection()}
        if provisioned:
            out["ProvisionedThroughput"] = self.throughput()
        return out

    def create_table(self):
        r = self.rng
        provisioned = r.random() < 0.5
        key = ["pk", "sk"][:r.choice([1, 2, 2])]
        used = list(key)
        request = {"TableName": r.choice(NAMES), "KeySchema": self.schema(key)}
        if len(key) == 2 and r.random() < 0.4:
            names = r.sample(ATTRIBUTES[2:], r.choice([1, 2]))
            request["LocalSecondaryIndexes"] = [
                self.index(i, ["pk", n], False) for i, n in enumerate(names)]
            used += names
        if r.random() < 0.5:
            request["GlobalSecondaryIndexes"] = []
            for number in range(r.choice([1, 2])):
                names = r.sample(ATTRIBUTES, r.choice([1, 2]))
                request["GlobalSecondaryIndexes"].append(
                    self.index(10 + number, names, provisioned))
                used += names
        request["AttributeDefinitions"] = [
            {"AttributeName": n, "AttributeType": r.choice("SNB")}
            for n in dict.fromkeys(used)]
        if provisioned:
            request["ProvisionedThroughput"] = self.throughput()
            if r.random() < 0.3:
                request["BillingMode"] = "PROVISIONED"
        else:
            request["BillingMode"] = "PAY_PER_REQUEST"
        return request

    def named(self):
        return {"TableName": self.rng.choice(NAMES)}

    def update_table(self):
        r = self.rng
        request = self.named()
        roll = r.random()
        if roll < 0.5:
            request["ProvisionedThroughput"] = self.throughput()
        elif roll < 0.7:
            request["BillingMode"] = "PAY_PER_REQUEST"
        elif roll < 0.85:
            request["BillingMode"] = "PROVISIONED"
            request["ProvisionedThroughput"] = self.throughput()
        if r.random() < 0.3:
            request["GlobalSecondaryIndexUpdates"] = [{"Update": {
                "IndexName": r.choice(["index10", "index11", "index10", "none"]),
                "ProvisionedThroughput": self.throughput()}}]
        return request

    def list_tables(self):
        r = self.rng
        request = {}
        if r.random() < 0.5:
            request["Limit"] = r.choice([1, 2, 3, 100])
        if r.random() < 0.5:
            request["ExclusiveStartTableName"] = r.choice(
                NAMES + ["aaa", "indexed", "zzz"])
        return request

    def resource(self):
        return {"ResourceArn": self.arn + self.rng.choice(NAMES)}

    def tag_resource(self):
        return {**self.resource(), "Tags": [
            {"Key": k, "Value": self.rng.choice(["1", "two", ""])}
            for k in self.rng.sample("abcde", self.rng.randrange(1, 4))]}

    def untag_resource(self):
        return {**self.resource(),
                "TagKeys": self.rng.sample("abcde", self.rng.randrange(1, 3))}

    OPERATIONS = {
        "CreateTable": (create_table, 5), "DescribeTable": (named, 4),
        "UpdateTable": (update_table, 4), "DeleteTable": (named, 2),
        "ListTables": (list_tables, 2), "TagResource": (tag_resource, 2),
        "UntagResource": (untag_resource, 1),
        "ListTagsOfResource": (resource, 2)}

    def request(self):
        names = list(self.OPERATIONS)
        operation, = self.rng.choices(
            names, [self.OPERATIONS[n][1] for n in names])
        return operation, self.OPERATIONS[operation][0](self)

    # --------------------------------------------------------------- damage --

    PIECES = ["x", 1, 1.5, True, [], {}, ["x"], "", 0, -1, 10 ** 13, "HASH",
              "RANGE", "index0", "index10", "pk", "none", "a b", "ALL",
              "KEYS_ONLY", "PROVISIONED", "PAY_PER_REQUEST"]

    def places(self, value, path=()):
        yield path
        steps = value.items() if isinstance(value, dict) else \
            enumerate(value) if isinstance(value, list) else ()
        for step, part in steps:
            yield from self.places(part, path + (step,))

    def damaged(self, request):
        return several_faults(self.rng, request, self.damaged_once)

    def damaged_once(self, request):
        r = self.rng
        out = copy.deepcopy(request)
        place = r.choice([p for p in self.places(out) if p] or [("Limit",)])
        holder = out
        for step in place[:-1]:
            holder = holder[step]
        roll = r.random()
        if roll < 0.35 and place[-1] in (holder if isinstance(holder, dict)
                                         else range(len(holder))):
            del holder[place[-1]]
        elif roll < 0.85:
            holder[place[-1]] = copy.deepcopy(r.choice(self.PIECES))
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[place[-1]]))
        elif roll < 0.95:
            more = r.choice([
                ("ProvisionedThroughput", self.throughput()),
                ("BillingMode", "PAY_PER_REQUEST"), ("BillingMode", "x"),
                ("LocalSecondaryIndexes", []), ("GlobalSecondaryIndexes", []),
                ("GlobalSecondaryIndexUpdates", []),
                ("GlobalSecondaryIndexUpdates", [{}]), ("Limit", 0),
                ("Limit", 101), ("TableName", "ab"), ("TableName", "a!b"),
                ("TableName", "x" * 256), ("ResourceArn", "x"),
                ("ResourceArn", self.arn), ("ResourceArn", self.arn + "absent"),
                ("Tags", []), ("TagKeys", [])])
            out[more[0]] = more[1]
        return out
