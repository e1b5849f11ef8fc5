"""The stages that are measured, without the rest of a job's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from translator.engines.geometric_orderer import GeometricOrderer
from translator.evaluation.result import PageResult, total
from translator.pipeline.protocols import Detector, Orderer, Reader


@dataclass(frozen=True, slots=True)
class Eyes:
    detector: Detector
    reader: Reader
    orderer: Orderer = field(default_factory=GeometricOrderer)


def missed(
    results: Iterable[PageResult], *, floors: Mapping[str, float], ceilings: Mapping[str, float]
) -> dict[str, float]:
    """The figures that are under their floor or over their ceiling."""
    value = {figure.key: figure.value for figure in total(tuple(results)).figures()}
    low = {key: value[key] for key, floor in floors.items() if value[key] < floor}
    return low | {key: value[key] for key, ceiling in ceilings.items() if value[key] > ceiling}
