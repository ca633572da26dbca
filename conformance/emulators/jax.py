"""jax: conversions by ``Array.astype``, eager and under ``jax.jit``, on the CPU or a GPU."""

from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

from conformance.claims import Claim, Codes
from conformance.conversions import conversion_projection
from conformance.emulators.dtypes import FLOATS, INTEGERS, ML_FLOATS, ML_INTEGERS, to_array, to_codes
from formats.notation import parse

NAMES_ONLY = ("e3m2", "e2m3", "int1", "uint1")
"""Types that jax has by name and that XLA cannot compute with: every use of them raises."""


class Jax:
    """``Array.astype``."""

    name = "jax"
    views: tuple[str, ...] = ()
    compiles = True

    def __init__(self, device: str) -> None:
        jax.config.update("jax_enable_x64", True)
        self.device = jax.devices("gpu" if device == "cuda" else device)[0]
        self.place = device
        names = FLOATS | INTEGERS | ML_FLOATS | ML_INTEGERS
        self.types = {name: _dtype(kind) for name, kind in names.items() if hasattr(jnp, kind) and name not in NAMES_ONLY}

    def describe(self) -> str:
        where = "cpu" if self.place == "cpu" else self.device.device_kind
        return f"jax {jax.__version__}, {where}"

    def claims(self) -> list[Claim]:
        found = []
        for variant in ("eager", "compiled"):
            for source in self.types:
                for target in self.types:
                    s, t = parse(source), parse(target)
                    call = f"Array.astype({self.types[target].name})" + (" under jax.jit" if variant == "compiled" else "")
                    found.append(Claim("jax", "convert", (s,), t, conversion_projection(s, t), call, variant, self.place))
        return found

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        source, target = claim.operands[0], claim.result
        wanted = self.types[target.name]
        operands = [jax.device_put(to_array(np.array(codes, order="C"), source, self.types[source.name]), self.device) for (codes,) in calls]
        if claim.variant == "compiled":
            results: Any = jax.jit(lambda xs: [x.astype(wanted) for x in xs])(operands)
        else:
            results = [x.astype(wanted) for x in operands]
        return [to_codes(np.asarray(result), target) for result in results]


def _dtype(kind: str) -> np.dtype[Any]:
    return np.dtype(getattr(ml_dtypes, kind)) if hasattr(ml_dtypes, kind) else np.dtype(kind)


def adapter(device: str) -> Jax:
    """The adapter for a device: ``cpu`` or ``cuda``."""
    return Jax(device)
