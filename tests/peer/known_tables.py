"""As known.py, of requests about tables."""
import re

from known import INVALID, registry, two_wrong_types
from normal import message_of

KNOWN, known = registry()


def reason_of(difference):
    for name, _, test in KNOWN:
        if test(difference):
            return name
    return None


@known("a table that is there already is named; dynalite's message is empty")
def table_exists(d):
    return d.operation == "CreateTable" and \
        d.our_name == d.their_name == "ResourceInUseException" and \
        d.our_message == "Table already exists: " + d.request["TableName"] and \
        d.their_message == ""


@known("the service tells of the name of a table in the form of all constraints "
       "today, and of that alone")
def table_name(d):
    match = re.fullmatch("1 validation error detected: (Value '.*' at 'tableName'"
                         " failed to satisfy constraint: .*)", d.our_message)
    return match is not None and (
        match.group(1) in d.their_message or d.their_message ==
        "TableName must be at least 3 characters long and at most 255 "
        "characters long")


@known("dynalite passes over an index that is not there")
def no_index(d):
    return d.operation == "UpdateTable" and d.their_name is None and \
        d.our_name == "ResourceNotFoundException" and d.our_message.startswith(
            "The table does not have the specified index: ")


@known("dynalite gives units to an index of a table on demand")
def units_on_demand(d):
    return d.operation == "UpdateTable" and (
        d.their_name is None or d.their_message.startswith(
            "The provisioned throughput for the table will not change")) and \
        d.our_message.startswith(
            INVALID + "ProvisionedThroughput should not be specified for index:")


@known("throughput is lowered 27 times a day (docs/semantics.md 5); dynalite does not "
       "count")
def decreases(d):
    return d.operation == "UpdateTable" and d.their_name is None and \
        d.our_message.startswith("Subscriber limit exceeded: Provisioned "
                                 "throughput decreases are limited")


@known("dynalite does not check so much of a request")
def unchecked(d):
    return d.our_name == "ValidationException" and re.match(
        re.escape(INVALID) + "(Some AttributeDefinitions are not used|Duplicate "
        "AttributeName in AttributeDefinitions|Duplicate tag key|ProjectionType "
        "is INCLUDE, but NonKeyAttributes is not specified|ProvisionedThroughput "
        "must be specified for index)|Given value .* is out of bounds( for index "
        "[^ ]*)?$|"
        "1 validation error detected: Value '' at '[\\w.]*(attributeName|"
        "nonKeyAttributes\\.\\d+\\.member|tagKeys\\.\\d+\\.member|key)' failed|"
        r"1 validation error detected: Value '.*' at '[\w.]*(keyType|attributeType|"
        r"tags\.\d+\.member\.\w+)' failed", d.our_message) is not None


@known("an index projects an attribute once; dynalite does not look")
def projected_twice(d):
    return d.operation == "CreateTable" and \
        d.our_message.endswith(" is projected twice")


@known("dynalite wants units where an index is updated; newer requests may have "
       "OnDemandThroughput there")
def index_update(d):
    return d.operation == "UpdateTable" and re.search(
        r"Value null at 'globalSecondaryIndexUpdates\.\d+\.member\.update\."
        "provisionedThroughput' failed to satisfy constraint: Member must not be "
        "null", d.their_message) is not None


@known("there is no IAM here, which refuses what is no ARN")
def access_denied(d):
    return d.their_name == "AccessDeniedException" and \
        d.our_name == "ValidationException" and re.match(
            "Invalid TableArn: Invalid ResourceArn provided as input ",
            d.our_message) is not None


@known("dynalite does not look for, or ends over, a tag without a key or a value")
def half_tag(d):
    return d.operation == "TagResource" and \
        re.search(r"Value null at 'tags\.\d+\.member\.", d.our_message) is not None


@known("Integer has 32 bits; dynalite does not look at that")
def wide_integer(d):
    return d.our_name == "SerializationException" and d.our_message == \
        "NUMBER_VALUE cannot be converted to Integer"


@known("a global index may have up to four attributes for each of its keys")
def many_attributes(d):
    return d.operation == "CreateTable" and re.search(
        r"at 'globalSecondaryIndexes\.\d+\.member\.keySchema' failed to satisfy "
        "constraint: Member must have length less than or equal to 2",
        d.their_message) is not None


@known("a global index may have several attributes for its partition key")
def many_hash_keys(d):
    indexes = d.request.get("GlobalSecondaryIndexes") or []
    return d.operation == "CreateTable" and d.their_message == "Invalid " \
        "KeySchema: The second KeySchemaElement is not a RANGE key type" and \
        any([k.get("KeyType") for k in i["KeySchema"]] == ["HASH", "HASH"]
            for i in indexes)


@known("structures in messages are shown in another form than as JSON")
def shown_values(d):
    ours, theirs = (re.sub(r"Value '[\[{].*?[\]}]' at", "Value at", m)
                    for m in (d.our_message, d.their_message))
    return ours == theirs and re.match(r"\d+ validation errors? ", ours) is not None


@known("of two values of wrong types dynalite tells that whose member comes first "
       "in its own list of members")
def table_wrong_types(d):
    return two_wrong_types(d)


UNCHECKED = re.compile(
    r"Value '.*?' at '[\w.]*(keyType|attributeType|attributeName|"
    r"tags\.\d+\.member\.\w+|(nonKeyAttributes|tagKeys)\.\d+\.member)' failed "
    r"to satisfy constraint: [^;]*|Value null at 'tags\.\d+\.member\.\w+' failed "
    r"to satisfy constraint: [^;]*")


@known("what dynalite does not check counts among the violations of a request, "
       "which come before all else")
def unchecked_too(d):
    ours, theirs = (set(message_of(m).partition(" detected: ")[2].split("; "))
                    if " detected: " in m["message"] else set()
                    for m in ({"message": d.our_message},
                              {"message": d.their_message}))
    return d.fault_count > 1 and theirs < ours and \
        all(UNCHECKED.fullmatch(v) for v in ours - theirs)
