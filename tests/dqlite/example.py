"""The example of docs/high-availability.md, on other ports: its commands have to
succeed, and to print what the comments behind them say.

usage: example.py DQLITE_NODE
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import cluster

TESTS = pathlib.Path(__file__).resolve().parent
PAGE = TESTS.parents[1] / 'docs' / 'high-availability.md'
SECONDS_MAX = 50

program = pathlib.Path(sys.argv[1]).resolve()
section = PAGE.read_text(encoding='utf-8').split('\n## An example\n')[1]
section = section.split('\n## ')[0]
script, = re.findall(r'^```sh\n(.*?)^```', section, re.S | re.M)
shown = re.findall(r'(?<=\nEND\n)((?:# .*\n)+)', script)
expected = ''.join(shown).replace('# ', '')
for number, port in zip(cluster.NUMBERS,
                        cluster.free_ports(len(cluster.NUMBERS))):
    script = script.replace(f':900{number}', f':{port}')
    expected = expected.replace(f':900{number}', f':{port}')
script = script.replace('build/tests/dqlite_node', str(program)) \
               .replace('tests/dqlite/sql.py', str(TESTS / 'sql.py')) \
               .replace('python3', sys.executable)
with tempfile.TemporaryDirectory() as directory:
    run = subprocess.Popen(['bash', '-e', '-c', script + '\nwait\n'],
                           cwd=directory, text=True, start_new_session=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        told, errors = run.communicate(timeout=SECONDS_MAX)
    finally:
        try:
            os.killpg(run.pid, signal.SIGKILL)  # nodes of a script that failed
        except ProcessLookupError:
            pass
told = re.sub(r'^node \d is ready at .*\n', '', told, flags=re.M)
problems = []
if run.returncode != 0:
    problems.append(f'it ended with {run.returncode}: {errors}')
if told != expected:
    problems.append(f'printed:\n{told}instead of:\n{expected}')
print('\n'.join(problems) or f'example: {len(shown)} answers, ok')
sys.exit(bool(problems))
