#!/usr/bin/env python3
"""Run a page of docs/ as its reader does, from top to bottom, in a new folder.

usage: pages.py DYNAMO.SO PAGE.md [--only HEADING] [--skip HEADING ...]
                [--comments] [--accept]

The folder has `build`, a link to the build. The port 8000 of the page is a free
one, and there are keys that a server for tests takes. What a block is follows
from its language:

    sql      goes to one sqlite3 shell for the whole page, on a database in memory
    sh       goes to one bash for the whole page; a command that fails ends it
    text     is what the block before it prints; … stands for any characters
    console  needs what a test has not, and is not run; nor is diff

A block of any language whose first line is a comment with the name of a file is
saved under it. JSON has no comments: such a file is announced above its block,
as in: Save this as `name.json`:

A block of SQL may fail only where a text shows the error. With --comments, lines
that are comments show what a block of SQL prints: each error, and of the rest
some lines, in their order. --only runs one section, and --skip leaves one out.
--accept writes what is printed into the text blocks that differ; read it.

Exits 77, which Meson shows as skipped, where a Python file of the page imports
boto3 and there is none.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

SKIPPED = 77
MARK = "--- the end of a block ---"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"\A(?:#|//|--) (\S+\.\w+)\n")
ANNOUNCED = re.compile(r"Save this as `([^`]+)`:\n+\Z")
ENDS = {"sql": f"\n.print '{MARK}'\n", "sh": f"\necho '{MARK}'\n"}
# The error stands where the shell has it when somebody types the statement.
NEAR_LINE = re.compile(r"^(\w+ error) near line \d+:")
COMMENT = re.compile(r"^-- (.*)$", re.M)
# What the shell adds to a message, which comments leave out.
ADDED = re.compile(r"^\w+ error: | \(\d+\)$")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


class Block:
    """A block of a page: its language, its text, where the text begins."""

    def __init__(self, page, match):
        self.language, self.text = match.groups()
        self.begin, self.end = match.span(2)
        self.line = page.count("\n", 0, self.begin)
        before = page[:match.start()]
        self.headings = headings_above(before)
        announced = ANNOUNCED.search(before)
        named = FILE.match(self.text)
        self.file = (announced or named) and (announced or named).group(1)


def headings_above(text):
    """The headings that hold where a text ends: its section, and those around."""
    found = {}
    text = BLOCK.sub("", text)
    for marks, heading in re.findall(r"^(#+) +(.*?) *$", text, re.M):
        found = {m: h for m, h in found.items() if len(m) < len(marks)}
        found[marks] = heading
    return set(found.values())


class Shell:
    """A shell that is kept, and tells what each block prints."""

    def __init__(self, language, folder):
        commands = {"sql": ["sqlite3", "-batch", ":memory:"],
                    "sh": ["bash", "-eu", "-o", "pipefail"]}
        self.language = language
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", *commands[language]], cwd=folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)

    def run(self, text):
        """The lines that it prints, and whether it can go on."""
        try:
            self.process.stdin.write(text + ENDS[self.language])
            self.process.stdin.flush()
        except BrokenPipeError:
            return [], False
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == MARK:
                return lines, True
            lines.append(NEAR_LINE.sub(r"\1:", line).rstrip())
        return lines, False

    def end(self):
        """End it, and what it has started and not ended."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def is_as_shown(line, shown):
    parts = map(re.escape, shown.rstrip().split("…"))
    return re.fullmatch(".*".join(parts), line) is not None


def are_as_shown(lines, shown):
    return len(lines) == len(shown) and all(map(is_as_shown, lines, shown))


def are_as_commented(lines, comments):
    following = iter(comments)
    comment = next(following, None)
    for line in lines:
        if comment is not None and is_as_shown(ADDED.sub("", line), comment):
            comment = next(following, None)
        elif " error: " in line:
            return False
    return comment is None


class Reader:
    """Does what the page says, and keeps what is not as the page says it."""

    def __init__(self, folder, comments):
        self.folder = pathlib.Path(folder)
        self.comments = comments
        self.port = free_port()
        self.shells = {}
        self.problems = []
        self.changes = []
        self.count = 0

    def shell(self, language):
        if language not in self.shells:
            self.shells[language] = Shell(language, self.folder)
        return self.shells[language]

    def save(self, block):
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if path.suffix == ".json":
            json.loads(block.text)

    def run(self, block, shown):
        """Whether the next block can be run."""
        lines, goes_on = self.shell(block.language).run(block.text.replace("8000", self.port))
        self.count += 1
        if not goes_on:
            self.problem(block, lines, "this ends the shell")
        elif shown is not None and not are_as_shown(lines, shown.text.splitlines()):
            self.problem(shown, lines, "it prints")
            self.changes.append((shown, "".join(line + "\n" for line in lines)))
        elif shown is None and self.comments and block.language == "sql":
            if not are_as_commented(lines, COMMENT.findall(block.text)):
                self.problem(block, lines, "not as its comments say")
        elif shown is None and any(" error: " in line for line in lines):
            self.problem(block, lines, "it fails")
        return goes_on

    def problem(self, block, lines, what):
        self.problems.append(f"line {block.line}: {what}:\n" + "\n".join(lines))

    def end(self):
        for shell in self.shells.values():
            shell.end()


def read(reader, blocks):
    following = blocks[1:] + [None]
    for block, after in zip(blocks, following):
        shown = after if after and after.language == "text" else None
        if block.file:
            reader.save(block)
        elif block.language in ENDS:
            if not reader.run(block, shown):
                return
        elif block.language not in ("text", "console", "diff"):
            reader.problem(block, [], "a file without a name")


def accept(path, page, changes):
    for shown, text in reversed(changes):
        page = page[:shown.begin] + text + page[shown.end:]
    path.write_text(page, encoding="utf-8")


def needs_boto(blocks):
    return any(block.language == "python" and re.search(r"^import boto3", block.text, re.M)
               for block in blocks)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("dynamo", type=pathlib.Path)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--only")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--comments", action="store_true")
    parser.add_argument("--accept", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    page = options.page.read_text(encoding="utf-8")
    blocks = [Block(page, match) for match in BLOCK.finditer(page)]
    blocks = [block for block in blocks
              if not block.headings & set(options.skip)
              and (options.only is None or options.only in block.headings)]
    has_boto = subprocess.run(["python3", "-c", "import boto3"],
                              capture_output=True, check=False).returncode == 0
    if needs_boto(blocks) and not has_boto:
        print("skip: no boto3 (Debian: python3-boto3)")
        return SKIPPED
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    with tempfile.TemporaryDirectory(prefix="dynamo-page-") as folder:
        os.symlink(options.dynamo.resolve().parent, f"{folder}/build")
        reader = Reader(folder, options.comments)
        try:
            read(reader, blocks)
        finally:
            reader.end()
    if options.accept:
        accept(options.page, page, reader.changes)
    for problem in reader.problems:
        print(f"{options.page.name}, {problem}\n")
    print(f"{options.page.name}: {reader.count} blocks, {len(reader.problems)} problems")
    return bool(reader.problems) or not reader.count


if __name__ == "__main__":
    sys.exit(main())
