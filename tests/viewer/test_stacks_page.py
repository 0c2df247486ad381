"""Stored frames in the page: grey and colour, square on the screen, sides and places only where the file tells them."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from browser import Watch
from clients import OrthancClient, orthanc_ids
from phantoms import Acquisition, image, multiframe, noise, structured_report, without_geometry
from server import Orthanc
from shared_data import case_files
from viewing import NOTCH, Array, PaneOf, Seen, address, assert_same_pixels, eventually, open_series

SHARP = 6.5
"""CSS pixels a pixel from which on pixels are squares."""
GREY = [
    "CR-MONO1-10-chest.dcm",
    "vlut_04.dcm",
    "mlut_18.dcm",
    "JPGExtended.dcm",
    "RG3_J2KR.dcm",
    "parametric_map_float.dcm",
]
COLOUR = [
    "SC_rgb_small_odd.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_palette.dcm",
    "examples_ybr_color.dcm",
    "gdcm-US-ALOKA-16.dcm",
    "SC_rgb_rle_2frame.dcm",
]
QUICK = {"CR-MONO1-10-chest.dcm", "SC_rgb_small_odd.dcm", "examples_palette.dcm", "examples_ybr_color.dcm"}


def each(folder: str, names: list[str]) -> list:
    """Each file of a folder; most of them are slow."""
    return [pytest.param(folder, name, marks=[] if name in QUICK else pytest.mark.slow) for name in names]


def places_in(seen: Seen, shape: tuple[int, ...]) -> Array:
    """Where the pixels of a picture with square pixels lie in an unmoved pane that it is fitted into, CSS pixels."""
    rows, columns = shape[:2]
    scale = min(seen.width / columns, seen.height / rows)
    x = seen.width / 2 + (np.arange(columns) - (columns - 1) / 2) * scale
    y = seen.height / 2 + (np.arange(rows) - (rows - 1) / 2) * scale
    return np.stack(np.meshgrid(x, y), axis=-1)


def assert_is(stack: PaneOf, picture: Array, tolerance: int = 0) -> Array:
    """Zoom in until pixels are squares; those in sight are the picture's. The answer is where they lie."""
    seen = stack.seen()
    rows, columns = picture.shape[:2]
    fit = min(seen.width / columns, seen.height / rows)
    notches = max(0, int(np.ceil(np.log(SHARP / fit) / np.log(NOTCH))))
    places = places_in(seen, picture.shape)
    if notches:
        places = stack.zoom(notches)(places)
    eventually(stack.page, lambda: assert_same_pixels(stack.seen(), picture, places, tolerance))
    return places


@pytest.mark.parametrize(
    ("folder", "name"),
    each("gray-special", GREY) + each("color", COLOUR),
)
def test_real_images_are_the_servers(page: Page, orthanc: Orthanc, real: OrthancClient, folder: str, name: str) -> None:
    file = next(path for path in case_files(folder) if path.name == name).read_bytes()
    stored = real.store_series([file])
    open_series(page, orthanc, stored, "stack")
    stack = PaneOf(page, "stack")
    frames = real.get(f"/series/{stored}/slices").json()["Slices"]
    picture = real.get(f"/series/{stored}/slices/0").picture()
    seen = stack.seen()
    assert seen.place == f"Image 1 / {len(frames)}"
    labels = frames[0]["Labels"]
    assert seen.letters == ([labels[edge] for edge in ("Left", "Right", "Top", "Bottom")] if labels else [""] * 4)
    assert ("Orientation unknown" in seen.lines) == (labels is None)
    assert ("Colour" in seen.lines) == (picture.ndim == 3)
    places = assert_is(stack, picture)
    if picture.ndim == 2:  # turned round through the same window, or table of the file
        page.keyboard.press("i")
        turned = real.get(f"/series/{stored}/slices/0", invert="true").picture()
        eventually(page, lambda: assert_same_pixels(stack.seen(), turned, places))
        assert "\u26a0 Window instead of the file's table" not in stack.seen().lines


@pytest.mark.slow
def test_pixels_that_are_not_quite_square_are_the_stored_ones(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    """Of 211 columns the server makes 212 square pixels; the page stretches the stored ones."""
    file = next(path for path in case_files("gray-special") if path.name == "dx_image.dcm").read_bytes()
    stored = real.store_series([file])
    open_series(page, orthanc, stored, "stack")
    answer = real.get(f"/series/{stored}/slices/0?format=npy")
    window = answer.told("Reslice-Window")
    assert (window["Center"], window["Width"], window["Function"], window["Invert"]) == (128, 256, "LINEAR", True)
    values = answer.array().astype(float)
    assert values.shape == (169, 211)
    assert_is(PaneOf(page, "stack"), 255 - np.rint(values).clip(0, 255).astype(np.uint8))


def test_frames_are_scrolled_through(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    frames = np.random.default_rng(6).integers(0, 4000, (4, 20, 24)).astype(np.uint16)
    stored = real.store_series([multiframe(frames, WindowCenter=2000, WindowWidth=4000)])
    open_series(page, orthanc, stored, "stack")
    stack = PaneOf(page, "stack")

    def at(index: int) -> None:
        expect(stack.figure.locator(".corner.bottom-left span").first).to_have_text(f"Image {index + 1} / 4")
        assert stack.slider.input_value() == str(index)
        assert_is(stack, real.get(f"/series/{stored}/slices/{index}").picture())

    at(0)
    stack.wheel(1)
    at(1)
    stack.surface.focus()
    for key, index in (("ArrowDown", 2), ("End", 3), ("ArrowDown", 3), ("Home", 0), ("ArrowUp", 0)):
        page.keyboard.press(key)
        at(index)
    stack.slider.focus()
    page.keyboard.press("ArrowRight")
    at(1)


def test_value_and_pixel_under_the_cursor_are_the_stored_ones(
    page: Page, orthanc: Orthanc, real: OrthancClient
) -> None:
    pixels = np.arange(20 * 24, dtype=np.uint16).reshape(20, 24)
    open_series(page, orthanc, real.store_series([without_geometry(pixels)]), "stack")
    stack = PaneOf(page, "stack")
    for row, column in ((0, 0), (3, 17), (19, 23)):
        x, y = places_in(stack.seen(), pixels.shape)[row, column]
        stack.hover((x, y))
        line = stack.figure.locator(".corner.bottom-left span").nth(1)
        expect(line).to_have_text(f"{pixels[row, column]} \u00b7 {column}, {row}")


@pytest.mark.parametrize("aspect", [{"PixelAspectRatio": [2, 1]}, {"PixelSpacing": [0.4, 0.2]}], ids=str)
@pytest.mark.parametrize("kind", ["grey", "colour"])
def test_pixels_that_arent_square_are_drawn_true(
    page: Page, orthanc: Orthanc, real: OrthancClient, aspect: dict[str, list], kind: str
) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (12, 20, 3) if kind == "colour" else (12, 20)).astype(np.uint8)
    window = {} if kind == "colour" else {"WindowCenter": 128, "WindowWidth": 256}
    file = image(pixels, Modality="OT", **aspect, **window)
    stored = real.store_series([file])
    open_series(page, orthanc, stored, "stack")
    values = real.get(f"/series/{stored}/slices/0", format="npy").array()
    assert values.shape[:2] == (12, 20)
    seen = PaneOf(page, "stack").seen()
    places = places_in(seen, (24, 20))  # each stored row is two pixels high
    centres = (places[0::2] + places[1::2]) / 2
    assert_same_pixels(seen, pixels, centres)  # this window shows each value as itself


def test_what_isnt_known_is_never_guessed(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    open_series(page, orthanc, real.store_series([without_geometry(np.ones((8, 8), np.uint16))]), "stack")
    seen = PaneOf(page, "stack").seen()
    assert seen.edges == ""
    assert "Orientation unknown" in seen.corners["top-left"]
    assert seen.bar is None, "without a size there is no scale bar"


def test_sides_of_a_mammogram_are_the_files(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    file = without_geometry(
        np.ones((20, 16), np.uint16), PatientOrientation=["P", "L"], ImageLaterality="R", ViewPosition="CC"
    )
    file.Modality = "MG"
    open_series(page, orthanc, real.store_series([file]), "stack")
    seen = PaneOf(page, "stack").seen()
    assert seen.edges == "APRL"
    assert seen.corners["top-left"] == ["R CC"]


def test_report_alone_says_that_nothing_can_be_shown(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    stored = real.store_series([structured_report()])
    page.goto(address(orthanc, series=stored))
    expect(page.locator("#stage")).to_contain_text("There is nothing to show in this series.")
    assert page.locator("figure.pane").count() == 0


def test_replaced_and_deleted_images_are_told(page: Page, watch: Watch, orthanc: Orthanc, real: OrthancClient) -> None:
    files = [
        without_geometry(
            np.full((8, 8), k, np.uint16), SeriesInstanceUID="2.25.5", StudyInstanceUID="2.25.6", InstanceNumber=k
        )
        for k in range(13)
    ]
    stored = real.store_series(files[:-1])
    open_series(page, orthanc, stored, "stack")
    stack = PaneOf(page, "stack")
    real.remove(orthanc_ids(files[0])["instances"])
    real.store([files[-1]])  # as many images as before, each with another number
    stack.slider.fill("6")
    expect(page.locator("#status")).to_have_text("The series has changed on the server: it is shown anew.")
    expect(stack.figure.locator(".corner.bottom-left span").first).to_have_text("Image 7 / 12")
    stack.hover(stack.middle)
    expect(stack.figure.locator(".corner.bottom-left span").nth(1)).to_contain_text("7 \u00b7 ")
    watch.expected = {"404"}
    for file in files[1:]:
        real.remove(orthanc_ids(file)["instances"])
    stack.surface.focus()
    stack.slider.fill("0")
    expect(stack.figure.get_by_role("alert")).to_have_text("This is no longer on the server.")
    eventually(page, lambda: assert_dark(stack))


def assert_dark(pane: PaneOf) -> None:
    """No pixel of a picture is left."""
    assert pane.seen().canvas.max() == 0


def test_slices_without_a_place_say_why_they_form_no_volume(page: Page, orthanc: Orthanc, real: OrthancClient) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    stored = real.store_series(noise(Acquisition(shape=(3, 16, 16)), **nowhere))
    open_series(page, orthanc, stored, "stack")
    assert PaneOf(page, "stack").seen().place == "Image 1 / 3"
    assert "Orientation unknown" in PaneOf(page, "stack").seen().lines
