#!/usr/bin/env python3
"""The examples, as people run them: with the sqlite3 shell.

usage: examples.py PATH_TO_DYNAMO

Claims: each script of sql/examples runs to its end, fails where a comment says
that a query is refused and nowhere else, and leaves tables that are sound.
"""
import pathlib
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
    if len(errors) != text.count("query is refused"):
        problems += [f"{script.name}: {line}" for line in errors or ["no error"]]
    if not checked or set(checked.split(",")) != {"ok"}:
        problems.append(f"{script.name}: {lines[-1:]}")
print("\n".join(problems) or f"examples: {len(scripts)} run")
sys.exit(bool(problems) or not scripts)
