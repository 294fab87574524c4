"""Runs the Python of a page of the documentation: every block of it has to print what the block of text after it shows.

python tests/tables/questions.py PAGE DIRECTORY: PAGE's blocks run in DIRECTORY, in which `results/` lies, each by itself.
"""

import contextlib
import io
import os
import pathlib
import re
import sys

BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def main() -> int:
    page, directory = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2]
    os.environ["MPLBACKEND"] = "agg"
    os.chdir(directory)
    blocks = BLOCK.findall(page)
    if not blocks or len(blocks) != page.count("```python"):
        print("every block of Python needs a block of text with its output after it")
        return 1
    for code, shown in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, sys.argv[1], "exec"), {"__name__": "__main__"})
        if printed.getvalue() != shown:
            print(f"the page shows\n{shown}and the code prints\n{printed.getvalue()}")
            return 1
    print(f"{len(blocks)} block(s) of Python print what the page shows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
