#!/usr/bin/env python3
"""Print an example of a page: the first one in a language, or the Nth.

usage: example.py PAGE.md LANGUAGE [N]
"""
import pathlib
import re
import sys

page, language, *number = sys.argv[1:]
text = pathlib.Path(page).read_text(encoding="utf-8")
blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S)
place = int(number[0]) if number else 1
if len(blocks) < place:
    sys.exit(f"{page}: no example {place} in {language}")
print(blocks[place - 1], end="")
