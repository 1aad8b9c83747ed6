#!/usr/bin/env python3
"""Names that are a file's own may be those of another file, of the system, of
a member: in one file they still mean what they meant.

usage: names.py SOURCE_ROOT
"""
import pathlib
import subprocess
import sys
import tempfile

SHARED = """
#ifndef SHARED_H
#define SHARED_H
typedef struct shared { int find, size; } shared;
struct opaque;
#define SIZE 4
int dyn_first(const shared *s);
int dyn_second(void);
#endif
"""
FIRST = """
#include "dynamo.h"
#include <stddef.h>
#include "shared.h"
#define LIMIT 7
#define CALL(name) find(name)
enum { ONE = 1, TWO };
struct opaque { int find; };
typedef struct pair { int (*find)(int size); int size[TWO]; unsigned bit : ONE; } pair;
typedef int (*action)(int);
static int find(int size);                       /* find, of the system: */
static int write(int find) { return find + LIMIT; }
static action hooks[] = {write, [ONE] = find}, *hook = hooks + ONE;
static int find(int size) { return size + (int)offsetof(pair, find); }
static int (*chosen)(int) = write;
static const char text[] = "find(\\"size\\")", mark = '"';
static int (*pick(int size))(int) { return size == 0 ? chosen : *hook; }
int dyn_first(const shared *s)
{
    struct pair p = {.find = pick(0), .size = {s->size}, .bit = 0};
    struct opaque o = {.find = 1};
    return p.find(s->find) + p.size[0] + CALL(o.find) + (int)sizeof(text) + (mark == '"');
}
"""
SECOND = """
#include "dynamo.h"
#include <unistd.h>
#include "shared.h"
enum kind { ONE = 10, LIMIT };
struct pair { double find; };
static int size;
static int find(struct pair pair) { return (int)pair.find + ONE + size; }
int dyn_second(void)
{
    const struct pair pair = {.find = LIMIT};
    size = SIZE;
    return find(pair) * (getpid() > 0);
}
"""
PROGRAM = """
#include "one.c"
#include <stdio.h>
int main(void)
{
    shared s = {.find = 100, .size = 1000};
    printf("%d %d\\n", dyn_first(&s), dyn_second());
    return 0;
}
"""


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


amalgamate = pathlib.Path(sys.argv[1]).resolve() / "packages/amalgamate.py"
with tempfile.TemporaryDirectory() as name:
    directory = pathlib.Path(name)
    for file, text in {"dynamo.h": "", "shared.h": SHARED, "first.c": FIRST,
                       "second.c": SECOND, "program.c": PROGRAM}.items():
        (directory / file).write_text(text, "utf-8")
    first, second = directory / "first.c", directory / "second.c"
    join = [amalgamate, directory / "one.c", directory / "one.d", "1", directory,
            "--", first, second]
    run(sys.executable, *join)
    run("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", directory / "program",
        directory / "program.c")
    got = run(directory / "program")
    # write(100) + 1000 + find(1) + 13 + 1, and 11 + 10 + 4
    assert got == f"{107 + 1000 + 1 + 13 + 1} 25\n", got
    first.write_text(FIRST + "#define TEXT(name) #name\n", "utf-8")
    refused = subprocess.run([sys.executable, *join], text=True, stderr=subprocess.PIPE)
    assert "makes a string of a name" in refused.stderr, refused
    rule = (directory / "one.d").read_text("utf-8")
    assert all(word in rule for word in ["one.c:", "shared.h", "first.c"]), rule
print("ok")
