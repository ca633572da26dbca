"""ml_dtypes: conversions by ``astype`` from and to each type that it adds to NumPy."""

from collections.abc import Iterable

import ml_dtypes
import numpy as np

from conformance.emulators.dtypes import ML_FLOATS, ML_INTEGERS
from conformance.emulators.numpy import NumPy, own_types


class MLDtypes(NumPy):
    """The types of ml_dtypes, among themselves and with those of NumPy."""

    name = "ml_dtypes"

    def __init__(self) -> None:
        self.added = {name: np.dtype(getattr(ml_dtypes, kind)) for name, kind in (ML_FLOATS | ML_INTEGERS).items() if hasattr(ml_dtypes, kind)}
        self.types = own_types() | self.added
        self.sums = {}

    def describe(self) -> str:
        return f"ml_dtypes {ml_dtypes.__version__}, cpu"

    def computed(self) -> Iterable[str]:
        return self.added

    def pairs(self) -> list[tuple[str, str]]:
        return [(source, target) for source, target in super().pairs() if source in self.added or target in self.added]


def adapter(device: str) -> MLDtypes:
    """The adapter; ml_dtypes has the CPU only."""
    return MLDtypes()
