"""NumPy: conversions by ``astype`` among its own floats and integers, ``longdouble`` included where it is the x87 format."""

import numpy as np

from conformance.claims import Claim, Codes
from conformance.conversions import conversion_projection
from conformance.emulators.dtypes import FLOATS, INTEGERS, to_array, to_codes
from conformance.layouts import STRIDED
from formats.notation import parse


def own_types() -> dict[str, np.dtype[np.generic]]:
    """Format names to NumPy's own types."""
    types: dict[str, np.dtype[np.generic]] = {name: np.dtype(kind) for name, kind in (FLOATS | INTEGERS).items()}
    if np.finfo(np.longdouble).nmant == 63:
        types["x87_extended"] = np.dtype(np.longdouble)
    return types


class NumPy:
    """``ndarray.astype`` on the types of NumPy, and of packages that add types to it."""

    name = "numpy"
    views = (*STRIDED, "reversed")
    compiles = False

    def __init__(self) -> None:
        self.types = own_types()

    def describe(self) -> str:
        return f"numpy {np.__version__}, cpu"

    def pairs(self) -> list[tuple[str, str]]:
        """Every source and target that NumPy converts."""
        return [(source, target) for source, here in self.types.items() for target, there in self.types.items() if np.can_cast(here, there, "unsafe")]

    def claims(self) -> list[Claim]:
        found = []
        for source, target in self.pairs():
            s, t = parse(source), parse(target)
            found.append(Claim(self.name, "convert", (s,), t, conversion_projection(s, t), f"ndarray.astype({self.types[target].name})"))
        return found

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        source, target = claim.operands[0], claim.result
        with np.errstate(all="ignore"):
            return [to_codes(to_array(codes, source, self.types[source.name]).astype(self.types[target.name]), target) for (codes,) in calls]


def adapter(device: str) -> NumPy:
    """The adapter; NumPy has the CPU only."""
    return NumPy()
