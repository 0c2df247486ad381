"""What Orthanc's index answers, as value objects."""

import json

from reslice.host.index import Listing


def listed(*files: str) -> bytes:
    """`/series/{id}/instances?expand`."""
    entries = [{"ID": f"i{k}", "FileUuid": file, "MainDicomTags": {}} for k, file in enumerate(files)]
    return json.dumps(entries).encode()


def test_listings_are_equal_when_they_read_the_same() -> None:
    assert Listing(listed("a", "b")) == Listing(listed("a", "b"))
    assert hash(Listing(listed("a", "b"))) == hash(Listing(listed("a", "b")))
    assert Listing(listed("a", "b")) != Listing(listed("a", "c"))
    assert Listing(listed("a")) != listed("a")


def test_a_listing_gives_its_instances_once() -> None:
    listing = Listing(listed("a", "b"))
    taken = listing.take()
    assert taken is not None
    assert [instance.file for instance in taken] == ["a", "b"]
    assert listing.take() is None
