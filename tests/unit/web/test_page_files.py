"""The addresses of a page's files: they change with the files, and the page knows what it needs."""

import pytest

from reslice.web.page_files import folder_of, is_folder, modules_behind, with_references

PAGE = b"""<head>
<link rel="stylesheet" href="css/a.css">
<link rel="modulepreload" href="extra.js">
<script type="module" src="viewer.js"></script>
</head>
<body><a href="index.html">x</a><a href="other.html">y</a><img src="icon.svg"><p data-src="icon.svg"></p></body>
"""
FILES = {
    "index.html": PAGE,
    "css/a.css": b"a{}",
    "icon.svg": b"<svg/>",
    "extra.js": b"",
    "viewer.js": b"import './first.js';\nimport { a } from './deep/second.js';",
    "first.js": b"export * from './viewer.js';",
    "deep/second.js": b"import '../first.js'; import b from './third.js';",
    "deep/third.js": b"",
}


def test_the_folder_changes_with_names_and_contents_and_nothing_else() -> None:
    assert is_folder(folder_of(FILES))
    assert folder_of(FILES) == folder_of(dict(reversed(FILES.items())))
    others = [
        {**FILES, "icon.svg": b"<svg />"},
        {**FILES, "new.js": b""},
        {"a": b"bc"},
        {"ab": b"c"},
        {"a": b"", "b": b"c"},
    ]
    assert len({folder_of(files) for files in (FILES, *others)}) == 1 + len(others)


@pytest.mark.parametrize(
    "path", ["", "viewer.js", "files-/x", "files-0123456789ABCDEF/x", "x/files-0123456789abcdef/x"]
)
def test_other_folders_are_none_of_these(path: str) -> None:
    assert not is_folder(path)


def test_references_to_files_lead_into_the_folder_and_others_stay() -> None:
    page = with_references(FILES, "f/").decode()
    for address in ('href="f/css/a.css"', 'href="f/extra.js"', 'src="f/viewer.js"', '<img src="f/icon.svg">'):
        assert address in page
    for address in ('href="index.html"', 'href="other.html"', 'data-src="icon.svg"'):
        assert address in page
    preloads = [
        f'<link rel="modulepreload" fetchpriority="low" href="f/{name}">'
        for name in ("first.js", "deep/second.js", "deep/third.js")
    ]
    assert "\n  ".join(preloads) + "\n</head>" in page


def test_what_the_page_names_itself_is_not_named_again() -> None:
    page = with_references({**FILES, "viewer.js": b"import './extra.js';"}, "f/").decode()
    assert page.count("extra.js") == 1


def test_a_page_without_a_script_stays_as_it_is() -> None:
    assert with_references({"index.html": b"<head></head>"}, "f/") == b"<head></head>"


@pytest.mark.parametrize(
    "source",
    [
        "import { a } from './x.js';",
        'import { a } from "./x.js";',
        "import {\n  a,\n  b,\n} from './x.js';",
        "import a, { b as from } from './x.js';",
        "import * as a from './x.js'",
        "import './x.js';",
        "export { a } from './x.js';",
        "export * from './x.js';",
        "export * as a from './x.js';",
        "/* c */\nimport{a as b}from'./x.js';",
        "let a;export{a};export{b}from'./x.js';",
        "  import a from './x.js';",
        "import a from './y/../x.js';",
    ],
)
def test_imports_are_found(source: str) -> None:
    assert modules_behind("viewer.js", {"viewer.js": source.encode(), "x.js": b""}) == ["x.js"]


@pytest.mark.parametrize(
    "source",
    [
        "const a = await import('./x.js');",
        "import('./x.js');",
        "/** @typedef {import('./x.js').A} A */",
        "/**\n * @import { A } from './x.js'\n */",
        "// import a from './x.js';",
        "import a from 'x.js';",
        "import a from '../x.js';",
        "import a from '/x.js';",
        "import a from 'https://elsewhere.example/x.js';",
        "import a from './nothing.js';",
        "export const a = './x.js';",
        "export function from() { return './x.js'; }",
        "export { a }; const from = './x.js';",
        "const important = './x.js';",
        "import.meta.url; const b = './x.js';",
    ],
)
def test_what_is_no_import_is_passed_over(source: str) -> None:
    assert modules_behind("viewer.js", {"viewer.js": source.encode(), "x.js": b""}) == []


def test_each_module_comes_once_and_the_script_itself_never() -> None:
    assert modules_behind("viewer.js", FILES) == ["first.js", "deep/second.js", "deep/third.js"]
    assert modules_behind("nothing.js", FILES) == []
