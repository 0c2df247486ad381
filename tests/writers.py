"""Clients that write the same measurements at once, and what must be true of the records afterwards."""

import hashlib
import itertools
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from clients import Answer, OrthancClient
from phantoms import Acquisition, noise
from server import Orthanc

ATTEMPTS = 400
SECONDS_IDLE = 0.5  # Orthanc ends a connection that rests for a second, perhaps just when it is used again
LOST, BUSY, GONE = 412, 503, 410
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Study:
    """An image to measure on, and the routes of its study's measurements."""

    route: str
    instance: str

    def body(self, **changes: object) -> dict[str, object]:
        """What a client sends to create or to replace a record."""
        return {
            "Type": "distance",
            "Tool": "line",
            "Image": {"Instance": self.instance, "Frame": 0},
            "Geometry": {"Space": "pixel", "Points": [[1, 2], [5, 6]]},
            **changes,
        }


def new_study(client: OrthancClient, seed: int = 0) -> Study:
    """Store one small image."""
    [instance] = client.store(noise(Acquisition(shape=(1, 16, 16)), seed))
    study = client.get(f"/instances/{instance}/study").json()["ID"]
    return Study(f"/studies/{study}/measurements", instance)


@dataclass(frozen=True)
class Acknowledged:
    """A write that the server has answered with 200."""

    record: str
    revision: int
    word: str


@dataclass
class Writer:
    """One client, and what the server has told it."""

    client: OrthancClient
    study: Study
    acknowledged: list[Acknowledged] = field(default_factory=list)
    lost: int = 0
    busy: int = 0
    last: float = 0.0
    longest: float = 0.0

    def ask(self, method: str, path: str = "", revision: int | None = None, **body: object) -> Answer:
        """Send one request, again for as long as the server is busy."""
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        for _ in range(ATTEMPTS):
            start = time.monotonic()
            if start - self.last > SECONDS_IDLE:
                self.client.close()
            answer = self.client.request(method, self.study.route + path, headers, as_json(body))
            self.last = time.monotonic()
            self.longest = max(self.longest, self.last - start)
            if answer.status != BUSY:
                return answer
            self.busy += 1
            self.client.close()  # others need its thread
            time.sleep(int(answer.headers["Retry-After"]) * random.uniform(0.8, 1.2))  # noqa: S311
        raise AssertionError(f"{method} {path} was never let in: {answer.content!r}")

    def create(self, **changes: object) -> str:
        """Create a record, and tell its id."""
        answer = self.ask("POST", **self.study.body(**changes))
        assert (answer.status, answer.headers["ETag"]) == (201, '"1"'), answer.content
        return answer.json()["Id"]

    def read(self, record: str) -> dict:
        """The record as it is now."""
        answer = self.ask("GET", f"/{record}")
        assert answer.status == 200, answer.content
        return answer.json()

    def replace(self, record: str, current: dict, word: str) -> Answer:
        """Try to add a word to the record's description, and to make it the label."""
        body = self.study.body(Label=word, Description=f"{current.get('Description') or ''} {word}".strip())
        answer = self.ask("PUT", f"/{record}", current["Revision"], **body)
        if answer.status == 200:
            revision = current["Revision"] + 1
            assert (answer.headers["ETag"], answer.json()["Revision"]) == (f'"{revision}"', revision)
            self.acknowledged.append(Acknowledged(record, revision, word))
        elif answer.status == LOST:
            assert answer.json()["Reason"] == "stale-revision"
            self.lost += 1
        return answer

    def append(self, record: str, word: str) -> None:
        """Add a word, however often others come first."""
        current = self.read(record)
        for _ in range(ATTEMPTS):
            answer = self.replace(record, current, word)
            if answer.status == 200:
                return
            assert answer.status == LOST, answer.content
            before, current = current, self.read(record)
            assert current["Revision"] > before["Revision"], "stale against nothing newer"
        raise AssertionError(f"{word} was never written")


def as_json(body: dict[str, object]) -> bytes:
    """A request's body; none where there is nothing to say."""
    return json.dumps(body).encode() if body else b""


def writers(nodes: Sequence[Orthanc], study: Study, count: int) -> list[Writer]:
    """So many clients, spread over the nodes."""
    return [Writer(node.client(), study) for node in itertools.islice(itertools.cycle(nodes), count)]


def at_once(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Do the work for each item in a thread of its own, all starting together."""
    barrier = threading.Barrier(len(items))

    def begin(item: Item) -> Result:
        barrier.wait()
        return work(item)

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(begin, items))


def check_record(reader: Writer, record: str, crowd: Sequence[Writer]) -> None:
    """Every acknowledged write is in the record, in its turn, and there has been no other."""
    history = sorted(
        (write for writer in crowd for write in writer.acknowledged if write.record == record),
        key=lambda write: write.revision,
    )
    final = reader.read(record)
    assert [write.revision for write in history] == list(range(2, len(history) + 2))
    assert final["Revision"] == len(history) + 1
    assert final["Description"].split() == [write.word for write in history]
    assert final["Label"] == history[-1].word


def check_list(reader: Writer, records: Sequence[str]) -> None:
    """The study's list holds these records, each once, and nothing broken."""
    listed = reader.ask("GET").json()
    assert sorted(record["Id"] for record in listed["Measurements"]) == sorted(records)
    assert (listed["Count"], listed["Errors"]) == (len(records), [])


def ids_of_one_slot(count: int) -> list[str]:
    """Ids that want the same number of the range, so that their creations meet."""
    slots: dict[int, list[str]] = {}
    while True:
        name = str(uuid.uuid4())
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 10000
        slot = slots.setdefault(number, [])
        slot.append(name)
        if len(slot) == count:
            return slot
