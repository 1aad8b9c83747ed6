#!/usr/bin/env python3
"""Check the pages: lines of README.md have at most 120 characters, and relative
links in README.md and docs/ lead to a file, and to a heading if they name one.

usage: docs.py SOURCE_ROOT
"""
import pathlib
import re
import sys

LINE_CHARACTERS_MAX = 120

root = pathlib.Path(sys.argv[1])
problems = []


def without_blocks(text):
    """The text without its fenced blocks; its lines keep their numbers."""
    return re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text,
                  flags=re.DOTALL | re.MULTILINE)


def anchors(path):
    """What a link may name in a page: its headings, as the web shows them."""
    text = without_blocks(path.read_text(encoding="utf-8")).replace("`", "")
    headings = re.findall(r"^#+ +(.*?) *$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def check_link(page, number, target):
    name, _, anchor = target.partition("#")
    file = (page.parent / name) if name else page
    where = f"{page.relative_to(root)}:{number}"
    if not file.exists():
        problems.append(f"{where}: no file {target}")
    elif anchor and anchor not in anchors(file):
        problems.append(f"{where}: no heading {target}")


def check_page(page):
    lines = without_blocks(page.read_text(encoding="utf-8")).splitlines()
    for number, line in enumerate(lines, 1):
        prose = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if not re.match(r"[a-z]+:", target):
                check_link(page, number, target)


readme = root / "README.md"
for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
    if len(line) > LINE_CHARACTERS_MAX:
        problems.append(f"README.md:{number}: {len(line)} characters")
for page in [readme, *sorted(root.glob("docs/*.md"))]:
    check_page(page)
print("\n".join(problems) or "docs: ok")
sys.exit(bool(problems))
