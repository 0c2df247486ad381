"""Lists are joined of texts that were read before: they hold what each record, read alone, is at that moment."""

from typing import Any

from clients import Client
from drafts import Bench, in_series
from phantoms import Acquisition, noise

SLICES = Acquisition(shape=(4, 16, 16))


def records_read_alone(bench: Bench, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [bench.client.get(f"{bench.url}/{record['Id']}").json() for record in listed]


def test_a_list_holds_what_each_record_is(client: Client) -> None:
    bench = Bench(client, noise(SLICES))
    for label in ('"quoted", {"Stale":true}', "\u00c4 \U0001f600 \u2028", "back\\slash", ""):
        bench.created(bench.line(Label=label, Description=label))
    first = bench.listed()
    assert first == records_read_alone(bench, first)
    bench.put(first[1]["Id"], bench.line(Label="changed"))
    bench.delete(first[2]["Id"])
    bench.created(bench.line(Label="new"))
    second = bench.listed()
    assert [record["Label"] for record in second] == [first[0]["Label"], "changed", first[3]["Label"], "new"]
    assert second == records_read_alone(bench, second)
    assert bench.listed() == second
    assert all("SeriesDigest" not in record for record in second)


def test_a_list_tells_what_has_become_stale_since_the_last_one(client: Client) -> None:
    bench = Bench(client, noise(SLICES))
    bench.created(bench.line())
    bench.created(in_series(bench.series, [(0, 0, 0)], "hu"))
    assert [record["Stale"] for record in bench.listed()] == [False, False]
    client.remove(bench.instance(3))
    listed = bench.listed()
    assert [record["Stale"] for record in listed] == [False, True]
    assert listed == records_read_alone(bench, listed)


def test_a_list_tells_the_present_number_of_a_volume(client: Client) -> None:
    """Volumes stand in the order of their echo times: an earlier one moves the one that was measured."""
    second = noise(SLICES, EchoTime="9.2")
    ids = {name: second[0][name].value for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    bench = Bench(client, second)
    assert bench.created(in_series(bench.series, [(0, 0, 0)], "hu"))["Volume"] == 0
    assert [record["Volume"] for record in bench.listed()] == [0]
    client.store(noise(SLICES, seed=1, EchoTime="4.6", **ids))
    listed = bench.listed()
    assert [(record["Volume"], record["Stale"]) for record in listed] == [(1, False)]
    assert listed == records_read_alone(bench, listed)
