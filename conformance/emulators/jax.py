"""jax: conversions by ``Array.astype``, eager and under ``jax.jit``, on the CPU or a GPU."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

from conformance.claims import Claim, Codes
from conformance.emulators import sums
from conformance.emulators.dtypes import FLOATS, INTEGERS, ML_FLOATS, ML_INTEGERS, to_array, to_codes
from conformance.emulators.operations import ARITIES, BOOLEAN, JAX, find, operation_claims
from conformance.on_device import Expected
from conformance.walks import conversion_projection
from formats.family import Format
from formats.floats import Float
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
        if device == "cuda":  # several processes share its memory, of which the first would take three quarters
            os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        self.device = jax.devices("gpu" if device == "cuda" else device)[0]
        self.ready = lru_cache(maxsize=1)(self._ready)  # what is compiled is compiled once
        self.place, self.distant = device, device != "cpu"
        self.compiled_for: Claim | None = None
        names = FLOATS | INTEGERS | ML_FLOATS | ML_INTEGERS
        self.sums = sums.jax(device).functions
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
        floats = [fmt for name in self.types if isinstance(fmt := parse(name), Float)]
        for variant in ("eager", "compiled"):
            suffix = " under jax.jit" if variant == "compiled" else ""
            found += operation_claims("jax", JAX, floats, self.works, prefix="jax.", suffix=suffix, variant=variant, device=self.place)
        return found + list(self.sums)

    def works(self, name: str, fmt: Format) -> bool:
        """Whether a function takes a dtype and keeps to it, as far as tracing tells."""
        one = jax.ShapeDtypeStruct((1,), self.types[fmt.name])
        function = find(jax, JAX[name])
        try:
            out = jax.eval_shape(function, *(one,) * ARITIES.get(name, 1)) if function else None
        except (TypeError, ValueError, NotImplementedError):
            return False
        return out is not None and out.dtype == (np.dtype(bool) if name in BOOLEAN else one.dtype)

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> list[Codes]:
        if claim != self.compiled_for:
            jax.clear_caches()  # what was compiled for another claim is not used again, and thousands of claims fill the memory
            self.compiled_for = claim
        if claim in self.sums:
            return [self.sums[claim](operands) for operands in calls]
        function = self.function(claim)
        placed = [[self.array(codes, fmt) for codes, fmt in zip(operands, claim.operands, strict=True)] for operands in calls]
        if claim.variant == "compiled":
            results: Any = jax.jit(lambda rows: [function(*row) for row in rows])(placed)
        else:
            results = [function(*row) for row in placed]
        if claim.operation in BOOLEAN:
            return [np.asarray(result).view(np.uint8) for result in results]
        return [to_codes(np.asarray(result), claim.result) for result in results]

    def all_right(self, claim: Claim, first: int, expected: Expected) -> bool:
        """See ``conformance.on_device``."""
        if any(fmt.width < 8 for fmt in (*claim.operands, claim.result)) and claim.operation not in BOOLEAN:
            return False  # types within a byte cannot be looked at as bits
        with jax.default_device(self.device):
            got = self.ready(claim)(*self.numbered(claim.operands, first, expected.count))
            return bool(_equal(got, *_padded(expected)))

    def _ready(self, claim: Claim) -> Callable[..., Any]:
        function = self.function(claim)
        return jax.jit(function) if claim.variant == "compiled" else function

    def numbered(self, formats: Sequence[Format], first: int, count: int) -> list[jax.Array]:
        """What ``conformance.numbering.operands`` gives, on the device."""
        return list(_numbered(jnp.uint64(first), count, tuple((fmt.width, self.types[fmt.name]) for fmt in formats)))

    def array(self, codes: Codes, fmt: Format) -> jax.Array:
        """Codes as an array on the device; jax knows contiguous arrays only."""
        return jax.device_put(to_array(np.array(codes, order="C"), fmt, self.types[fmt.name]), self.device)

    def function(self, claim: Claim) -> Callable[..., Any]:
        """What a claim is about."""
        if claim.operation != "convert":
            found = find(jax, JAX[claim.operation])
            assert found is not None
            return found
        wanted = self.types[claim.result.name]
        return lambda x: x.astype(wanted)


@partial(jax.jit, static_argnums=(1, 2))
def _numbered(first: jax.Array, count: int, kinds: tuple[tuple[int, np.dtype[Any]], ...]) -> list[jax.Array]:
    """Operands of these widths and types."""
    numbers, found = jnp.arange(count, dtype=jnp.uint64) + first, []
    for width, kind in reversed(kinds):
        found.append(jax.lax.bitcast_convert_type(numbers.astype(f"uint{width}"), kind))
        numbers >>= width
    return found[::-1]


def _padded(expected: Expected) -> tuple[Codes, Codes, Codes]:
    """Codes, lengths and the codes that stand for codes, in arrays of few different lengths: for each length is compiled."""
    codes, lengths, canonical = expected.codes, expected.lengths, expected.canonical
    empty = np.zeros(0, np.int64)
    if lengths is not None:
        more = (0, (1 << max(12, len(codes).bit_length())) - len(codes))
        codes, lengths = np.pad(codes, more), np.pad(lengths, more)
    return codes, empty if lengths is None else lengths, empty if canonical is None else canonical


@partial(jax.jit)
def _equal(got: jax.Array, codes: jax.Array, lengths: jax.Array, canonical: jax.Array) -> jax.Array:
    """Whether results have the codes expected."""
    got = got.astype(codes.dtype) if got.dtype == jnp.bool_ else jax.lax.bitcast_convert_type(got, codes.dtype)
    if canonical.size:
        got = canonical[got]
    wanted = jnp.repeat(codes, lengths, total_repeat_length=got.size) if lengths.size else codes
    return jnp.array_equal(got, wanted)


def _dtype(kind: str) -> np.dtype[Any]:
    return np.dtype(getattr(ml_dtypes, kind)) if hasattr(ml_dtypes, kind) else np.dtype(kind)


def adapter(device: str) -> Jax:
    """The adapter for a device: ``cpu`` or ``cuda``."""
    return Jax(device)
