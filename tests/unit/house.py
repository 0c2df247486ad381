"""The house's rules as functions from source to complaints; tests/test_architecture.py applies them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
PACKAGE = PLUGIN / "reslice"
FILES = sorted(PACKAGE.rglob("*.py"))

ROOMS = ("errors", "settings", "imaging", "measurement", "dicom", "archive", "web", "host")
"""From the bottom up: a room knows itself and what lies below it."""
ONLY_IN = {
    "orthanc": ("host/sdk.py",),
    "pydicom": ("dicom/",),
    "PIL": ("imaging/encode.py",),
    "imagecodecs": ("dicom/codecs.py",),
    "isal": ("imaging/encode.py",),
    "llvmlite": ("imaging/compiled.py",),
    "numba": ("imaging/compiled.py",),
    "pydantic": ("settings.py", "measurement/", "web/"),
    "xlsxwriter": ("measurement/",),
}
LONGEST_BODY, USUAL_BODY, LONGEST_FILE = 40, 18, 330
LONGEST_KERNELS = 400
"""Kernels that call each other stay in one file, since numba keeps them by the file that they stand in."""
CAPITALS = re.compile(r"_?[A-Z][A-Z0-9_]*")
TYPE_NAME = re.compile(r"_?[A-Z][a-zA-Z0-9]*")
MUTATORS = {
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),
    *("popitem", "update", "setdefault", "move_to_end", "appendleft"),
    *("add", "discard", "intersection_update", "difference_update", "fill", "put"),
}
"""Methods that change a list, a dictionary, a set or an array."""


def module_name(file: Path) -> str:
    """`reslice.web.mpr` of .../reslice/web/mpr.py."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file) for file in FILES}


def imports(source: str) -> set[str]:
    """Every module that is imported, inside functions too; `from x import y` counts as x.y where that is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(names & MODULES)
            found.add(node.module) if names - MODULES else None
    return found


def room_of(module: str) -> int | None:
    """Which floor a module of ours lies on; None for the package itself."""
    _, _, rest = module.partition(".")
    return ROOMS.index(rest.partition(".")[0]) if rest else None


def upward_imports(module: str, source: str) -> list[str]:
    own = room_of(module)
    ours = [name for name in imports(source) if name == "reslice" or name.startswith("reslice.")]
    floors = {name: room_of(name) for name in ours}
    return [name for name, floor in floors.items() if floor is not None and own is not None and floor > own]


def foreign_imports(file: Path, source: str) -> list[str]:
    place = str(file.relative_to(PACKAGE))
    roots = {name.partition(".")[0] for name in imports(source)}
    return [root for root in roots if root in ONLY_IN and not place.startswith(ONLY_IN[root])]


def handlers() -> set[str]:
    """The modules that routes.py takes its handlers from."""
    tree = ast.parse((PACKAGE / "web/routes.py").read_text())
    routes = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Route"]
    named = [value for route in routes for value in route.args if isinstance(value, ast.Attribute)]
    used = {value.value.id for value in named if isinstance(value.value, ast.Name)}
    return {f"reslice.web.{name}" for name in used} & MODULES


def import_time_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """What runs when a module is imported, `try` and `if` looked into."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Try):
            pending += [*node.body, *(s for handler in node.handlers for s in handler.body), *node.orelse]
        else:
            yield node


def is_definition(node: ast.stmt) -> bool:
    """Imports, functions, classes, sentences, and names that are constants or types."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    names = assigned_names(node)
    return bool(names) and all(
        CAPITALS.fullmatch(n) or TYPE_NAME.fullmatch(n) or re.fullmatch("__[a-z]+__", n) for n in names
    )


def assigned_names(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    flat = [part for t in targets for part in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return [t.id if isinstance(t, ast.Name) else "" for t in flat]


def actions_at_import(source: str) -> list[str]:
    return [ast.unparse(node)[:60] for node in import_time_statements(ast.parse(source)) if not is_definition(node)]


def module_level_names(tree: ast.Module) -> set[str]:
    return {name for node in import_time_statements(tree) for name in assigned_names(node)}


def root_name(node: ast.expr) -> str:
    """NAME of NAME[..], NAME.attribute, module.NAME."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        if isinstance(node, ast.Attribute) and CAPITALS.fullmatch(node.attr):
            return node.attr
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def changed(node: ast.AST) -> list[str]:
    """The names whose content a statement or a call changes."""
    if isinstance(node, ast.Global):
        return node.names
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        return [root_name(node.func.value)]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return [
        root_name(t) for t in targets if isinstance(t, ast.Subscript | ast.Attribute) or isinstance(node, ast.AugAssign)
    ]


def mutations_of_module_state(source: str) -> list[str]:
    """Changes of what was assigned at module level, here or (in capitals) in another module."""
    tree = ast.parse(source)
    own = module_level_names(tree)
    found = [name for node in ast.walk(tree) for name in changed(node)]
    return [name for name in found if name in own or CAPITALS.fullmatch(name)]


def unbounded_memories(source: str) -> list[str]:
    """Functions that remember without a bound, and mutable defaults: state of the module in disguise."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            decorators = {ast.unparse(d) for d in node.decorator_list}
            found += [node.name] * bool(
                decorators & {"cache", "functools.cache", "lru_cache(None)", "lru_cache(maxsize=None)"}
            )
            defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
            found += [node.name] * any(isinstance(d, ast.List | ast.Dict | ast.Set) for d in defaults)
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def long_functions(source: str) -> list[str]:
    return [f.name for f in functions(ast.parse(source)) if body_lines(f) > LONGEST_BODY]


def undocumented(source: str) -> list[str]:
    """Public names without a sentence: the module, its classes and functions, and their public methods."""
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else ["the module"]
    pending: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    while pending:
        prefix, node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found += [] if ast.get_docstring(node) else [prefix + node.name]
            inner = node.body if isinstance(node, ast.ClassDef) else []
            pending += [(f"{node.name}.", part) for part in inner]
    return found
