"""What is known to differ between dynalite and dynamo, and why dynamo is right.

Each of KNOWN is (name, reason, test); the test gets a Difference and says
whether this is it. All are as narrow as they can be: what a test does not
recognise fails the run.
"""
import json
import re
from decimal import Decimal

from normal import canonical, message_of, sorted_texts

CONDITIONAL = "ConditionalCheckFailedException"
COMPARED = ("ConditionExpression", "FilterExpression")
INVALID = "One or more parameter values were invalid: "

UPDATE_FAILURES = {
    "The document path provided in the update expression is invalid for update",
    "The provided expression refers to an attribute that does not exist in the "
    "item",
    "An operand in the update expression has an incorrect data type",
    "Type mismatch for attribute to update",
    "Attempting to store more than 38 significant digits in a Number"}


def registry():
    """A list of differences, and what puts a test in it under its name."""
    tests = []

    def known(reason):
        def put(test):
            tests.append((test.__name__, reason, test))
            return test
        return put
    return tests, known


KNOWN, known = registry()


class Difference:
    """A request, the table and what the two sides said to it."""

    def __init__(self, operation, table, request, ours, theirs, before=None,
                 table_items=None):
        self.operation = operation
        self.table = table
        self.request = request
        self.fault_count = getattr(request, "count", 0)
        self.before = before                # the item that a write is about
        self.table_items = table_items      # gets all items of the table
        self.our_name, self.our_answer = ours
        self.their_name, self.their_answer = theirs

    def both_are(self, *names):
        """Whether each side's exception, or None, is one of those, and they
        are not the same exception."""
        both = {self.our_name, self.their_name}
        return both <= set(names) and (len(both) == 2 or both == {None})

    def is_decided(self):
        """Whether it is a condition or a filter that had another result."""
        if self.both_are(None, CONDITIONAL):
            return True
        return self.both_are("ValidationException", CONDITIONAL) and \
            bool({self.our_message, self.their_message} & UPDATE_FAILURES)

    def member(self, name):
        """A member of the request that is a map; {} when it is not."""
        value = self.request.get(name)
        return value if isinstance(value, dict) else {}

    def expressions(self, *names):
        """The texts of expressions, with their values in the place of :v."""
        text = " ".join(str(self.request.get(n, "")) for n in names)
        for name, value in self.member("ExpressionAttributeValues").items():
            kind = next(iter(value), "") if isinstance(value, dict) else ""
            text = re.sub(re.escape(name) + r"\b", f"<{kind}>", text)
        return text

    def items(self):
        """The items over which the two disagree, as far as that is known."""
        if self.operation not in ("Query", "Scan"):
            return [self.before]
        ours = sorted_texts(self.our_answer.get("Items", []))
        theirs = sorted_texts(self.their_answer.get("Items", []))
        differ = set(ours) ^ set(theirs)
        if differ and not {"ProjectionExpression", "AttributesToGet", "Select"} \
                & set(self.request):
            return [json.loads(t) for t in differ]
        return self.table_items()

    @property
    def our_message(self):
        return self.our_answer.get("message", "") if self.our_name else ""

    @property
    def their_message(self):
        return self.their_answer.get("message", "") if self.their_name else ""


class CapacityDifference(Difference):
    """The same answer, with other units."""

    @property
    def ours(self):
        return self.our_answer.get("ConsumedCapacity")

    @property
    def theirs(self):
        return self.their_answer.get("ConsumedCapacity")

    def parts(self, answer):
        """(Table, local indexes, global indexes) of capacity by INDEXES."""
        return tuple(answer.get(n) for n in (
            "Table", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"))


@known("dynalite has no ItemCollectionMetrics")
def item_collection_metrics(d):
    if d.our_name or d.their_name or not d.table.local or \
            d.request.get("ReturnItemCollectionMetrics") != "SIZE":
        return False
    ours = {n: v for n, v in d.our_answer.items()
            if n not in ("ItemCollectionMetrics", "ConsumedCapacity")}
    theirs = {n: v for n, v in d.their_answer.items() if n != "ConsumedCapacity"}
    return canonical(ours) == canonical(theirs)


@known("without attributes to return there is no member Attributes")
def no_attributes(d):
    return d.operation == "UpdateItem" and not d.our_name and \
        not d.their_name and d.their_answer.get("Attributes") == {} and \
        "Attributes" not in d.our_answer and \
        str(d.request.get("ReturnValues")).startswith("UPDATED_")


@known("dynalite does not compare Value when Exists is true")
def exists_true(d):
    return d.is_decided() and d.our_name == CONDITIONAL and \
        any(c.get("Exists") and "Value" in c
            for c in d.member("Expected").values())


@known("dynalite's ConditionalOperator OR is false when its first condition is")
def legacy_or(d):
    return d.is_decided() and d.request.get("ConditionalOperator") == "OR" and \
        any(len(d.member(m)) > 1
            for m in ("Expected", "QueryFilter", "ScanFilter"))


PATH = r"(?:size\s*\(\s*)?(?!NOT\b|AND\b|OR\b)[#\wé][#\w.\[\]é]*\s*\)?"


@known("dynalite takes two operands that are missing for equal")
def missing_operands(d):
    text = d.expressions(*COMPARED)
    return d.is_decided() and \
        re.search(rf"{PATH}[\s)]*(=|<>|<=|>=)[\s(]*{PATH}", text) is not None


@known("dynalite takes documents for unequal that are equal")
def documents(d):
    if not d.is_decided():
        return False
    expected = [c.get("Value", {}) for c in d.member("Expected").values()]
    return re.search(r"(=|<>)\s*<[LM]>|<[LM]>\s*(=|<>)",
                     d.expressions(*COMPARED)) is not None or \
        any(set(v) & {"L", "M"} for v in expected)


@known("dynalite does not check the types of operands of comparisons")
def operand_types(d):
    return d.our_name == "ValidationException" and re.fullmatch(
        r"Invalid \w+Expression: Incorrect operand type for operator or "
        r"function; operator: (<|<=|>|>=|BETWEEN), operand type: \w+",
        d.our_message) is not None


@known("dynalite does not look for paths below keys in a ConditionExpression")
def key_path_in_condition(d):
    head, _, name = d.our_message.rpartition("Key: ")
    if not head.startswith("Key attributes must be scalars"):
        return False
    names = [name] + [n for n, v in d.member("ExpressionAttributeNames").items()
                      if v == name]
    text = str(d.request.get("ConditionExpression", ""))
    return any(re.search(rf"(?<![\w.#]){re.escape(n)}\s*[.\[]", text)
               for n in names)


@known("dynalite does not look at Select")
def select(d):
    return "Select" in d.request and re.match(
        "Cannot specify the |Must specify the AttributesToGet or |"
        "ALL_PROJECTED_ATTRIBUTES can be used only ", d.our_message) is not None


@known("dynalite does not look at values in Expected with a ComparisonOperator")
def expected_values(d):
    return any("ComparisonOperator" in c for c in d.member("Expected").values()
               if isinstance(c, dict)) and re.match(
        "Supplied AttributeValue |One or more parameter values were invalid: "
        "(Null attribute|An (string|number) set|Binary sets|Input collection)|"
        "Input collection|The parameter cannot be converted|Number |Attempting ",
        d.our_message) is not None


@known("dynalite does not look at ReturnValues of DeleteItem")
def return_values_of_delete(d):
    return d.operation == "DeleteItem" and \
        d.our_message == "ReturnValues can only be ALL_OLD or NONE"


@known("dynalite does not look for empty and for long keys of indexes")
def index_keys(d):
    return d.operation in ("PutItem", "UpdateItem", "BatchWriteItem") and \
        d.their_name in (None, CONDITIONAL) and re.search(
            r"(cannot contain an empty (string|binary) value. IndexName: \w+, "
            r"IndexKey: \w+|has exceeded the (maximum )?size limit of ?\d+ bytes "
            r"IndexName: \w+)$", d.our_message) is not None


@known("a key lies in another segment on each side, by its hash")
def start_in_segment(d):
    text = "The provided starting key is invalid: Invalid ExclusiveStartKey. "
    return d.operation == "Scan" and \
        (d.our_message.startswith(text) or d.their_message.startswith(text))


def is_equal(value, other):
    """Whether two values of keys are equal, of which numbers may be written in
    several ways."""
    if value and other and "N" in value and "N" in other:
        return Decimal(value["N"]) == Decimal(other["N"])
    return canonical(value) == canonical(other)


@known("entries that have the same key in an index are in another order, so what "
       "lies behind one of them is another thing")
def start_among_equals(d):
    start = d.member("ExclusiveStartKey")
    if d.operation != "Query" or not start or d.our_name or d.their_name or \
            d.request.get("IndexName") is None or \
            {"ProjectionExpression", "AttributesToGet"} & set(d.request):
        return False
    names = d.table.key_of(d.request["IndexName"])
    return all(is_equal(item.get(n), start.get(n))
               for item in d.items() for n in names)


@known("a NOT may stand before another one; dynalite's parser takes none there")
def not_not(d):
    return d.their_message.partition(": ")[2].startswith("Syntax error; ") and \
        re.search(r"(?i)\bNOT\s+NOT\b", d.expressions(*COMPARED)) is not None


def two_wrong_types(d):
    """Whether two values of a request may be of wrong types, of which each side
    tells another one."""
    return d.our_name == d.their_name == "SerializationException" and \
        d.fault_count > 1


@known("of two values of wrong types dynalite tells that whose member comes first "
       "in its own list of members")
def wrong_types(d):
    return two_wrong_types(d)


@known("a key may have up to eight attributes, so it has to be known how many "
       "conditions a query may have; dynalite looks at that first")
def condition_count(d):
    return d.operation == "Query" and d.their_message == \
        "Conditions can be of length 1 or 2 only" and re.match(
            "Requested resource not found$|The table does not have the "
            "specified index: |Consistent reads are not supported on global |The "
            "provided starting key is invalid$|The provided key element does not "
            "match the schema$|One or more parameter values were invalid: (The "
            "AttributeValue for a key attribute cannot contain|Size of hashkey)",
            d.our_message) is not None


@known("dynalite does not look for empty keys in key conditions")
def empty_key_conditions(d):
    return d.operation == "Query" and re.search(
            r"cannot contain an empty (string|binary) value\. ",
            d.our_message) is not None


@known("an attribute may have an empty #name; dynalite takes it for none")
def empty_name(d):
    return "" in d.member("ExpressionAttributeNames").values() and \
        "attribute name used in the document path is not defined" in \
        d.their_message


@known("names in expressions do not begin with an underscore; dynalite's do")
def underscore(d):
    return 'Syntax error; token: "_", near: "' in d.our_message


@known("ConditionalOperator is no parameter beside expressions, in writes too")
def operator_mixed(d):
    return d.operation in ("PutItem", "UpdateItem", "DeleteItem") and re.match(
        "Can not use both expression and non-expression parameters in the same "
        r"request: Non-expression parameters: \{([\w, ]+, )?ConditionalOperator\}",
        d.our_message) is not None


@known("the service has more to say of operands of ADD and DELETE")
def type_set(d):
    head, _, rest = d.our_message.partition(", typeSet: ")
    return rest.startswith("ALLOWED_FOR_") and head == d.their_message


@known("the service tells a function for conditions from one it does not know")
def condition_function(d):
    return re.fullmatch(
        "Invalid UpdateExpression: The function is not allowed in an update "
        r"expression; function: \w+", d.our_message) is not None and \
        d.their_message.startswith("Invalid UpdateExpression: Invalid function ")


@known("dynalite takes Segment 0 for none")
def segment_zero(d):
    return d.operation == "Scan" and d.request.get("Segment") == 0 and \
        d.our_message == "The TotalSegments parameter is required but was not " \
        "present in the request when Segment parameter is present"


@known("dynalite ends over a value that is set to hold itself")
def holds_itself(d):
    names = d.member("ExpressionAttributeNames")
    text = re.sub(r"#\w+", lambda m: names.get(m.group(), m.group()).replace(
        " ", "_"), str(d.request.get("UpdateExpression", "")))
    return d.their_name == "Ended" and d.our_name in (None, CONDITIONAL) and \
        re.search(r"(\w+)[.\[][^=,]*=[^,]*\b\1\b", text) is not None


def is_quirky(value):
    """Whether there is an empty value, false or a text beyond 16 bits in it."""
    if isinstance(value, dict):
        return any(is_quirky(v) for v in value.values())
    if isinstance(value, list):
        return any(is_quirky(v) for v in value)
    return value is False or value == "" or \
        isinstance(value, str) and any(ord(c) > 0xffff for c in value)


FUNCTIONS = r"\b(size|attribute_type|contains)\s*\(|(?i:\b(in|between)\b)"


@known("in size, attribute_type, contains, IN and BETWEEN dynalite takes empty "
       "values and false for missing, and a character for two beyond 16 bits")
def empty_values(d):
    return d.is_decided() and \
        re.search(FUNCTIONS, d.expressions(*COMPARED)) is not None and \
        is_quirky(d.items())


def only_deletes(operation, request):
    """Whether an update only removes: that makes no item."""
    updates = request.get("AttributeUpdates")
    if operation != "UpdateItem":
        return False
    if isinstance(updates, dict):
        return all(isinstance(u, dict) and u.get("Action") == "DELETE"
                   for u in updates.values())
    sections = re.findall(r"(?i)(?<![#:.\w])(set|remove|add|delete)(?=\s)",
                          str(request.get("UpdateExpression", "")))
    return bool(sections) and \
        {s.lower() for s in sections} <= {"remove", "delete"}


@known("an update that only removes makes no item; dynalite makes one")
def delete_makes_item(d):
    if not only_deletes(d.operation, d.request) or d.our_name or d.their_name:
        return False
    made = d.their_answer.get("Item") or d.their_answer.get("Attributes")
    return not set(d.our_answer) & {"Item", "Attributes"} and \
        isinstance(made, dict) and set(made) == set(d.request["Key"])


@known("numbers have 38 digits, sums too (docs/semantics.md 1); dynalite's have more")
def digits_38(d):
    return d.operation == "UpdateItem" and d.their_name is None and \
        d.our_message == "Attempting to store more than 38 significant digits " \
                         "in a Number"


@known("dynalite does not look at the magnitude of sums")
def overflow(d):
    return d.operation == "UpdateItem" and d.their_name is None and \
        d.our_message.startswith("Number overflow. ")


@known("a global index can only give what it projects")
def not_projected(d):
    return d.our_message.startswith(
        INVALID + "Global secondary index by_n does not project") and \
        d.their_name is None


@known("indexes of a list are those before the update; dynalite shifts them")
def list_indexes(d):
    text = str(d.request.get("UpdateExpression", ""))
    return d.operation == "UpdateItem" and not d.our_name and \
        not d.their_name and re.search(r"(?i)remove", text) is not None and \
        len(re.findall(r"\[\d+\]", text)) > 1


@known("what a local index does not hold is read from the table; dynalite "
       "leaves it out")
def local_fetch(d):
    index = d.request.get("IndexName")
    return d.operation in ("Query", "Scan") and index == "near_g" and \
        not d.our_name and not d.their_name and any(
            n in d.request for n in ("ProjectionExpression", "AttributesToGet",
                                     "FilterExpression", "QueryFilter",
                                     "ScanFilter"))


@known("what is wrong with the syntax is told as the service tells it; dynalite "
       "tells what its parser expected")
def syntax(d):
    head, _, rest = d.our_message.partition(": Syntax error; ")
    return rest.startswith("token: ") and d.their_message.startswith(head)


@known("dynalite does not look at ConditionalOperator without conditions")
def operator_alone(d):
    return "ConditionalOperator" in d.request and d.our_message.startswith(
        "ConditionalOperator can") and d.their_name != "SerializationException"


@known("dynalite does not look at the words of Action")
def action_words(d):
    return d.operation == "UpdateItem" and ".member.action' failed to satisfy " \
        "constraint: Member must satisfy enum value set: " in d.our_message


@known("dynalite does not look at the types of values in Expected")
def expected_types(d):
    return "Expected" in d.request and re.fullmatch(
        re.escape(INVALID) + r"ComparisonOperator \w+ is not valid for \w+ "
        r"AttributeValue type", d.our_message) is not None


@known("EQ and NE are for all types, as the service's reference says")
def equal_documents(d):
    return re.fullmatch(
        re.escape(INVALID) + r"ComparisonOperator (EQ|NE) is not valid for "
        r"(M|L|BOOL|NULL) AttributeValue type", d.their_message) is not None


@known("of two actions that fail, either is told")
def two_actions(d):
    actions = re.split(r"(?i)[,= ](?:(?:set|remove|add|delete) )?",
                       str(d.request.get("UpdateExpression", "")))
    return (len(actions) > 2 or len(d.member("AttributeUpdates")) > 1) and \
        {d.our_message, d.their_message} <= UPDATE_FAILURES


@known("dynalite changes a value at the place it was copied to, too")
def shared_copies(d):
    return d.operation == "UpdateItem" and not d.our_name and \
        not d.their_name and re.search(
            r"(?is)set.*=.*(add|delete)|(add|delete).*set.*=",
            str(d.request.get("UpdateExpression", ""))) is not None


@known("dynalite's Scan knows no ConsistentRead")
def consistent_scan(d):
    return d.operation == "Scan" and "ConsistentRead" in d.request and (
        d.our_message == "Consistent reads are not supported on global "
                         "secondary indexes" or
        d.our_name == "SerializationException")


# ------------------------------------------------------------------- units --


@known("items lie in the order of another hash, so what lies behind a place is "
       "another thing")
def units_behind_start(d):
    return isinstance(d, CapacityDifference) and d.operation == "Scan" and \
        "ExclusiveStartKey" in d.request


@known("items that are fetched for a local index are rounded one by one "
       "(docs/semantics.md 2); dynalite rounds their sum")
def units_fetched(d):
    return isinstance(d, CapacityDifference) and \
        d.operation in ("Query", "Scan") and \
        d.request.get("IndexName") == "near_g" and \
        d.ours["CapacityUnits"] > d.theirs["CapacityUnits"]


@known("dynalite's Scan knows no ConsistentRead, which costs twice as much")
def units_consistent(d):
    return isinstance(d, CapacityDifference) and d.operation == "Scan" and \
        d.request.get("ConsistentRead") and \
        2 * d.theirs["CapacityUnits"] <= d.ours["CapacityUnits"] <= \
        2 * d.theirs["CapacityUnits"] + 1


@known("a read that finds nothing costs the minimum (docs/semantics.md 2)")
def units_minimum(d):
    return isinstance(d, CapacityDifference) and \
        d.operation in ("Query", "Scan") and \
        d.theirs["CapacityUnits"] == 0 and \
        d.ours["CapacityUnits"] == (1 if d.request.get("ConsistentRead") else 0.5)


@known("entries in indexes are paid for (docs/semantics.md 3); dynalite's are free")
def units_of_entries(d):
    if not isinstance(d, CapacityDifference) or not d.table.indexes or \
            d.operation in ("Query", "Scan", "GetItem"):
        return False
    if "Table" in d.theirs:
        return d.ours["Table"] == d.theirs["Table"]
    return d.ours["CapacityUnits"] > d.theirs["CapacityUnits"]


@known("numbers, and texts beyond ASCII, have other sizes (docs/semantics.md 1)")
def units_of_sizes(d):
    if not isinstance(d, CapacityDifference):
        return False
    step = 1 if d.request.get("ConsistentRead") or \
        d.operation not in ("Query", "Scan", "GetItem") else 0.5
    return abs(d.ours["CapacityUnits"] - d.theirs["CapacityUnits"]) == step


# ------------------------------------------------------------------- words --

TABLE_NAME = re.compile(
    r"Value '[^']*' at '[\w.]*tableName' failed to satisfy constraint: Member "
    r"must (have length|satisfy regular)")
MAP_KEYS = re.compile(r"(?s)Value '.*' at 'requestItems' failed to satisfy "
                      r"constraint: Map keys must satisfy constraint: ")


def of_today(message):
    """The violations in a message of dynalite as the service tells them today,
    or None: it tells of none. Where an ARN may stand, a name has a length of 1
    at least and no pattern."""
    head, found, rest = message.partition(" detected: ")
    if not re.fullmatch(r"\d+ validation errors?", head):
        return None
    out = set()
    for violation in re.split("; (?=Value )", rest):
        if violation.startswith("Value '' at 'tableName'"):
            violation = "Value '' at 'tableName' failed to satisfy constraint: " \
                        "Member must have length greater than or equal to 1"
        elif TABLE_NAME.match(violation) or MAP_KEYS.match(violation):
            continue
        violation = re.sub("^Value '[^']*' at 'limit'", "Value at 'Limit'",
                           violation)
        out.add(re.sub(r"(?s)^Value '.*' at 'requestItems\.([^']*)\.member\.keys'",
                       r"Value at 'RequestItems.\1.member.Keys'", violation))
    return out


@known("the service tells of limits and of names of tables in other words today")
def words_of_today(d):
    theirs = of_today(d.their_message)
    if theirs is None or not d.our_name:
        return False
    if not theirs:
        return d.our_name in ("ValidationException", "ResourceNotFoundException")
    plural = "s" if len(theirs) > 1 else ""
    wanted = f"{len(theirs)} validation error{plural} detected: "
    return message_of(d.our_answer) == message_of(
        {"message": wanted + "; ".join(theirs)})


def reason_of(difference):
    for name, _, test in KNOWN:
        if test(difference):
            return name
    return None


