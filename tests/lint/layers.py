#!/usr/bin/env python3
"""Check that includes point down the layers, that no modules include each
other in a ring, and that SQLite stays outside.

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
    "ops": ["base", "item", "expr", "engine"],
    "api": ["base", "item", "expr", "partiql", "engine", "ops"],
    "ext": ["base", "item", "expr", "partiql", "engine", "ops", "api"],
}
MAY_NAME_SQLITE = {
    "src/base/call.c", "src/base/sqlite.h", "src/engine/store.c",
    "src/engine/store_internal.h", "src/engine/store_read.c",
    "src/engine/store_write.c",
}
# What outlives a call is in SQLite's memory, too: these may allocate there,
# and nothing else.
MAY_ALLOCATE = {
    "src/engine/hints.c", "src/engine/hot_keys.c", "src/engine/load.c",
    "src/engine/meter.c", "src/engine/partitions.c",
    "src/engine/session.c", "src/engine/table.c", "src/expr/parse_cache.c",
}
ALLOCATES = {
    "sqlite3_malloc64", "sqlite3_realloc64", "sqlite3_mprintf", "sqlite3_free",
}

root = pathlib.Path(sys.argv[1])
problems = []
# module -> modules it includes; a module is folder/name, with its _internal.h
includes = {}


def check_sqlite(name, where, line):
    called = set(re.findall(r"\bsqlite3_\w+(?=\()", line))
    if name in MAY_ALLOCATE:
        if called - ALLOCATES:
            problems.append(f"{where}: does more with SQLite than allocate")
    elif called or re.search(r"<sqlite3|base/sqlite\.h", line):
        problems.append(f"{where}: names SQLite")


for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("ext/*.[ch]")]):
    name = path.relative_to(root).as_posix()
    module = name.removeprefix("src/")[:-2].removesuffix("_internal")
    layer = module.split("/")[0]
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        include = re.match(r'#include "(?:(\w+)/)?(\w+)\.h"', line)
        if include:
            folder, header = include.groups()
            folder = folder or layer
            if folder not in [layer, *LAYERS[layer]]:
                problems.append(f"{where}: {layer} includes {folder}")
            if header.endswith("_internal") and folder != layer:
                problems.append(f"{where}: private to {folder}")
            included = f"{folder}/{header}".removesuffix("_internal")
            if included != module:
                includes.setdefault(module, set()).add(included)
        if layer != "ext" and name not in MAY_NAME_SQLITE:
            check_sqlite(name, where, line)


def check_rings(module, trail):
    if module in trail:
        problems.append("ring: " + " -> ".join([*trail, module]))
        return
    for other in sorted(includes.get(module, ())):
        check_rings(other, [*trail, module])
    includes[module] = ()


for module in sorted(includes):
    check_rings(module, [])
print("\n".join(problems) or "layers: ok")
sys.exit(bool(problems))
