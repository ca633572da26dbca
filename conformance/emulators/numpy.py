"""NumPy: conversions by ``astype`` among its own floats and integers, ``longdouble`` included where it is the x87 format."""

from collections.abc import Iterable

import numpy as np

from conformance.claims import Claim, Codes
from conformance.emulators import sums
from conformance.emulators.dtypes import FLOATS, INTEGERS, to_array, to_codes
from conformance.emulators.operations import ARITIES, BOOLEAN, NUMPY, find, operation_claims
from conformance.layouts import STRIDED
from conformance.walks import conversion_projection
from formats.family import Format
from formats.floats import Float
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
        self.sums = sums.numpy("cpu").functions

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
        floats = [fmt for name in self.computed() if isinstance(fmt := parse(name), Float)]
        return found + operation_claims(self.name, NUMPY, floats, self.works, prefix="np.") + list(self.sums)

    def computed(self) -> Iterable[str]:
        """The formats on which this package brings its own arithmetic."""
        return self.types

    def works(self, name: str, fmt: Format) -> bool:
        """Whether a universal function takes a type and keeps to it."""
        one = np.ones(1, dtype=self.types[fmt.name])
        function = find(np, NUMPY[name])
        try:
            with np.errstate(all="ignore"):
                out = function(*(one,) * ARITIES.get(name, 1)) if function else None
        except TypeError:
            return False
        return out is not None and out.dtype == (np.dtype(bool) if name in BOOLEAN else one.dtype)

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        with np.errstate(all="ignore"):
            if claim in self.sums:
                return [self.sums[claim](operands) for operands in calls]
            return [
                self._call(claim, [to_array(codes, fmt, self.types[fmt.name]) for codes, fmt in zip(operands, claim.operands, strict=True)])
                for operands in calls
            ]

    def _call(self, claim: Claim, operands: list[Codes]) -> Codes:
        if claim.operation == "convert":
            return to_codes(operands[0].astype(self.types[claim.result.name]), claim.result)
        function = find(np, NUMPY[claim.operation])
        assert function is not None
        out = np.asarray(function(*operands))
        return out.view(np.uint8) if claim.operation in BOOLEAN else to_codes(out, claim.result)


def adapter(device: str) -> NumPy:
    """The adapter; NumPy has the CPU only."""
    return NumPy()
