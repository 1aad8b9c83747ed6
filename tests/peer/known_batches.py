"""As known.py, of batches."""
import json
import re

import known as single
from known import CapacityDifference, registry
from normal import message_of

KNOWN, known = registry()


def reason_of(difference):
    for name, _, test in KNOWN:
        if test(difference):
            return name
    return None


@known("entries in indexes are paid for (docs/semantics.md 3); dynalite's are free")
def batch_units_of_entries(d):
    return single.units_of_entries(d)


@known("numbers, and texts beyond ASCII, have other sizes (docs/semantics.md 1)")
def batch_units_of_sizes(d):
    return isinstance(d, CapacityDifference) and \
        abs(d.ours["CapacityUnits"] - d.theirs["CapacityUnits"]) in (0.5, 1)


@known("structures in messages are shown in another form than as JSON, and what "
       "is too long is cut")
def batch_shown_values(d):
    ours, theirs = (re.sub(r"(?s)Value '[\[{].*[\]}]' at '", "Value at '", m)
                    for m in (message_of(d.our_answer), message_of(d.their_answer)))
    if re.match(r"\d+ validation errors? ", ours) is None:
        return False
    return ours == theirs or len(ours) > 1000 and \
        ours[:30] == theirs[:30] and "' at '" not in ours


@known("dynalite tells of classes of the service, which are not those here")
def classes(d):
    return d.our_name == d.their_name == "SerializationException" and \
        d.our_message == "Unexpected field type" and \
        d.their_message.startswith("class sun.reflect.generics.")


@known("of two values of wrong types dynalite tells that whose member comes first "
       "in its own list of members")
def batch_wrong_types(d):
    return single.two_wrong_types(d)


@known("writes are counted before their tables are looked for; dynalite counts "
       "those that it has looked at")
def writes_counted(d):
    return d.operation == "BatchWriteItem" and d.fault_count > 1 and \
        len(d.request["RequestItems"]) > 1 and d.our_message == \
        "Too many items requested for the BatchWriteItem call"


@known("dynalite finds the tables of a batch at the same time, and tells what is "
       "first wrong with any of them")
def two_tables(d):
    return d.operation in ("BatchGetItem", "BatchWriteItem") and \
        d.fault_count > 1 and len(d.request["RequestItems"]) > 1 and \
        "Requested resource not found" in (d.our_message, d.their_message) and \
        {d.our_name, d.their_name} == {"ResourceNotFoundException",
                                       "ValidationException"}


@known("of a key and a path below a key that are wrong, either is told")
def key_and_path(d):
    told = {re.sub("Key: .*", "", m) for m in (d.our_message, d.their_message)}
    path = ("Key attributes must be scalars; list random access '[]' and map "
            "lookup '.' are not allowed: ")
    return d.operation == "BatchGetItem" and d.our_name == d.their_name and \
        path in told and bool(told & {
            "The provided key element does not match the schema",
            "One or more parameter values were invalid: The AttributeValue for a "
            "key attribute cannot contain an empty string value. "})


@known("dynalite does not look for empty and for long keys of indexes")
def batch_index_keys(d):
    return d.operation == "BatchWriteItem" and single.index_keys(d)


@known("the service tells of limits and of names of tables in other words today")
def batch_words_of_today(d):
    return single.words_of_today(d) or \
        d.request.get("RequestItems") == {} and d.our_message == \
        "The requestItems parameter is required for " + d.operation and \
        d.their_message.startswith("1 validation error detected: Value '{}' at ")


@known("keys of RequestItems may be ARNs today, so that only their length counts; and "
       "structures in messages are shown in another form than as JSON")
def batch_map_keys(d):
    mark = "Map value must satisfy constraint: "
    return "Map keys must satisfy constraint: " in d.their_message and \
        "validation error" in d.our_message and mark in d.our_message and \
        d.our_message.count("; Value ") + 1 == \
        d.their_message.count("; Value ") and \
        mark + d.our_message.partition(mark)[2] in d.their_message


@known("an attribute may have an empty #name; dynalite takes it for none")
def batch_empty_name(d):
    return d.operation == "BatchGetItem" and \
        '": ""' in json.dumps([t.get("ExpressionAttributeNames") for t in
                               d.request["RequestItems"].values()]) and \
        "attribute name used in the document path is not defined" in \
        d.their_message
