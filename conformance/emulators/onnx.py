"""onnx: the operator ``Cast`` by its reference implementation, with every choice of ``saturate`` and ``round_mode`` that its schema documents."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import Any

import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.walks import conversion_projection
from formats.family import Format
from formats.notation import parse
from formats.projection import AbsentZero, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding

TYPES = {
    "binary64": "DOUBLE",
    "binary32": "FLOAT",
    "binary16": "FLOAT16",
    "bfloat16": "BFLOAT16",
    "ocp_e4m3": "FLOAT8E4M3FN",
    "ocp_e5m2": "FLOAT8E5M2",
    "e4m3fnuz": "FLOAT8E4M3FNUZ",
    "e5m2fnuz": "FLOAT8E5M2FNUZ",
    "e8m0": "FLOAT8E8M0",
    "e2m1": "FLOAT4E2M1",
    **{f"{sign}int{bits}": f"{sign}int{bits}".upper() for bits in (2, 4, 8, 16, 32, 64) for sign in ("", "u")},
}
"""Format names to the types of tensors."""
SATURATING = ("ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "e5m2fnuz", "e8m0")
"""The types to which ``saturate`` applies."""
MODES = {"up": Rounding.AWAY_FROM_ZERO, "down": Rounding.TOWARD_ZERO, "nearest": Rounding.NEAREST_AWAY}
"""What ``round_mode`` says, which is for E8M0."""


def types() -> dict[str, int]:
    """Format names to the numbers of the types that this version has."""
    return {name: getattr(TensorProto, kind) for name, kind in TYPES.items() if hasattr(TensorProto, kind)}


@cache
def evaluator(source: int, target: int, attributes: tuple[tuple[str, Any], ...]) -> ReferenceEvaluator:
    """A model of one Cast."""
    node = helper.make_node("Cast", ["x"], ["y"], to=target, **dict(attributes))
    ends = (helper.make_tensor_value_info("x", source, None), helper.make_tensor_value_info("y", target, None))
    opset = helper.make_opsetid("", onnx.defs.onnx_opset_version())
    return ReferenceEvaluator(helper.make_model(helper.make_graph([node], "cast", [ends[0]], [ends[1]]), opset_imports=[opset]))


def options(source: Format, target: Format) -> Iterator[tuple[dict[str, Any], Projection]]:
    """The attributes that apply to a target, and what they are documented to ask for."""
    usual = conversion_projection(source, target)
    if target.name not in SATURATING:
        yield {}, usual
        return
    for saturate in (1, 0):
        how = replace(usual, overflow=Overflow.SATURATE_FINITE if saturate else Overflow.TO_NAN if target.name == "e8m0" else Overflow.IEEE)
        if target.name != "e8m0":
            yield {"saturate": saturate}, how
            continue
        for mode, rounding in MODES.items():
            zero = AbsentZero.LEAST if saturate else AbsentZero.NAN
            yield {"saturate": saturate, "round_mode": mode}, replace(how, rounding=rounding, absent_zero=zero)


def calls() -> Iterator[Call]:
    known = types()
    for source, here in known.items():
        for target, there in known.items():
            s, t = parse(source), parse(target)
            for attributes, how in options(s, t):
                words = "".join(f", {name}={value!r}" for name, value in attributes.items())
                unsigned = target == "e8m0" and getattr(s, "signed", True)
                claim = Claim(
                    "onnx",
                    "convert",
                    (s,),
                    t,
                    how,
                    f"Cast(x, to={TYPES[target]}{words})",
                    words.removeprefix(", ") or "eager",
                    refuses=("negative",) if unsigned else (),
                )
                yield Call(claim, run(here, there, tuple(attributes.items())))


def run(source: int, target: int, attributes: tuple[tuple[str, Any], ...]) -> Callable[[Codes], Any]:
    """The call of one Cast."""

    def cast(x: Codes) -> Any:
        return evaluator(source, target, attributes).run(None, {"x": x})[0]

    return cast


def adapter(device: str) -> Calls:
    """The adapter; the reference implementation runs on the CPU."""
    return Calls("onnx", version("onnx"), calls())
