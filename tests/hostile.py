"""Text that means harm, or that few programs get right; as a study holds it."""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from phantoms import Acquisition, noise

SCRIPT = "<script>window.intruder='script'</script>"
IMAGE = "\"'><img src=x onerror=window.intruder=3>"
NAME = "\"'><script>intruder()</script>&amp;"
"""Without the signs that part a person's name; run, it would be an error of the page."""
TEMPLATE = "${window.intruder=1}{{window.intruder=2}}#{7*7}`"
FORMULA = "=cmd|' /C calc'!A0"
LINK = "javascript:window.intruder='link'"
LONG = "Wolfeschlegelsteinhausenbergerdorff^Hubert Adolph Blaine Charles"
RIGHT_TO_LEFT = "safe\u202egnp.exe\u202c"
EMOJI = "\U0001f480 Zo\u00eb \U0001f468\u200d\U0001f469\u200d\U0001f467 \u65e5\u672c"
LABELS = (
    *(SCRIPT, IMAGE, TEMPLATE, FORMULA, LINK, LONG, RIGHT_TO_LEFT, EMOJI),
    *("+1+1", "-2+3", "@SUM(A1)", '"quoted", and; more', "a\\b/c", "&lt;b&gt; &amp; &#60;", "' OR 1=1 --"),
)
"""Each is a text that a measurement may have for its label."""

JAPANESE = "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046"
"""The first example of PS3.5 H.3.1."""
HALF_WIDTH = (
    "\uff94\uff8f\uff80\uff9e^\uff80\uff9b\uff73=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046"
)
"""That of H.3.2, whose first writing is half-width Katakana. Orthanc's index loses the other two."""
KOREAN = "Hong^Gildong=\u6d2a^\u5409\u6d1e=\ud64d^\uae38\ub3d9"
"""That of I.2."""
SMALL = Acquisition(shape=(3, 32, 32))


def study(name: str, character_set: str | Sequence[str], **attributes: object) -> list[Dataset]:
    """A small CT of somebody."""
    files = noise(SMALL, SpecificCharacterSet=character_set, PatientID="HOSTILE", PatientName=name)
    for file in files:
        for keyword, value in attributes.items():
            setattr(file, keyword, value)
    return files


def hostile_study() -> list[Dataset]:
    """Every text of it means harm, in UTF-8."""
    return study(
        NAME,
        "ISO_IR 192",
        PatientID=SCRIPT,
        StudyDescription=SCRIPT + EMOJI,
        SeriesDescription=IMAGE,
        AccessionNumber="<b>'\"&</b>",
        InstitutionName=TEMPLATE,
        ReferringPhysicianName=RIGHT_TO_LEFT,
        StudyDate="20260105",
    )
