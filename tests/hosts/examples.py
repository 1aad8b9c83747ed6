#!/usr/bin/env python3
"""The examples, as people run them: with the sqlite3 shell.

usage: examples.py PATH_TO_DYNAMO

Claims: each script of sql/examples runs to its end, fails where the comment
before a statement says that something is refused and nowhere else, and leaves
tables that are sound.
"""
import pathlib
import re
import subprocess
import sys

dynamo = pathlib.Path(sys.argv[1]).resolve()
root = pathlib.Path(__file__).resolve().parents[2]
CHECK = """
.echo off
.headers off
.mode list
SELECT 'checked: ' || group_concat(dynamo_check(table_name)) FROM dynamo_tables;
"""


def comment_before(lines, number):
    """The comment that stands before the statement in a line, counted from 1."""
    end = number - 1
    while end > 0 and not lines[end - 1].startswith("--"):
        end -= 1
    begin = end
    while begin > 0 and lines[begin - 1].startswith("--"):
        begin -= 1
    return " ".join(lines[begin:end])


problems = []
scripts = sorted(root.glob("sql/examples/*.sql"))
for script in scripts:
    text = script.read_text(encoding="utf-8")
    load = ".load ./build/dynamo\n"
    assert load in text, script
    run = subprocess.run(["sqlite3", "-batch", ":memory:"], timeout=50, text=True,
                         input=text.replace(load, f".load {dynamo}\n") + CHECK,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = run.stdout.splitlines()
    errors = [line for line in lines if " error near line " in line]
    checked = lines[-1].removeprefix("checked: ") if lines else ""
    for line in errors:
        number = int(re.search(r"near line (\d+)", line).group(1))
        if "refused" not in comment_before(text.splitlines(), number):
            problems.append(f"{script.name}: {line}")
    if ("refused" in text) != bool(errors):
        problems.append(f"{script.name}: nothing is refused")
    if not checked or set(checked.split(",")) != {"ok"}:
        problems.append(f"{script.name}: {lines[-1:]}")
print("\n".join(problems) or f"examples: {len(scripts)} run")
sys.exit(bool(problems) or not scripts)
