#!/usr/bin/env python3
"""Join all sources into one C file.

usage: amalgamate.py OUT.c DEPENDENCIES VERSION INCLUDE_DIRECTORY... -- FILE.c...

DEPENDENCIES is written, too: a rule of make that names all files that were read.

The result has, in this order: the settings and the system's headers, once each;
our headers, each before those that include it; the sources. A file of C may
name what is its own as it likes, so in one file these names would meet, with
each other and with those of the system. Each is given its file's name:
`find` of src/engine/leaf.c is `engine_leaf_find`. A file's macros end with it.
"""
import pathlib
import re
import sys

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|[A-Za-z_]\w*|\.?\d[\w.]*|->|\s+|.", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.M | re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"][^\n]*\n', re.M)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[^\n]*\n", re.M)
BLANK = re.compile(r"\s|/\*|//")

HEAD = """\
/*
 * dynamo {version}: DynamoDB's model inside SQLite, in one file of C11.
 *
 * To a loadable extension:
 *
 *   cc -O2 -fPIC -shared dynamo.c -o dynamo.so -lz -lmd
 *
 * Into a program that links SQLite, and includes dynamo.h:
 *
 *   cc -O2 -DSQLITE_CORE program.c dynamo.c -lsqlite3 -lz -lmd
 *
 * It needs the headers of SQLite, zlib, libmd and xxhash, and a POSIX system.
 * Generated from the project's sources; names that are a file's own there have
 * the file's name before them here.
 */
"""
# What a file sets for the system's headers holds for all. The engine asserts
# nothing at run time; what lemon writes does.
SETTINGS = {
    "NDEBUG": "", "XXH_INLINE_ALL": "", "_POSIX_C_SOURCE": "200809L",
}
PUBLIC = "dynamo.h"  # the header whose functions are not hidden
# What lemon writes is not ours to warn about.
QUIET = """\
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
"""


def is_name(token):
    return token[0].isalpha() or token[0] == "_"


def split(text):
    """The tokens; blanks and comments are tokens, too."""
    return TOKEN.findall(text)


class Code:
    """The tokens of a file that mean something, each with its place in a list
    of all tokens."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.places = [i for i, t in enumerate(tokens) if not BLANK.match(t)]

    def __len__(self):
        return len(self.places)

    def __getitem__(self, i):
        inside = 0 <= i < len(self.places)
        return self.tokens[self.places[i]] if inside else ";"

    def opens(self, i, words):
        """Whether the brace at i is the body of one of: struct, union, enum."""
        return self[i - 1] in words or self[i - 2] in words

    def past(self, i):
        """The place after the bracket that closes the one at i."""
        depth = 0
        while True:
            depth += (self[i] in "([{") - (self[i] in ")]}")
            i += 1
            if depth == 0 or i >= len(self):
                return i


def declarations(code):
    """Yield (start, end) of what stands at file scope, functions without their
    bodies."""
    start = i = 0
    while i < len(code):
        if code[i] == "{" and code[i - 1] == ")":
            yield start, i
            start = i = code.past(i)
        elif code[i] in "([{":
            i = code.past(i)
        elif code[i] == ";":
            yield start, i
            start = i = i + 1
        else:
            i += 1


def declarators(code, start, end):
    """Yield the names that are declared, but for those of tags and members."""
    i, is_open = start, True
    while i <= end:
        word, after = code[i], code[i + 1]
        if word == "__attribute__":
            i += 1
        elif is_open and word == "(" and after == "*":  # pointer to a function
            yield code[i + 2]
            is_open = False
        elif is_open and is_name(word) and (
                after in "[=;," or after == "(" and code[i + 2] != "*"):
            yield word
            is_open = False
        is_open = is_open or word == ","
        i = code.past(i) if word in "([{" else i + 1


def constants(code, start, end):
    """Yield the constants of the enums in a declaration."""
    for i in range(start, end):
        if code[i] == "{" and code.opens(i, ["enum"]):
            closed = code.past(i) - 1
            while i < closed:
                i += 1
                if code[i - 1] in "{," and is_name(code[i]):
                    yield code[i]
                if code[i] in "([":
                    i = code.past(i) - 1


def own_names(text, tags):
    """What a file declares for itself at file scope."""
    code = Code(split(DIRECTIVE.sub("", text)))
    names = set()
    for start, end in declarations(code):
        words = [code[i] for i in range(start, end)]
        names.update(constants(code, start, end))
        for i in range(start, end):
            is_tag = code[i] in ("struct", "union", "enum") and code[i + 2] == "{"
            if is_tag and code[i + 1] not in tags:
                names.add(code[i + 1])
        if "static" in words or "typedef" in words:
            names.update(declarators(code, start, end))
    return names


def members(code):
    """The places of names of members, where they are used or declared."""
    found = set()
    bodies = []  # of each open brace: whether it is that of a struct or union
    for i in range(len(code)):
        if code[i] in "([{":
            bodies.append(code[i] == "{" and code.opens(i, ["struct", "union"]))
        elif code[i] in ")]}" and bodies:
            bodies.pop()
        if not is_name(code[i]):
            continue
        is_used = code[i - 1] in (".", "->")
        is_declared = bodies and bodies[-1] and code[i + 1] in ";,[:" and \
            code[i - 1] != ":"
        is_function = len(bodies) > 1 and bodies[-2] and not bodies[-1] and \
            code[i - 2] == "(" and code[i - 1] == "*"
        is_offset = code[i - 1] == "," and "offsetof" in (code[i - 4], code[i - 5])
        if is_used or is_declared or is_function or is_offset:
            found.add(code.places[i])
    return found


def renamed(text, names):
    """The text with the names replaced: {old: new}."""
    tokens = split(text)
    kept = members(Code(tokens))
    return "".join(
        names.get(token, token) if i not in kept else token
        for i, token in enumerate(tokens))


def makes_text(text):
    """Whether a macro makes a string of a name, which would show the new one."""
    for directive in DIRECTIVE.findall(text):
        code = Code(split(directive))
        for i in range(1, len(code)):
            if code[i] == "#" and "#" not in (code[i - 1], code[i + 1]):
                return True
    return False


class Amalgamation:
    def __init__(self, directories):
        self.directories = directories
        self.system = set()  # names of the system's headers
        self.headers = {}    # path -> text, those that are included first
        self.taken = set()   # names that are declared once

    def find(self, path, name):
        for directory in [path.parent, *self.directories]:
            if (directory / name).exists():
                return (directory / name).resolve()
        sys.exit(f"{path}: no {name}")

    def read(self, path):
        """The text of a file, without its includes, which are noted."""
        text = re.sub(r"^#line [^\n]*\n", "", path.read_text("utf-8"), flags=re.M)
        for mark, name in INCLUDE.findall(text):
            if mark == "<":
                self.system.add(name)
            elif self.find(path, name) not in self.headers:
                header = self.find(path, name)
                self.headers[header] = self.read(header)
        if makes_text(text):
            sys.exit(f"{path}: a macro makes a string of a name; write the string")
        text = DEFINE.sub(lambda m: "" if m[1] in SETTINGS else m[0], text)
        return INCLUDE.sub("", text)

    def rename(self, path, text, tags, macros):
        """Give what is the file's own the name of the file, but for what the
        headers share."""
        prefix = re.sub(r"\W", "_", f"{path.parent.name}_{path.stem}_")
        names = {name: prefix + name for name in own_names(text, tags)}
        for name in names.values():
            if name in self.taken:
                sys.exit(f"{path}: {name} is there already")
        self.taken.update(names.values())
        own_macros = {m[1] for m in DEFINE.finditer(text)} - macros
        return renamed(text, names) + "".join(
            f"#undef {macro}\n" for macro in sorted(own_macros))


def is_generated(text):
    return "generated by Lemon" in text[:200]


def title(path):
    return f"\n/* ---- {path.parent.name}/{path.name} ---- */\n\n"


def setting(name):
    return f"#ifndef {name}\n#define {name} {SETTINGS[name]}".rstrip() + "\n#endif\n"


def main(arguments):
    out, rule, version, *rest = arguments
    middle = rest.index("--")
    joined = Amalgamation([pathlib.Path(p) for p in rest[:middle]])
    paths = [pathlib.Path(p).resolve() for p in rest[middle + 1:]]
    texts = {path: joined.read(path) for path in paths if path.suffix == ".c"}
    read = " ".join(str(path) for path in [*joined.headers, *paths])
    pathlib.Path(rule).write_text(f"{out}: {read}\n", "utf-8")
    headers = "".join(joined.headers.values())
    tags = set(re.findall(r"\b(?:struct|union|enum) (\w+)", headers))
    macros = {m[1] for m in DEFINE.finditer(headers)}
    for text in texts.values():
        joined.taken.update(re.findall(r"\w+", text))
    parts = [HEAD.format(version=version), *map(setting, SETTINGS)]
    parts += [f"#include <{name}>\n" for name in sorted(joined.system)]
    public = next(path for path in joined.headers if path.name == PUBLIC)
    parts += [title(public), joined.headers.pop(public)]
    parts += ["\n#pragma GCC visibility push(hidden)\n"]
    for path, text in joined.headers.items():
        parts += [title(path), text]
    for path, text in texts.items():
        is_quiet = is_generated(text)
        parts += [title(path), QUIET if is_quiet else "",
                  joined.rename(path, text, tags, macros),
                  "#pragma GCC diagnostic pop\n" if is_quiet else ""]
    parts += ["\n#pragma GCC visibility pop\n"]
    pathlib.Path(out).write_text("".join(parts), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
