#!/usr/bin/env python3
"""Print the first example of a page in a language.

usage: example.py PAGE.md LANGUAGE
"""
import pathlib
import re
import sys

page, language = sys.argv[1:]
text = pathlib.Path(page).read_text(encoding="utf-8")
block = re.search(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S)
if block is None:
    sys.exit(f"{page}: no example in {language}")
print(block[1], end="")
