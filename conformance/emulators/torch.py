"""torch: conversions by ``Tensor.to(dtype)``, on the CPU or a GPU; compiled by ``torch.compile`` where the device is ``cpu:compile``."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from conformance.claims import Answer, Claim, Codes
from conformance.emulators import sums
from conformance.emulators.calls import Calls
from conformance.emulators.operations import ARITIES, BOOLEAN, TORCH, find, operation_claims
from conformance.emulators.torch_quantizers import quantizers
from conformance.layouts import STRIDED
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
        signed = codes.view(np.dtype(f"i{codes.dtype.itemsize}"))
        moved: torch.Tensor = torch.from_numpy(signed).to(self.device)
        return moved.view(self.types[fmt.name])

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> Sequence[Answer]:
        if claim in self.quantizers.calls:
            return self.quantizers.run(claim, calls)
        if claim in self.sums:
            return [self.sums[claim](operands) for operands in calls]
        function = self.function(claim)
        if self.compiled:
            function = torch.compile(function)
        results = []
        for operands in calls:
            out = function(*(self.tensor(codes, fmt) for codes, fmt in zip(operands, claim.operands, strict=True)))
            kind = {1: torch.uint8 if out.dtype is torch.bool else torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[out.element_size()]
            results.append(out.view(kind).cpu().numpy().view(code_dtype(claim.result)))
        return results

    def function(self, claim: Claim) -> Callable[..., torch.Tensor]:
        """What a claim is about."""
        if claim.operation != "convert":
            found = find(torch, TORCH[claim.operation])
            assert found is not None
            return found
        wanted = self.types[claim.result.name]
        return lambda x: x.to(wanted)


def adapter(device: str) -> Torch:
    """The adapter for a device: ``cpu``, ``cuda``, ``cpu:compile`` or ``cuda:compile``."""
    return Torch(device)
