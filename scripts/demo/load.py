"""Load the demonstration studies into a running server, and tell where to look."""

import time
from collections.abc import Callable

import requests
import urllib3

from demo import body, brain, measurements, pet, radiograph, ultrasound
from demo.series import DemoSeries, dicom_files

STUDIES = (body.SERIES, pet.SERIES, brain.SERIES, radiograph.SERIES, ultrasound.SERIES)

LEFT_ALONE = (200, 201, 409, 410)
"""Kept, kept before, changed by somebody, deleted by somebody."""

Say = Callable[[str], None]


class NotLoaded(Exception):
    """Why a study could not be loaded."""


def load(url: str, credentials: tuple[str, str] | None, say: Say) -> None:
    """Load what the server at `url` does not hold yet; print links to all of it."""
    with requests.Session() as session:
        session.auth = credentials
        session.trust_env = False  # no proxy between us and our own server
        session.verify = False  # on loopback, whatever name its certificate has
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        try:
            for series in STUDIES:
                load_series(session, url, series, say)
            measure(session, url, say)
        except requests.RequestException as error:
            raise NotLoaded(str(error)) from error
    for series in STUDIES:
        tell_links(url, series, say)
    say("Measurements:")
    for series in (body.SERIES, pet.SERIES):
        say(f"  {series.title:<27}{url}/studies/{series.orthanc_id('studies')}/measurements")
    say(f"All {len(STUDIES)} demonstration studies are here.")


def load_series(session: requests.Session, url: str, series: DemoSeries, say: Say) -> None:
    """Load one series, unless all of it is there."""
    found = session.get(f"{url}/series/{series.orthanc_id('series')}", timeout=60)
    if found.ok and len(found.json()["Instances"]) == series.instance_count:
        say(f"{series.title}: already here")
        return
    count = series.instance_count
    say(f"{series.title}: making {count} {'images' if count > 1 else 'image'}, which takes some seconds ...")
    started = time.monotonic()
    for loaded, file in enumerate(dicom_files(series), 1):
        session.post(f"{url}/instances", data=file, timeout=60).raise_for_status()
        if loaded % 80 == 0 or loaded == count:
            say(f"{series.title}: {loaded} of {count} loaded, {time.monotonic() - started:.0f} s")


def measure(session: requests.Session, url: str, say: Say) -> None:
    """Measure the lesions; those that were measured before, or deleted by somebody, are left alone."""
    for series, said in measurements.bodies():
        answer = session.post(f"{url}/studies/{series.orthanc_id('studies')}/measurements", json=said, timeout=60)
        if answer.status_code not in LEFT_ALONE:
            say(f"{said['Label']}: not measured ({answer.status_code} {answer.json().get('Details')})")


def tell_links(url: str, series: DemoSeries, say: Say) -> None:
    """Print links to a series: its study, its thumbnail, planes worth a look."""
    say(f"{series.title}:")
    links = {
        "in Orthanc Explorer": f"{url}/app/explorer.html#series?uuid={series.orthanc_id('series')}",
        "viewer page": f"{url}/reslice/viewer/index.html?series={series.orthanc_id('series')}",
        "thumbnail": f"{url}/studies/{series.orthanc_id('studies')}/thumbnail",
    }
    links |= {label: f"{url}/series/{series.orthanc_id('series')}/{path}" for label, path in series.views.items()}
    for label, link in links.items():
        say(f"  {label:<27}{link}")
    for note in series.notes:
        say(f"  {note}")
