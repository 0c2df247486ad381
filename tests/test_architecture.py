"""The house's rules (docs/design.md), read from the source itself: who imports whom, and what a module may hold.

Each rule is a function from source to complaints; each is shown a bad example first, so that it can fail.
"""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import reslice
from clients import InProcessClient
from phantoms import AXIAL, image, noise, structured_report
from unit.house import (
    FILES,
    LONGEST_BODY,
    LONGEST_FILE,
    LONGEST_KERNELS,
    PACKAGE,
    PLUGIN,
    ROOMS,
    USUAL_BODY,
    actions_at_import,
    body_lines,
    foreign_imports,
    functions,
    handlers,
    imports,
    long_functions,
    module_name,
    mutations_of_module_state,
    unbounded_memories,
    undocumented,
    upward_imports,
)

EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(PACKAGE)))


@EVERY_FILE
def test_rooms_know_only_what_lies_below(file: Path) -> None:
    assert upward_imports(module_name(file), file.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("reslice.imaging.voi", "from reslice.dicom import tags"),
        ("reslice.dicom.pixels", "def f():\n    from reslice.web.message import Request"),
        ("reslice.errors", "import reslice.settings"),
        ("reslice.archive.port", "from reslice.web import mpr"),
        ("reslice.web.mpr", "from reslice.host.workers import Workers"),
    ],
)
def test_looking_up_is_noticed(module: str, source: str) -> None:
    assert upward_imports(module, source)


@EVERY_FILE
def test_each_library_has_its_room(file: Path) -> None:
    assert foreign_imports(file, file.read_text()) == []


def test_a_library_in_another_room_is_noticed() -> None:
    for source in ("import orthanc", "from pydicom.uid import UID", "def f():\n    import PIL.Image"):
        assert foreign_imports(PACKAGE / "web/mpr.py", source)


def test_every_room_is_on_the_map() -> None:
    found = {path.stem for path in PACKAGE.iterdir() if path.name not in ("__init__.py", "__pycache__", "static")}
    assert found == set(ROOMS)


def test_imaging_is_pure() -> None:
    """No DICOM, no files (but for the place where kernels are kept), no clock, no network."""
    allowed = {"llvmlite", "numpy", "numba", "PIL", "isal", "reslice"}
    standard = {
        "collections",
        "dataclasses",
        "functools",
        "io",
        "itertools",
        "math",
        "queue",
        "struct",
        "threading",
        "typing",
        "zlib",
    }
    for file in FILES:
        if file.parent.name == "imaging":
            roots = {name.partition(".")[0] for name in imports(file.read_text())}
            places = {"os", "pathlib", "stat", "tempfile"} if file.name == "compiled.py" else set()
            assert roots <= allowed | standard | places, file


def test_handlers_are_found() -> None:
    assert {"reslice.web.mpr", "reslice.web.slices", "reslice.web.thumbnails"} <= handlers()


@EVERY_FILE
def test_handlers_do_not_import_each_other(file: Path) -> None:
    module = module_name(file)
    if module in handlers():
        assert imports(file.read_text()) & (handlers() - {module}) == set()


@EVERY_FILE
def test_importing_only_defines(file: Path) -> None:
    assert actions_at_import(file.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "cache = {}",
        "for k in range(3):\n    pass",
        "if True:\n    X = 1",
        "X = []\nX += [1]",
        "table: dict = {}",
        "try:\n    import a\nexcept ImportError:\n    a = None",
        "X[3] = 4",
        "with open('x') as f:\n    Y = f",
    ],
)
def test_acting_at_import_is_noticed(source: str) -> None:
    assert actions_at_import(source)


@EVERY_FILE
def test_no_module_state_is_changed(file: Path) -> None:
    assert mutations_of_module_state(file.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "X = []\ndef f():\n    X.append(1)",
        "X = {}\ndef f():\n    X[1] = 2",
        "X = {}\ndef f():\n    del X[1]",
        "X = 0\ndef f():\n    global X\n    X = 1",
        "import other\ndef f():\n    other.X.update(a=1)",
        "import other\ndef f():\n    other.X = 5",
        "X = [[]]\ndef f():\n    X[0].append(1)",
        "X = set()\ndef f():\n    X.a.b.add(3)",
        "X = 0\ndef f():\n    X += 1",
    ],
)
def test_changing_module_state_is_noticed(source: str) -> None:
    assert mutations_of_module_state(source)


@EVERY_FILE
def test_nothing_is_remembered_without_a_bound(file: Path) -> None:
    assert unbounded_memories(file.read_text()) == []


def test_unbounded_memories_are_noticed() -> None:
    for source in (
        "@cache\ndef f(): ...",
        "@lru_cache(maxsize=None)\ndef f(): ...",
        "def f(a=[]): ...",
        "def f(*, a={}): ...",
    ):
        assert unbounded_memories(source) == ["f"]


def containers() -> dict[str, str]:
    """Every list, dict, set and array that the loaded modules hold by name, as it reads."""
    kinds = list | dict | set | bytearray | np.ndarray
    return {
        f"{module.__name__}.{name}": repr(value)
        for module in loaded_modules()
        for name, value in vars(module).items()
        if not name.startswith("__") and isinstance(value, kinds)
    }


def loaded_modules() -> list[object]:
    names = [m.name for m in pkgutil.walk_packages(reslice.__path__, "reslice.")]
    return [importlib.import_module(name) for name in names if name != "reslice.host.sdk"]


def test_serving_requests_changes_no_module() -> None:
    """The same, seen at work: pictures, numbers, refusals and failures leave every module as it was."""
    before = containers()
    assert before.keys() >= {"reslice.imaging.encode.FORMATS", "reslice.web.problems.STATUSES"}
    client = InProcessClient()
    for files in (noise(AXIAL), [image(np.zeros((4, 5, 3), np.uint8))], [structured_report()]):
        series = client.store_series(files)
        for path in ("volumes", "slices", "slices/0", "slices/0?width=7", "mpr/axial", "mpr/coronal?x=1", "thumbnail"):
            client.get(f"/series/{series}/{path}")
    client.delete("/reslice/cache", headers={"Reslice-Confirm": "1"})
    assert containers() == before


@EVERY_FILE
def test_functions_are_short(file: Path) -> None:
    assert long_functions(file.read_text()) == []


def test_long_functions_are_noticed() -> None:
    lines = '    """Sentence."""\n' + "    x = 1\n" * LONGEST_BODY
    assert long_functions(f"def f():\n{lines}") == []
    assert long_functions(f"class C:\n    pass\ndef f():\n{lines}    y = 2\n") == ["f"]


def test_most_functions_are_very_short() -> None:
    """Nine of ten."""
    sizes = [body_lines(f) for file in FILES for f in functions(ast.parse(file.read_text()))]
    assert np.percentile(sizes, 90) <= USUAL_BODY


@EVERY_FILE
def test_files_are_short(file: Path) -> None:
    source = file.read_text()
    assert len(source.splitlines()) <= (LONGEST_KERNELS if "\n@compiled\n" in source else LONGEST_FILE)


@EVERY_FILE
def test_public_names_have_a_sentence(file: Path) -> None:
    assert undocumented(file.read_text()) == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", ["the module"]),
        ('"""M."""\ndef f(): ...', ["f"]),
        ('"""M."""\nclass C:\n    """C."""\n    def m(self): ...\n    def _p(self): ...', ["C.m"]),
        ('"""M."""\ndef _f(): ...\nclass _C:\n    def m(self): ...', []),
    ],
)
def test_missing_sentences_are_noticed(source: str, names: list[str]) -> None:
    assert undocumented(source) == names


def test_plugin_holds_one_entry_file_and_one_package() -> None:
    """Orthanc puts the folder on sys.path: whatever else lay there could be imported by anybody."""
    found = {path.name for path in PLUGIN.iterdir()} - {"__pycache__"}
    assert found == {"main.py", "reslice"}
    assert all((folder / "__init__.py").is_file() for folder in {file.parent for file in FILES})


def test_entry_file_names_the_package_only() -> None:
    source = (PLUGIN / "main.py").read_text()
    ours = {name for name in imports(source) if name.startswith("reslice")}
    assert ours == {"reslice.host.sdk"}
    assert len(source.splitlines()) <= 40


def test_sources_are_ascii_and_free_of_leftovers() -> None:
    for file in [*FILES, PLUGIN / "main.py"]:
        text = file.read_text()
        assert text.isascii(), file
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK|breakpoint\(|import pdb)\b", text), file
