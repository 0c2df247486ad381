"""Compiling happens before the first request, not during it."""

import threading

from reslice.imaging.warm_up import WarmUp
from unit.imaging import first_cuts
from unit.interpreter import run_module


def test_warm_up_tells_when_it_is_done() -> None:
    warm_up = WarmUp()
    assert not warm_up.is_done
    warm_up.run()
    assert warm_up.is_done


def test_warm_up_runs_beside_requests() -> None:
    """Cuts made meanwhile, on other threads, disturb nothing."""
    warm_ups = [WarmUp() for _ in range(3)]
    threads = [threading.Thread(target=work) for work in (*(w.run for w in warm_ups), first_cuts.cut_everything)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(warm_up.is_done for warm_up in warm_ups)


def test_nothing_is_left_to_compile() -> None:
    """Each plane of each kind of volume, in a process that has done nothing but warm up."""
    assert run_module("unit.imaging.first_cuts") == ""
