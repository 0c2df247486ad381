"""Print the requirements that pyproject.toml pins, one a line.

Usage: requirements.py [GROUP ...]. `project` is what the plugin needs, the other names are dependency groups.
Without a name: every list, under its heading (scripts/setup tells by it whether anything changed).
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older system shall be told so, not shown a traceback
    sys.exit(f"Reslice needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}")

import tomllib


def main(names: list[str]) -> None:
    """Write the lists of `names`, or all of them with their headings."""
    pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    lists = {"project": pyproject["project"]["dependencies"], **pyproject["dependency-groups"]}
    if names:
        lines = [line for name in names for line in lists[name]]
    else:
        lines = [line for name, items in lists.items() for line in (f"[{name}]", *items)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


main(sys.argv[1:])
