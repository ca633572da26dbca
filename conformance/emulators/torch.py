"""torch: conversions by ``Tensor.to(dtype)``, on the CPU or a GPU; compiled by ``torch.compile`` where the device is ``cpu:compile``."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch

from conformance.claims import Answer, Claim, Codes
from conformance.emulators import sums
from conformance.emulators.calls import Calls
from conformance.emulators.operations import ARITIES, BOOLEAN, TORCH, find, operation_claims
from conformance.emulators.torch_quantizers import quantizers
from conformance.layouts import STRIDED
from conformance.on_device import Expected
from conformance.walks import conversion_projection
from formats.arrays import dtype as code_dtype
from formats.family import Format
from formats.floats import Float
from formats.notation import parse

TYPES = {
    "binary64": "float64",
    "binary32": "float32",
    "binary16": "float16",
    "bfloat16": "bfloat16",
    "ocp_e4m3": "float8_e4m3fn",
    "ocp_e5m2": "float8_e5m2",
    "e4m3fnuz": "float8_e4m3fnuz",
    "e5m2fnuz": "float8_e5m2fnuz",
    "e8m0": "float8_e8m0fnu",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")},
}
"""Format names to the dtypes that torch converts."""


class Torch:
    """``Tensor.to``."""

    name = "torch"
    views = STRIDED

    def __init__(self, device: str) -> None:
        self.device, _, mode = device.partition(":")
        self.function = lru_cache(maxsize=1)(self._function)  # what is compiled is compiled once
        self.distant = self.device != "cpu"
        self.compiled = mode == "compile"
        self.compiles = self.compiled
        self.quantizers = Calls("torch", torch.__version__, quantizers() if device == "cpu" else ())
        self.types = {name: getattr(torch, kind) for name, kind in TYPES.items() if hasattr(torch, kind)}
        if self.device != "cpu" and not torch.cuda.is_available():
            raise RuntimeError(f"torch {torch.__version__} finds no {self.device} device here")
        self.sums = {} if self.compiled else sums.torch(self.device).functions

    def describe(self) -> str:
        where = torch.cuda.get_device_name() if self.device != "cpu" else "cpu"
        return f"torch {torch.__version__.split('+')[0]}, {where}"

    def claims(self) -> list[Claim]:
        variant = "compiled" if self.compiled else "eager"
        found = []
        for source in self.types:
            for target in self.types:
                s, t = parse(source), parse(target)
                found.append(Claim("torch", "convert", (s,), t, conversion_projection(s, t), f"Tensor.to({self.types[target]})", variant, self.device))
        floats = [fmt for name in self.types if isinstance(fmt := parse(name), Float)]
        found += self.quantizers.claims()
        return found + operation_claims("torch", TORCH, floats, self.works, prefix="torch.", variant=variant, device=self.device) + list(self.sums)

    def works(self, name: str, fmt: Format) -> bool:
        """Whether a function takes a dtype and keeps to it."""
        one = torch.ones(1, device=self.device).to(self.types[fmt.name])
        function = find(torch, TORCH[name])
        try:
            out = function(*(one,) * ARITIES.get(name, 1)) if function else None
        except (RuntimeError, NotImplementedError):
            return False
        return out is not None and out.dtype == (torch.bool if name in BOOLEAN else one.dtype)

    def tensor(self, codes: Codes, fmt: Format) -> torch.Tensor:
        """Codes as a tensor of the format's dtype, strides kept."""
        return self.codes(codes).view(self.types[fmt.name])

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> Sequence[Answer]:
        if claim in self.quantizers.calls:
            return self.quantizers.run(claim, calls)
        if claim in self.sums:
            return [self.sums[claim](operands) for operands in calls]
        function = self.function(claim)
        results = []
        for operands in calls:
            out = function(*(self.tensor(codes, fmt) for codes, fmt in zip(operands, claim.operands, strict=True)))
            results.append(_bits(out).cpu().numpy().view(code_dtype(claim.result)))
        return results

    def all_right(self, claim: Claim, first: int, expected: Expected) -> bool:
        """See ``conformance.on_device``."""
        got = _bits(self.function(claim)(*self.numbered(claim.operands, first, expected.count)))
        if expected.canonical is not None:
            got = self.codes(expected.canonical)[got.long() & (claim.result.codes - 1)]
        wanted = self.codes(expected.codes)
        if expected.lengths is not None:
            wanted = torch.repeat_interleave(wanted, torch.from_numpy(expected.lengths).to(self.device), output_size=expected.count)
        return bool(torch.equal(got, wanted))

    def numbered(self, formats: Sequence[Format], first: int, count: int) -> list[torch.Tensor]:
        """What ``conformance.numbering.operands`` gives, on the device."""
        numbers = torch.arange(first, first + count, device=self.device)
        shift, found = 0, []
        for fmt in reversed(formats):
            codes = (numbers >> shift & (fmt.codes - 1)).to(SIGNED[code_dtype(fmt).itemsize])
            found.append(codes.view(self.types[fmt.name]))
            shift += fmt.width
        return found[::-1]

    def codes(self, codes: Codes) -> torch.Tensor:
        """Codes on the device, in the signed integers of their size."""
        return torch.from_numpy(codes.view(np.dtype(f"i{codes.dtype.itemsize}"))).to(self.device)

    def _function(self, claim: Claim) -> Callable[..., torch.Tensor]:
        """What a claim is about."""
        if claim.operation != "convert":
            found = find(torch, TORCH[claim.operation])
            assert found is not None
            return torch.compile(found) if self.compiled else found
        wanted = self.types[claim.result.name]

        def convert(x: torch.Tensor) -> torch.Tensor:
            return x.to(wanted)

        return torch.compile(convert) if self.compiled else convert


SIGNED = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers by their size in bytes: torch computes with few unsigned ones."""


def _bits(found: torch.Tensor) -> torch.Tensor:
    """A result as integers."""
    return found.view(SIGNED[found.element_size()])


def adapter(device: str) -> Torch:
    """The adapter for a device: ``cpu``, ``cuda``, ``cpu:compile`` or ``cuda:compile``."""
    return Torch(device)
