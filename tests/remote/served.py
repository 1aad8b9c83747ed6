"""A server of DynamoDB's protocol for tests: dynamo-server of the build of the
extension, on a database in memory, unless an endpoint is given."""
import contextlib
import os
import pathlib
import subprocess

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
    program = pathlib.Path(dynamo).resolve().parent / "server" / "dynamo-server"
    server = subprocess.Popen([program, "--port", "0"], stdout=subprocess.PIPE,
                              text=True)
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.terminate()
        server.wait(timeout=30)
