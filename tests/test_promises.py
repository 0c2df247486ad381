"""What the documentation promises is true: routes, settings and examples."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clients import OrthancClient
from phantoms import Acquisition, noise
from reslice.errors import ResliceError
from reslice.measurement.tables import COLUMNS
from reslice.measurement.tools import TOOLS
from reslice.settings import Settings
from reslice.web.parameters import (
    ExportParameters,
    MeasurementParameters,
    PlaneParameters,
    ProbeParameters,
    SliceParameters,
    ThumbnailParameters,
)
from reslice.web.rendering_parameters import RenderingParameters
from reslice.web.routes import ROUTES
from reslice.web.voxel_parameters import VoxelParameters
from reslice.web.worklist_parameters import StudyListParameters
from server import Orthanc

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REST = (DOCS / "rest.md").read_text("utf-8")
MEASUREMENTS = (DOCS / "measurements.md").read_text("utf-8")
RENDERING = (DOCS / "rendering.md").read_text("utf-8")
OPERATION = (DOCS / "operation.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
CODE_BLOCK = re.compile(r"```(bash|python)\n(.*?)```", re.DOTALL)
EXAMPLES = [example for page in (REST, RENDERING, MEASUREMENTS) for example in CODE_BLOCK.findall(page)]
GIVING = {"fault", "skip", "Skipped"}
"""Whatever takes a reason as it comes, beside those who call it `reason`."""
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ROUTE_ROW = re.compile(r"^\| `(GET|DELETE|POST|PUT) (/[^`]*)` \|", re.MULTILINE)


@pytest.fixture
def documented_server(orthanc: Orthanc, real: OrthancClient) -> str:
    """The address of a server that holds one small series."""
    real.store_series(noise(Acquisition(shape=(6, 32, 32))))
    return orthanc.url


def table_of(text: str) -> set[tuple[str, str]]:
    return set(ROUTE_ROW.findall(text))


@pytest.mark.parametrize("page", [REST, README], ids=["rest", "readme"])
def test_route_tables_name_exactly_the_routes(page: str) -> None:
    assert table_of(page) == {(route.method, route.template) for route in ROUTES}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \| ", OPERATION, re.MULTILINE))
    assert documented == {field.alias for field in Settings.model_fields.values()}
    assert all(field.description for field in Settings.model_fields.values())


def test_the_settings_example_is_accepted() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", OPERATION, re.DOTALL)
    settings = Settings.from_configuration(json.loads(example)["Reslice"])
    assert settings.cache_megabytes == 4096


def test_every_parameter_is_documented() -> None:
    pictures = (PlaneParameters, ProbeParameters, SliceParameters, ThumbnailParameters, VoxelParameters)
    for group in (*pictures, StudyListParameters):
        for name in group.model_fields:
            assert f"`{name.replace('_', '-')}`" in REST, name
    for name in RenderingParameters.model_fields:
        assert f"`{name}`" in RENDERING, name
    for group in (MeasurementParameters, ExportParameters):
        for name in group.model_fields:
            assert f"`{name.replace('_', '-')}`" in MEASUREMENTS, name


def test_every_tool_and_column_is_documented() -> None:
    for kind, tools in TOOLS.items():
        assert re.search(f"^[|] `{kind}` [|] `{tools[0]}` [|]", MEASUREMENTS, re.MULTILINE)
        assert all(re.search(f"^[|].*[|] `{tool}` [|]", MEASUREMENTS, re.MULTILINE) for tool in tools)
    for column in COLUMNS:
        assert f"`{column.title}`" in MEASUREMENTS, column.title


def reasons(error: type[ResliceError]) -> set[str]:
    return {error.reason}.union(*(reasons(child) for child in error.__subclasses__()))


def test_every_default_reason_is_documented() -> None:
    for reason in reasons(ResliceError) - {"method-not-allowed"}:
        assert f"`{reason}`" in REST + MEASUREMENTS, reason


def given_reasons(source: str) -> set[str]:
    """The reasons that a source gives by name."""
    found: set[str] = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        named = [word.value for word in call.keywords if word.arg == "reason"]
        found |= {value.value for value in named if isinstance(value, ast.Constant) and value.value}
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in GIVING:
            texts = {str(value.value) for value in call.args if isinstance(value, ast.Constant)}
            found |= {text for text in texts if KEBAB.fullmatch(text)}
    return found


def test_reasons_are_found_in_the_source() -> None:
    source = (
        'raise Busy("x-y", reason="colour")\nfault("c-d", "x")\n'
        'outcome.skip("e-f", "x", A=1)\nSkipped("", "g-h", "x")\nother("i-j", why="k-l")'
    )
    assert given_reasons(source) == {"colour", "c-d", "e-f", "g-h"}


def test_every_reason_in_the_code_is_documented() -> None:
    rooms = ("measurement", "archive", "web")
    files = [file for room in rooms for file in (ROOT / "plugin" / "reslice" / room).glob("*.py")]
    files += (ROOT / "plugin" / "reslice" / "dicom").glob("report*.py")
    given = {reason: file.name for file in files for reason in given_reasons(file.read_text("utf-8"))}
    assert len(given) > 60
    assert {
        reason: file for reason, file in given.items() if f"`{reason}`" not in REST + RENDERING + MEASUREMENTS
    } == {}


def test_documents_link_to_what_exists() -> None:
    for page in (*DOCS.glob("*.md"), ROOT / "README.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_run(number: int, documented_server: str, tmp_path: Path) -> None:
    language, code = EXAMPLES[number]
    code = code.replace("http://localhost:8042", documented_server)
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "bash" else [sys.executable, "-c", code]
    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    if "# 304" in code:
        assert done.stdout.strip() == "304"
    if "unknown-parameter" in code:
        assert json.loads(done.stdout)["Reason"] == "unknown-parameter"
    for picture in tmp_path.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG"), picture.name


def test_there_are_examples() -> None:
    assert {language for language, _ in EXAMPLES} == {"bash", "python"}
    assert len(EXAMPLES) >= 8
