"""Compile dynamo.c to a file that SQLite loads, beside the package's Python."""
import os

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from wheel.bdist_wheel import bdist_wheel


class BuildLoadable(build_ext):
    """It is no module of Python: its name has no version of Python in it, and
    it exports what SQLite calls."""

    def get_ext_filename(self, fullname):
        return os.path.join(*fullname.split(".")) + ".so"

    def get_export_symbols(self, ext):
        return ["sqlite3_dynamo_init"]


class PlatformWheel(bdist_wheel):
    """One wheel is for every Python 3 on a platform."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(
    cmdclass={"build_ext": BuildLoadable, "bdist_wheel": PlatformWheel},
    ext_modules=[
        Extension("dynamo_sqlite.dynamo", ["dynamo.c"], libraries=["z", "md"],
                  extra_link_args=["-Wl,-z,nodelete"])
    ],
)
