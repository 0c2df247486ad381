"""What the documentation promises is true: routes, settings and examples."""

import ast
import json
import re
from pathlib import Path

import pytest

from documented import NOT_RUN, RUNNABLE, SKETCH, Sample, all_samples, pages, samples, samples_of
from reslice.errors import ResliceError
from reslice.measurement.tables import COLUMNS
from reslice.measurement.tools import TOOLS
from reslice.settings import Settings
from reslice.web.parameters import (
    ExportParameters,
    MeasurementParameters,
    PageParameters,
    PlaneParameters,
    ProbeParameters,
    SliceParameters,
    ThumbnailParameters,
)
from reslice.web.rendering_parameters import RenderingParameters
from reslice.web.routes import ROUTES
from reslice.web.voxel_parameters import VoxelParameters
from reslice.web.worklist_parameters import StudyListParameters

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REST = (DOCS / "rest.md").read_text("utf-8")
MEASUREMENTS = (DOCS / "measurements.md").read_text("utf-8")
RENDERING = (DOCS / "rendering.md").read_text("utf-8")
OPERATION = (DOCS / "operation.md").read_text("utf-8")
VIEWER = (DOCS / "viewer.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
GIVING = {"fault", "skip", "Skipped"}
"""Whatever takes a reason as it comes, beside those who call it `reason`."""
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ROUTE_ROW = re.compile(r"^\| `(GET|DELETE|POST|PUT) (/[^`]*)` \|", re.MULTILINE)


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
    pages = (PageParameters, StudyListParameters)
    pictures = (PlaneParameters, ProbeParameters, SliceParameters, ThumbnailParameters, VoxelParameters)
    for group in (*pages, *pictures):
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


def anchors(page: Path) -> set[str]:
    """Of the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_to_headings_that_exist() -> None:
    for page in (*DOCS.glob("*.md"), ROOT / "README.md"):
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]*)\)", page.read_text("utf-8")):
            assert anchor in anchors(page.parent / target if target else page), f"{page.name} -> {target}#{anchor}"


def test_every_image_is_shown() -> None:
    shown = "".join(page.read_text("utf-8") for page in pages())
    assert {image.name for image in (DOCS / "images").iterdir() if f"images/{image.name}" not in shown} == set()


def test_windows_of_the_viewer_page_are_the_usual_ones() -> None:
    (line,) = re.findall(r"^\| CT \| (.*) \|$", VIEWER, re.MULTILINE)
    told = [re.fullmatch(r"([a-z ]+) (\d+) / (-?\d+)", part).groups() for part in line.split(", ")]
    usual = [
        (one.name.replace("-", " "), f"{one.width:.0f}", f"{one.center:.0f}") for one in Settings().window_presets["CT"]
    ]
    assert told == usual


@pytest.mark.parametrize("sample", all_samples(), ids=str)
def test_every_sample_runs_or_says_why_not(sample: Sample) -> None:
    """test_documented_clients.py and test_documented_pages.py run all those without a reason."""
    assert sample.reason_not_to_run or sample.language in RUNNABLE, sample.code
    assert not sample.manner or sample in samples(sample.language, sample.manner)


def test_samples_that_are_not_run_are_there() -> None:
    for page, start in NOT_RUN:
        assert [one for one in all_samples() if one.page == page and one.code.startswith(start)], (page, start)


def test_sketches_of_answers_name_keys_that_exist() -> None:
    sources = "".join(file.read_text("utf-8") for file in (ROOT / "plugin" / "reslice").rglob("*.py"))
    sketches = [one for one in all_samples() if one.reason_not_to_run == SKETCH]
    named = {key for one in sketches for key in re.findall(r'"(\w+)":', one.code)}
    assert len(named) > 40
    assert {key for key in named if not re.search(rf'"{key}"|\b{key}[:=]', sources)} == set()


def test_no_fence_is_missed() -> None:
    for page in pages():
        fences = re.findall(r"^ *```", page.read_text("utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(samples_of(page)), page.name


def test_there_are_samples() -> None:
    assert {one.language for one in all_samples() if not one.reason_not_to_run} == RUNNABLE
    assert len([one for one in all_samples() if not one.reason_not_to_run]) >= 30
