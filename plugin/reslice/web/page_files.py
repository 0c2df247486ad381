"""Files of a page under addresses that change with them, so that a browser keeps them and never has to ask.

The page itself keeps its address: it refers to its other files in a folder that is named after them all.
"""

import hashlib
import html
import posixpath
import re
from collections.abc import Iterator, Mapping

PAGE = "index.html"
SCRIPT = "viewer.js"
DIGITS = 16
FOLDER = re.compile(rf"files-[0-9a-f]{{{DIGITS}}}/")

REFERENCE = re.compile(r'(?<=[\s"])(href|src)="([^"]*)"')
END_OF_HEAD = "</head>"
STATIC_IMPORT = re.compile(
    r"""(?:^|[;}])\s*(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*['"](\.{1,2}/[^'"]+)['"]""", re.MULTILINE
)
"""`import ... from`, `export ... from` and `import '...'` of a file beside the module (ECMA-262 16.2.2, 16.2.3).

Neither `import(...)` nor a type in a comment is one.
"""


def folder_of(files: Mapping[str, bytes]) -> str:
    """The name of the folder, which changes with any of the files, by their paths."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{len(name)} {name} {len(content)} ".encode())
        digest.update(content)
    return f"files-{digest.hexdigest()[:DIGITS]}/"


def is_folder(path: str) -> bool:
    """Whether a path leads into such a folder, of these files or of earlier ones."""
    return FOLDER.match(path) is not None


def with_references(files: Mapping[str, bytes], folder: str) -> bytes:
    """The page, its references led into the folder, with the modules that its script needs to be fetched at once.

    Browsers make six connections, and these are a hundred files: what the first of them asks of the server goes ahead.
    """

    def led(found: re.Match[str]) -> str:
        is_file = found[2] in files and found[2] != PAGE
        return f'{found[1]}="{folder}{found[2]}"' if is_file else found[0]

    page = REFERENCE.sub(led, files[PAGE].decode())
    needed = (f'"{html.escape(folder + name)}"' for name in modules_behind(SCRIPT, files))
    preload = 'rel="modulepreload" fetchpriority="low"'
    links = "".join(f"  <link {preload} href={address}>\n" for address in needed if address not in page)
    return page.replace(END_OF_HEAD, f"{links}{END_OF_HEAD}", 1).encode()


def modules_behind(script: str, files: Mapping[str, bytes]) -> list[str]:
    """The modules that a script imports before it runs, and those that they do, the nearest first."""
    found = [script]
    for module in found:  # grows while it is gone through
        found += [name for name in dict.fromkeys(_imported(module, files)) if name not in found]
    return found[1:]


def _imported(module: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for address in STATIC_IMPORT.findall(files.get(module, b"").decode("utf-8", "replace")):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(module), address))
        if name in files:
            yield name
