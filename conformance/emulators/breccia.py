"""breccia: ``cast`` by recipes of one scale a tensor, on NumPy, torch and jax. Recipes of scales by block are claims about blocks.

The scale is the greatest magnitude of the tensor over that of the format. A last element that has the format's greatest value makes it 1, so that every
other is converted as it is; what is greater cannot be.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import breccia
import numpy as np

from conformance.claims import Claim, Codes
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import ENTER, LEAVE, Arrays
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection

FORMATS = {"E4M3": "ocp_e4m3", "E5M2": "ocp_e5m2"}
RECIPES = {"Float8CurrentScaling": breccia.Float8CurrentScaling, "DelayedScaling": breccia.DelayedScaling}
SOURCE = parse("binary32")


def calls() -> Iterator[Call]:
    for library in ENTER:
        for recipe, make in RECIPES.items():
            for name, ours in FORMATS.items():
                fmt = parse(ours)
                words = f"cast(x, {recipe}(fp8_format='{name}'))"
                claim = Claim(
                    "breccia", "convert", (SOURCE,), fmt, Projection(), words, f"{library}, {recipe}", refuses=("nan", "infinity", "beyond"), silent=("ties",)
                )
                yield Call(claim, cast(library, make(fp8_format=name), fmt), Arrays("numpy", "float32"), Arrays("numpy", "codes"))


def cast(library: str, recipe: Any, fmt: Format) -> Callable[[Codes], Any]:
    """The codes of all elements but the last, which sets the scale."""
    greatest = float(fmt.exact(fmt.greatest()))  # type: ignore[arg-type]

    def run(x: Codes) -> Any:
        tensor = ENTER[library](np.append(x.reshape(-1), np.float32(greatest)))
        scaled = breccia.cast(tensor, recipe)
        assert float(scaled.scale) == 1
        return LEAVE[library](scaled.data).view(np.uint8)[:-1].reshape(x.shape)

    return run


def adapter(device: str) -> Calls:
    """The adapter; on the CPU."""
    return Calls("breccia", version("breccia"), calls())
