"""Growing a region from a voxel through those that may belong to it: a compiled flood, the GIL released.

The flood sees no values, only the state of each voxel, and goes from run to run: a run is an unbroken row of
candidates. Memory beside the states is a queue of fixed length: where the front of the flood outgrows it, runs wait
in the state of their voxels and are found again by a look through all.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import compiled
from reslice.imaging.volume import Volume

States = NDArray[np.uint8]
Indices = NDArray[np.int64]
Voxel = tuple[int, int, int]
"""(slice, row, column) indices."""

FREE, CANDIDATE, MEMBER, NO_DATA = 0, 1, 2, 3
"""States of a voxel: not to be taken, may be reached, has been reached, holds no data within the shape."""

WAITING, MET = 4, 5
"""Reached but not yet looked around from; no data, and met by the region."""

LONGEST_QUEUE = 1 << 19
"""Runs in the queue: 8 MB. The front of a flood through 512 x 512 x 600 noisy voxels seldom holds as many."""

HEAD, HELD, WAITS, MET_COUNT, CROSSED, TALLIES = 0, 1, 2, 3, 4, 5
"""What the kernels count: the queue's first place and length, runs that wait, voxels met, whether a gap was crossed."""


def neighbouring_slices(volume: Volume, slices: range) -> tuple[Indices, NDArray[np.bool_]]:
    """For each slice the one below and the one above that holds data, -1 without, and whether nothing lies between.

    Shapes (slices, 2) each; indices count from the first of `slices`.
    """
    held = [k for k in slices if volume.present[k]]
    following = np.full((len(slices), 2), -1, dtype=np.int64)
    is_joined = np.zeros((len(slices), 2), dtype=np.bool_)
    for near, far in pairwise(held):
        joined = far == near + 1 and near not in volume.geometry.missing
        following[near - slices.start, 1], is_joined[near - slices.start, 1] = far - slices.start, joined
        following[far - slices.start, 0], is_joined[far - slices.start, 0] = near - slices.start, joined
    return following, is_joined


def flood(
    states: States, neighbours: tuple[Indices, NDArray[np.bool_]], seed: Voxel, connectivity: int
) -> tuple[int, bool]:
    """Turn the candidates that are connected to a candidate seed into members, in place.

    `connectivity` 6 joins voxels by faces, 18 by edges too, 26 by corners too. Returns how many voxels without data
    the region met, and whether it would go on beyond a gap in which slices are missing.
    """
    tally = np.zeros(TALLIES, dtype=np.int64)
    queue = np.zeros((min(states.size, LONGEST_QUEUE), 2), dtype=np.int64)
    spread(states, *neighbours, seed, {6: 1, 18: 2, 26: 3}[connectivity], queue, tally)
    return int(tally[MET_COUNT]), bool(tally[CROSSED])


@compiled
def spread(
    states: States,
    following: Indices,
    is_joined: NDArray[np.bool_],
    seed: Voxel,
    most_steps: int,
    queue: Indices,
    tally: Indices,
) -> None:
    """Breadth first from the seed's run; then from runs that found no place in the queue, until none is left."""
    _, rows, columns = states.shape
    _take(states, seed[0], seed[1], seed[2], queue, tally)
    while tally[HELD] > 0:
        start, length = queue[tally[HEAD]]
        tally[HEAD] = (tally[HEAD] + 1) % len(queue)
        tally[HELD] -= 1
        place = start // (rows * columns), start // columns % rows, start % columns
        _look_around(states, following, is_joined, place, length, most_steps, queue, tally)
        if tally[HELD] == 0 and tally[WAITS] > 0:
            _fetch(states, queue, tally)


@compiled
def _look_around(
    states: States,
    following: Indices,
    is_joined: NDArray[np.bool_],
    place: Voxel,
    length: int,
    most_steps: int,
    queue: Indices,
    tally: Indices,
) -> None:
    """Look along the rows beside a run: how far beyond its ends, depends on how far off the row is."""
    k, i, j = place
    for dk in range(-1, 2):
        kk = k if dk == 0 else following[k, (dk + 1) // 2]
        joined = dk == 0 or is_joined[k, (dk + 1) // 2]
        for di in range(-1, 2):
            aside = most_steps - abs(dk) - abs(di)
            if kk < 0 or i + di < 0 or i + di >= states.shape[1] or aside < 0:
                continue
            first = max(j - min(aside, 1), 0)
            last = min(j + length + min(aside, 1), states.shape[2])
            if joined:
                _look_along(states, kk, i + di, first, last, queue, tally)
            elif _has_candidate(states, kk, i + di, first, last):
                tally[CROSSED] = 1


@compiled
def _look_along(states: States, k: int, i: int, first: int, last: int, queue: Indices, tally: Indices) -> None:
    """Take the runs that a part of a row touches, and count its voxels without data, each once."""
    j = first
    while j < last:
        if states[k, i, j] == CANDIDATE:
            j = _take(states, k, i, j, queue, tally)
            continue
        if states[k, i, j] == NO_DATA:
            states[k, i, j] = MET
            tally[MET_COUNT] += 1
        j += 1


@compiled
def _has_candidate(states: States, k: int, i: int, first: int, last: int) -> bool:
    for j in range(first, last):
        if states[k, i, j] == CANDIDATE:
            return True
    return False


@compiled
def _take(states: States, k: int, i: int, j: int, queue: Indices, tally: Indices) -> int:
    """Make the run of candidates around one of them members, queued or waiting. Returns where it ends."""
    first, last = j, j + 1
    while first > 0 and states[k, i, first - 1] == CANDIDATE:
        first -= 1
    while last < states.shape[2] and states[k, i, last] == CANDIDATE:
        last += 1
    is_full = tally[HELD] == len(queue)
    states[k, i, first:last] = WAITING if is_full else MEMBER
    if is_full:
        tally[WAITS] += 1
    else:
        place = (tally[HEAD] + tally[HELD]) % len(queue)
        queue[place, 0] = (k * states.shape[1] + i) * states.shape[2] + first
        queue[place, 1] = last - first
        tally[HELD] += 1
    return last


@compiled
def _fetch(states: States, queue: Indices, tally: Indices) -> None:
    """Fill the queue with runs that wait."""
    for k in range(states.shape[0]):
        for i in range(states.shape[1]):
            for j in range(states.shape[2]):
                if states[k, i, j] != WAITING:
                    continue
                if tally[HELD] == len(queue) or tally[WAITS] == 0:
                    return
                last = j
                while last < states.shape[2] and states[k, i, last] == WAITING:
                    last += 1
                states[k, i, j:last] = CANDIDATE
                tally[WAITS] -= 1
                _take(states, k, i, j, queue, tally)
