"""Measured values: a name, a number, and its unit as people and as UCUM write it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reslice.measurement.statistics import Statistics

UCUM = {"HU": "[hnsf'U]", "g/ml": "g/ml{SUVbw}", "px": "1", "px2": "1"}
"""Codes that differ from what people write; every other unit is its own code."""
CUBIC_MILLIMETRES_IN_A_MILLILITRE = 1000.0


@dataclass(frozen=True)
class Value:
    """One number of a measurement."""

    name: str
    value: float
    unit: str

    def to_json(self) -> dict[str, Any]:
        """As records hold it."""
        return {"Name": self.name, "Value": self.value, "Unit": self.unit, "Code": UCUM.get(self.unit, self.unit)}


def volume_values(cubic_millimetres: float) -> list[Value]:
    """The volume in mm3, and in cm3 beside it."""
    litres = cubic_millimetres / CUBIC_MILLIMETRES_IN_A_MILLILITRE
    return [Value("Volume", cubic_millimetres, "mm3"), Value("Volume", litres, "cm3")]


def statistics_values(statistics: Statistics, unit: str) -> list[Value]:
    """The statistics of a region in the unit of its pixels, with the number of samples."""
    s = statistics
    named = {
        "Mean": s.mean,
        "StandardDeviation": s.standard_deviation,
        "Minimum": s.minimum,
        "Maximum": s.maximum,
        "Median": s.median,
        "Percentile5": s.percentile5,
        "Percentile95": s.percentile95,
    }
    return [*(Value(name, value, unit) for name, value in named.items()), Value("Count", s.count, "1")]


SUV_OF = {"Value": "SUVbwValue", "Mean": "SUVbwMean", "Maximum": "SUVbwMaximum"}
"""The values of which the standardised uptake is told beside them."""


def with_uptake(values: Iterable[Value], factor: float | None) -> list[Value]:
    """The same, and SUVbw in g/ml beside them where the factor to it is known."""
    found = list(values)
    if factor is None:
        return found
    return [*found, *(Value(SUV_OF[v.name], v.value * factor, "g/ml") for v in found if v.name in SUV_OF)]


def as_json(values: Iterable[Value]) -> list[dict[str, Any]]:
    """The list `Values` of a record."""
    return [value.to_json() for value in values]
