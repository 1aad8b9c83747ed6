"""Answers in a form in which they can be compared."""
import json
import re


def canonical(value):
    """Without the order of sets."""
    if isinstance(value, dict):
        return {n: sorted(v) if n in ("SS", "NS", "BS") and
                isinstance(v, list) else canonical(v)
                for n, v in value.items()}
    if isinstance(value, list):
        return [canonical(v) for v in value]
    return value


def sorted_texts(items):
    return sorted(json.dumps(canonical(i), sort_keys=True) for i in items)


def braced(match):
    """A list in brackets or braces, sorted."""
    return match.group(1) + ", ".join(sorted(match.group(2).split(", "))) + \
        match.group(3)


def message_of(answer):
    """A message, without the orders that are those of a hash: of violations,
    of words in an enumeration, of unused names, of types."""
    text = answer.get("message", "")
    match = re.fullmatch(r"(\d+ validation errors? detected: )(.*)", text, re.S)
    if match:
        text = re.sub(r"(enum value set: \[)([^\]]*)(\])", braced, text)
        head, found, rest = text.partition("detected: ")
        text = head + found + "; ".join(sorted(rest.split("; ")))
    text = re.sub(r"(satisfy constraint: \[)(Member[^\]]*)(\])",
                  braced, text)
    text = re.sub(r"(unused in expressions: keys: \{)([^}]*)(\})", braced, text)
    return re.sub(r"(valid types: \{)([^}]*)(\})", braced, text, flags=re.S)


def without_capacity(answer):
    return {n: v for n, v in answer.items() if n != "ConsumedCapacity"}


def same_page(operation, table, request, ours, theirs):
    """Responses of Query and Scan, all their pages. What lies behind a place in
    the order of the hashes, or in a segment, is another thing on each side."""
    if operation == "Scan" and ("ExclusiveStartKey" in request or
                                request.get("Segment")):
        return True
    if ours["Count"] != theirs["Count"] or \
            ours["HasItems"] != theirs["HasItems"]:
        return False
    if ours["Pages"] != theirs["Pages"]:
        return False
    if sorted_texts(ours["Items"]) != sorted_texts(theirs["Items"]):
        return False
    if operation == "Scan":
        return True
    key = table.key_of(request.get("IndexName"))
    return [i.get(key[-1]) for i in ours["Items"]] == \
        [i.get(key[-1]) for i in theirs["Items"]]


def same_answer(operation, table, request, ours, theirs):
    if ours[0] != theirs[0]:
        return False
    if ours[0] is not None:
        return message_of(ours[1]) == message_of(theirs[1])
    if "Pages" in ours[1]:
        return same_page(operation, table, request, ours[1], theirs[1])
    return canonical(without_capacity(ours[1])) == \
        canonical(without_capacity(theirs[1]))


def capacity_differs(ours, theirs):
    """Whether both have units, and other ones."""
    if len(ours.get("Pages", [])) > 1:
        return False            # other items may be on the last page
    return ours.get("ConsumedCapacity") != theirs.get("ConsumedCapacity")


# Members that tell of a moment, or that dynalite does not have, or that the
# service does not have any more; of BillingMode dynalite tells what was asked.
MOMENTS = {"CreationDateTime", "LastIncreaseDateTime", "LastDecreaseDateTime",
           "LastUpdateToPayPerRequestDateTime", "TableStatus", "IndexStatus",
           "TableId", "TableThroughputModeSummary", "DeletionProtectionEnabled",
           "NumberOfDecreasesToday", "WarmThroughput"}
SETS = {"AttributeDefinitions", "GlobalSecondaryIndexes", "Tags",
        "LocalSecondaryIndexes", "NonKeyAttributes"}


def description(value):
    """A description of a table, without what differs from run to run."""
    if isinstance(value, list):
        return [description(v) for v in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, part in value.items():
        if name in MOMENTS or \
                name == "BillingMode" and "TableSizeBytes" in value:
            continue
        part = description(part)
        if name in SETS:
            part = sorted(part, key=lambda p: json.dumps(p, sort_keys=True))
        if name in ("TableArn", "IndexArn"):
            part = part.partition(":table/")[2]
        out[name] = part
    return out


def same_table_answer(operation, ours, theirs):
    if ours[0] != theirs[0]:
        return False
    if ours[0] is not None:
        return message_of(ours[1]) == message_of(theirs[1])
    return description(ours[1]) == description(theirs[1])


def same_batch_answer(ours, theirs):
    """Items of a batch come in any order."""
    if ours[0] != theirs[0]:
        return False
    if ours[0] is not None:
        return message_of(ours[1]) == message_of(theirs[1])
    ours, theirs = without_capacity(ours[1]), without_capacity(theirs[1])
    for answer in (ours, theirs):
        if "Responses" in answer:
            answer["Responses"] = {n: sorted_texts(items) for n, items
                                   in answer["Responses"].items()}
    return ours == theirs
