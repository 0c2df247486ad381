"""Branching trees of vessels, grown to points inside an organ."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from demo.canvas import Array, Canvas, Distance

STEP = 5.0  # mm between the nodes of a branch
MURRAY = 2.7  # the radius of a branch grows with its number of ends to the power 1 / MURRAY


@dataclass(frozen=True)
class Tree:
    """Nodes in LPS mm; each knows its parent (the root is its own) and how many ends lie beyond it."""

    nodes: Array
    parents: np.ndarray
    ends: np.ndarray

    def segments(self, tip: float, thickest: float) -> Iterator[tuple[Array, Array, float, float]]:
        """Give start, end and their radii of every piece, `tip` mm at the ends and never above `thickest`."""
        radii = np.minimum(tip * self.ends ** (1 / MURRAY), thickest).astype(np.float32)
        for node in range(1, len(self.nodes)):
            parent = self.parents[node]
            first = min(radii[parent], radii[node] * 1.35)
            yield self.nodes[parent], self.nodes[node], float(first), float(radii[node])

    def paint(self, canvas: Canvas, tip: float, thickest: float, hu: "float | Distance") -> None:
        """Paint the tree, `tip` mm in radius at its ends and never above `thickest`."""
        for start, end, first, last in self.segments(tip, thickest):
            canvas.segment(start, end, first, last, hu)


def grow(root: ArrayLike, targets: Array, seed: int) -> Tree:
    """Grow a tree from `root` to every target, near ones first, each from the best node that stands."""
    random = np.random.default_rng(seed)
    root = np.asarray(root, np.float32)
    capacity = 2 + int(np.linalg.norm(targets - root, axis=1).sum() / STEP) + 2 * len(targets)
    nodes = np.empty((capacity, 3), np.float32)
    parents, ends, length = np.zeros(capacity, int), np.zeros(capacity, int), np.zeros(capacity, np.float32)
    nodes[0], count = root, 1
    for target in targets[np.argsort(np.linalg.norm(targets - root, axis=1))]:
        gaps = np.linalg.norm(nodes[:count] - target, axis=1)
        # A way that is short from the root keeps branches running outwards instead of doubling back.
        best = int(np.argmin(gaps + 0.35 * length[:count]))
        pieces = max(1, round(float(gaps[best]) / STEP))
        sway = random.normal(0, 0.05 * gaps[best], 3)
        for piece in range(1, pieces + 1):
            t = piece / pieces
            nodes[count] = nodes[best] + t * (target - nodes[best]) + np.sin(np.pi * t) * sway
            parents[count] = best if piece == 1 else count - 1
            length[count] = length[parents[count]] + gaps[best] / pieces
            count += 1
        ends[count - 1] = 1
    for node in range(count - 1, 0, -1):
        ends[parents[node]] += ends[node]
    return Tree(nodes[:count], parents[:count], np.maximum(ends[:count], 1))


def points_within(
    inside: Callable[[Array, Array, Array], np.ndarray],
    low: ArrayLike,
    high: ArrayLike,
    count: int,
    seed: int,
) -> Array:
    """Scatter `count` points of the box that are `inside`."""
    random = np.random.default_rng(seed)
    found = np.empty((0, 3), np.float32)
    while len(found) < count:
        points = random.uniform(low, high, (count * 2, 3)).astype(np.float32)
        found = np.vstack([found, points[inside(*points.T)]])
    return found[:count]
