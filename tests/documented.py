"""The samples of README and docs/: which there are, how each of them is run, and why a few are not."""

import re
from dataclasses import dataclass
from pathlib import Path

from clients import orthanc_ids
from phantoms import Acquisition, noise
from server import Orthanc

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w*)(?: (\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNNABLE = {"bash", "python", "javascript", "html", "json", "lua"}
SKETCH = "the shape of an answer, with places left out; test_promises.py looks for its keys in the program"
SHELL = "changes the machine, as root"
ADDRESS = "an address of the viewer page; documented.test.mjs holds it to the page"
NOT_RUN = {
    ("README.md", "scripts/serve --demo    # installs"): "installs and serves; test_serve.py starts scripts/serve",
    ("design.md", "main -> host -> web"): "a drawing; test_architecture.py holds the imports to it",
    ("installation.md", "scripts/serve --demo"): "installs and serves; test_serve.py starts scripts/serve",
    ("installation.md", "sudo git clone"): SHELL,
    ("installation.md", "sudo apt-get install"): SHELL,
    ("installation.md", "[Service]"): "a file for systemd",
    ("installation.md", "docker build"): "needs Docker",
    ("installation.md", "FROM orthancteam"): "needs Docker, and an image from a registry",
    ("installation.md", "FROM jodogne"): "needs Docker, and an image from a registry",
    ("measurements.md", '{"Id": "<uuid>"'): SKETCH,
    ("explorer.md", "import orthanc"): "a site's own script; test_configurations.py runs one like it",
    ("explorer.md", '"OrthancExplorer2"'): "needs Orthanc Explorer 2, which no Debian has",
    ("rest.md", '{"Count": 1204'): SKETCH,
    ("rest.md", "pip install openapi-python-client"): "installs a generator of clients",
    ("rest.md", "from reslice_client import"): "needs the client that was generated",
    ("rest.md", '{"Series": "<orthanc id>", "Volume": 0'): SKETCH,
    ("rest.md", '{"Series": "<orthanc id>", "Modality"'): SKETCH,
    ("rest.md", '{"Series": "...", "Count"'): SKETCH,
    ("viewer.md", "/reslice/viewer/index.html?series"): ADDRESS,
    ("viewer.md", "/reslice/viewer/index.html?modality"): ADDRESS,
    ("viewer.md", "location /pacs/"): "a line for nginx; the tests of pages have a proxy of their own",
}
"""Every sample that isn't run, by its page and beginning: why not."""
FILES = noise(Acquisition(shape=(6, 32, 32)))
"""What a server holds that samples ask."""
IDS = orthanc_ids(FILES[0])
PLACES = {"STUDY": IDS["studies"], "SERIES": IDS["series"], "INSTANCE": IDS["instances"]}
"""What stands for an identifier in a sample: variables of a shell, words of a page."""
ALICE = ("alice", "a-long-password")
"""The user of samples that have one."""


@dataclass(frozen=True)
class Sample:
    """One block of code of a page. `manner` is the second word behind its fence: `user`, `notebook`, or nothing."""

    page: str
    number: int
    language: str
    manner: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"

    @property
    def reason_not_to_run(self) -> str:
        """Why it isn't run; empty where it is."""
        reasons = [why for (page, start), why in NOT_RUN.items() if page == self.page and self.code.startswith(start)]
        return reasons[0] if reasons else ""


def pages() -> list[Path]:
    """All that is documented."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def samples_of(page: Path) -> list[Sample]:
    """The blocks of a page, in its order."""
    found = FENCE.findall(page.read_text("utf-8"))
    return [Sample(page.name, number, *parts) for number, parts in enumerate(found, 1)]


def all_samples() -> list[Sample]:
    """The blocks of all pages."""
    return [sample for page in pages() for sample in samples_of(page)]


def samples(language: str, manner: str = "") -> list[Sample]:
    """Those in one language that are run in one manner."""
    chosen = [one for one in all_samples() if (one.language, one.manner) == (language, manner)]
    return [one for one in chosen if not one.reason_not_to_run]


def at(server: Orthanc, code: str) -> str:
    """The code, with this server's port."""
    return code.replace("localhost:8042", f"localhost:{server.url.rpartition(':')[2]}")
