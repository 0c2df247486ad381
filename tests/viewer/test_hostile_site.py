"""What a real browser lets a page of another site do to ours: nothing that changes anything."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clients import OrthancClient
from good_requests import MeasuredStudy
from other_site import other_site
from reslice.web.routes import ROUTES
from server import Orthanc

POLICIES = {"as browsers do it": "strict-origin-when-cross-origin", "without a referer": "no-referrer"}


def hostile_page(server: str, study: MeasuredStudy) -> str:
    """A page that tries every route that changes something: by images, fetch, and forms in frames."""
    images, fetches, forms = [], [], []
    for route in (route for route in ROUTES if route.method != "GET"):
        url = server + study.path(route)
        body = json.dumps(study.good(route).body.decode())
        images.append(f'<img src="{url}?_method={route.method.lower()}" alt="">')
        fetches.append(f"fetch({url!r}, {{method: 'POST', mode: 'no-cors', body: {body}}}).catch(() => 0)")
        form = f"<form method=post action={url}></form><script>document.forms[0].submit()</script>"
        forms += [
            f'<iframe srcdoc="{form}"></iframe>',
            f'<iframe sandbox="allow-scripts allow-forms" srcdoc="{form}"></iframe>',
        ]
    script = f"<script>Promise.all([{','.join(fetches)}]).then(() => window.isDone = true)</script>"
    return "".join([*images, *forms, script])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another port", "another host"])
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_hostile_page_changes_nothing(
    real: OrthancClient, orthanc: Orthanc, browser: Browser, tmp_path: Path, policy: str, host: str
) -> None:
    study = MeasuredStudy(real)
    assert real.get(f"/series/{study.series}/mpr/axial").status == 200
    before = study.kept(), len(real.get("/reslice/cache").json()["Volumes"])
    server = orthanc.url.replace("127.0.0.1", host)
    (tmp_path / "page.html").write_text(f'<meta name="referrer" content="{policy}">{hostile_page(server, study)}')
    answered: list[tuple[int, str, str]] = []
    with other_site(tmp_path) as address:
        page = browser.new_page()
        page.on("response", lambda answer: answered.append((answer.status, answer.request.method, answer.url)))
        page.goto(f"{address}/page.html", wait_until="load")
        page.wait_for_function("window.isDone")
        page.wait_for_load_state("networkidle")  # the forms in the frames
        page.close()
    answered = [found for found in answered if not found[2].startswith(address)]
    assert len(answered) >= 2 * len([route for route in ROUTES if route.method != "GET"])
    assert {403, 405} <= {status for status, _, _ in answered}
    assert {"GET", "POST"} == {method for _, method, _ in answered}
    changed = [found for found in answered if found[0] < 400 and not (found[1] == "GET" and "_method=post" in found[2])]
    assert changed == []
    assert (study.kept(), len(real.get("/reslice/cache").json()["Volumes"])) == before
