#!/usr/bin/env python3
"""The example of docs/remote.md, with a server of our own in place of the one
there: its statements have to run without an error, and to show what the comments
behind them say.

usage: example.py DYNAMO.SO DYNAMO_REMOTE.SO
"""
import pathlib
import re
import subprocess
import sys

import served

dynamo, remote = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
page = pathlib.Path(__file__).parents[2] / "docs" / "remote.md"

section = page.read_text(encoding="utf-8").split("\n## An example\n")[1]
section = section.split("\n## ")[0]
script, = re.findall(r"^```sql\n(.*?)^```", section, re.S | re.M)
shown = re.findall(r"^-- (\{.*)$", script, re.M)
with served.endpoint(dynamo) as endpoint:
    text = script.replace("./build/dynamo_remote", remote) \
                 .replace("./build/dynamo\n", dynamo + "\n") \
                 .replace("http://127.0.0.1:8000", endpoint)
    run = subprocess.run(["sqlite3"], input=text, text=True, capture_output=True,
                         timeout=60, check=False)
problems = run.stderr.splitlines()
for line in shown:
    begin = line.split("…")[0]
    if not any(told.startswith(begin) for told in run.stdout.splitlines()):
        problems.append(f"not shown: {line}")
last = sorted(run.stdout.splitlines()[-3:])
if last != ["alice|paid", "alice|shipped", "bob|shipped"]:
    problems.append("the items are not those of the server in the end")
if problems:
    print("\n".join(problems), run.stdout, sep="\n")
print(f"example: {len(shown)} answers, {len(problems)} problems")
sys.exit(bool(problems))
