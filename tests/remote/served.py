"""A server of DynamoDB's protocol for tests: tests/peer/shim.py on a database in
memory, as a process of its own, unless an endpoint is given."""
import contextlib
import os
import pathlib
import subprocess
import sys

SHIM = pathlib.Path(__file__).parent.parent / "peer" / "shim.py"

# Any will do, here and with servers for tests.
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "secret")


@contextlib.contextmanager
def endpoint(dynamo, given=None):
    """The address of a server: the one that is given, or one that ends with the
    block."""
    if given is not None:
        yield given
        return
    shim = subprocess.Popen([sys.executable, str(SHIM), dynamo, ":memory:"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True)
    try:
        yield f"http://127.0.0.1:{int(shim.stdout.readline())}"
    finally:
        shim.stdin.close()
        shim.wait(timeout=30)
