"""DynamoDB's model inside SQLite: the extension, and what loads it."""
import os
import sqlite3

__all__ = ["loadable_path", "load"]


def loadable_path() -> str:
    """The file of the extension, as load_extension() takes it: without .so."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "dynamo")


def load(connection: sqlite3.Connection) -> None:
    """Load dynamo into a connection, after connection.enable_load_extension(True).

    Doing so twice is harmless. Raises sqlite3.NotSupportedError if this Python's
    sqlite3 cannot load extensions.
    """
    if not hasattr(connection, "load_extension"):
        raise sqlite3.NotSupportedError(
            "dynamo_sqlite: this Python is built without loadable extensions of "
            "SQLite; use one that is built with --enable-loadable-sqlite-extensions, "
            "as /usr/bin/python3 of Debian is")
    connection.load_extension(loadable_path())
