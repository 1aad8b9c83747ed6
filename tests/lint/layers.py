#!/usr/bin/env python3
"""Check that includes point down the layers, that no modules need each other
in a ring, and that SQLite stays outside.

A module is FOLDER/NAME: its .c file, its header and its _internal.h. It needs
those that it includes, and those that define a function it names, by whatever
header it knows of that. A grammar is a module of its own, apart from the header
that lemon makes of it: that holds the numbers of tokens and needs nothing.

usage: layers.py SOURCE_ROOT
"""
import pathlib
import re
import sys

# A folder may include itself and the folders named beside it.
LAYERS = {
    "base": [],
    "item": ["base"],
    "expr": ["base", "item"],
    "partiql": ["base", "item", "expr"],
    "engine": ["base", "item"],
    "file": ["base"],
    "ops": ["base", "item", "expr", "engine", "file"],
    "api": ["base", "item", "expr", "partiql", "engine", "ops"],
    "ext": ["base", "item", "expr", "partiql", "engine", "ops", "api"],
    "server": ["base", "item"],  # and dynamo.h of ext: the rest is SQL
    "remote": ["base", "item", "expr", "engine", "ops", "ext"],
}
SQLITE_SIDE = ["ext", "remote"]
MAY_NAME_SQLITE = {
    "src/base/call.c", "src/base/exception.c", "src/base/lock.c", "src/base/sqlite.h",
    "src/base/sqlite_text.c", "src/base/sqlite_text.h",
    "src/engine/backup.c", "src/engine/catalogue.c",
    "src/engine/handler_trigger.c", "src/engine/log.c", "src/engine/readers.c",
    "src/engine/rows_internal.h",
    "src/engine/rows_large.c", "src/engine/rows_read.c",
    "src/engine/rows_tree.c", "src/engine/rows_write.c",
    "src/engine/store.c", "src/engine/store_internal.h",
    "src/engine/conflict.c", "src/engine/versions.c",
    "server/database.c",
}
# What outlives a call is in SQLite's memory, too: these may allocate there,
# and nothing else.
MAY_ALLOCATE = {
    "src/engine/account.c", "src/engine/account_admit.c",
    "src/engine/account_adopt.c", "src/engine/account_usage.c",
    "src/engine/cache.c",
    "src/engine/cost.c", "src/engine/hints.c", "src/engine/hot_keys.c",
    "src/engine/leaf_cache.c",
    "src/engine/load.c", "src/engine/partitions.c", "src/engine/session.c",
    "src/engine/table.c", "src/expr/parse_cache.c",
    "src/file/zlib_memory.c", "src/ops/dax.c",
}
ALLOCATES = {
    "sqlite3_malloc64", "sqlite3_realloc64", "sqlite3_mprintf", "sqlite3_free",
}

root = pathlib.Path(sys.argv[1])
problems = []
needs = {}  # module -> modules
texts = {}  # path of a source -> its text, without comments and literals


def check_sqlite(name, where, line):
    called = set(re.findall(r"\bsqlite3_\w+(?=\()", line))
    if name in MAY_ALLOCATE:
        if called - ALLOCATES:
            problems.append(f"{where}: does more with SQLite than allocate")
    elif called or re.search(r"<sqlite3|base/sqlite\.h", line):
        problems.append(f"{where}: names SQLite")


def module_of(name):
    name = name.removeprefix("src/")
    return name if name.endswith(".y") else name[:-2].removesuffix("_internal")


def add_need(module, other):
    if other != module:
        needs.setdefault(module, set()).add(other)


def folder_of(layer, header):
    """The folder of an include that names none: its own, or ext."""
    own = layer not in SQLITE_SIDE or (root / layer / f"{header}.h").exists()
    return layer if own else "ext"


sources = [*root.glob("src/**/*.[chy]")]
for side in SQLITE_SIDE:
    sources += root.glob(f"{side}/*.[ch]")
sources += root.glob("server/*.[ch]")
for path in sorted(sources):
    name = path.relative_to(root).as_posix()
    module = module_of(name)
    layer = module.split("/")[0]
    text = path.read_text(encoding="utf-8")
    texts[name] = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', "", text, flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        include = re.match(r'#include "(?:(\w+)/)?(\w+)\.h"', line)
        if include:
            folder, header = include.groups()
            folder = folder or folder_of(layer, header)
            if folder not in [layer, *LAYERS[layer]]:
                problems.append(f"{where}: {layer} includes {folder}")
            if header.endswith("_internal") and folder != layer:
                problems.append(f"{where}: private to {folder}")
            add_need(module, f"{folder}/{header}".removesuffix("_internal"))
        if layer not in SQLITE_SIDE and name not in MAY_NAME_SQLITE:
            check_sqlite(name, where, line)


# As clang-format writes a definition: from the margin to a brace at it.
DEFINITION = re.compile(
    r"^(?!static\b)[a-z][\w \n*]*?\b(\w+)\([^;{}]*\)\n\{", re.M)
defined_in = {
    function: module_of(name)
    for name, text in texts.items() if not name.endswith(".h")
    for function in DEFINITION.findall(text)
}
for name, text in texts.items():
    if not name.endswith(".h"):
        for word in defined_in.keys() & set(re.findall(r"\w+", text)):
            add_need(module_of(name), defined_in[word])


def reachable(module):
    found, rest = set(), [module]
    while rest:
        for other in needs.get(rest.pop(), set()) - found:
            found.add(other)
            rest.append(other)
    return found


# Modules that need each other are a ring, however many they are.
reach = {module: reachable(module) for module in needs}
rings = {
    tuple(sorted(o for o in reach[m] if m in reach.get(o, ())))
    for m in reach if m in reach[m]
}
for ring in sorted(rings):
    problems.append("ring:")
    for module in ring:
        others = sorted(needs[module] & set(ring))
        problems.append(f"  {module} needs {', '.join(others)}")
print("\n".join(problems) or "layers: ok")
sys.exit(bool(problems))
