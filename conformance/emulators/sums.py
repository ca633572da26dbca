"""The functions of NumPy, torch and jax that sum: what ``refmath order`` probes and ``refmath check`` has among its claims.

A library is imported when its functions are asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from conformance.accumulation import Summation, black_box
from conformance.claims import Claim, Codes
from formats.arrays import dtype as code_dtype
from formats.family import Format
from formats.notation import parse, text
from refmath.errors import RefmathError, quote


@dataclass(frozen=True)
class Library:
    """A library that is there: its description, and its functions."""

    description: str
    functions: tuple[Summation, ...]


Call = Callable[..., Any]

ROWS = 16
"""Rows and columns of the matrix products by which a GPU is probed: one tile of its matrix unit."""


Reduce = Callable[[tuple[Codes, ...]], Codes]
"""A function as arrays of codes, of one axis, to the code of the result, an array without axes."""


@dataclass(frozen=True)
class Reductions:
    """What sums in a library: its description, and each function by its claim."""

    description: str
    functions: dict[Claim, Reduce]

    def library(self) -> Library:
        """The functions as black boxes."""
        found = [Summation(claim, black_box(claim, function)) for claim, function in self.functions.items()]
        return Library(self.description, tuple(found))


def _reductions(
    library: str, device: str, calls: tuple[tuple[str, str, Call], ...], kinds: dict[str, Any], to_array: Call, to_words: Call
) -> dict[Claim, Reduce]:
    """Each function on each type, as a function of codes. ``to_array``: codes and a type to an array of the library; ``to_words``: a result to an array of codes."""

    def bound(function: Call, f: Format, kind: Any) -> Reduce:
        words = code_dtype(f)

        def run(operands: tuple[Codes, ...]) -> Codes:
            found: Codes = to_words(function(*(to_array(codes, kind) for codes in operands)), words).reshape(-1)[0:1].reshape(())
            return found

        return run

    found = {}
    for name, kind in kinds.items():
        f = parse(name)
        for call, operation, function in calls:
            operands = (f,) if operation == "sum" else (f, f)
            found[Claim(library, operation, operands, f, f.default, call, "eager", device)] = bound(function, f, kind)
    return found


def numpy(device: str) -> Reductions:
    """NumPy, on the CPU."""
    calls: tuple[tuple[str, str, Call], ...] = (
        ("numpy.sum", "sum", np.sum),
        ("numpy.add.reduce", "sum", np.add.reduce),
        ("numpy.dot", "dot", np.dot),
        ("numpy.matmul", "dot", lambda x, y: np.matmul(x[None, :], y[:, None])),
    )
    kinds = {"binary32": np.float32, "binary64": np.float64, "binary16": np.float16}
    found = _reductions("numpy", "cpu", calls, kinds, lambda codes, kind: codes.view(kind), lambda result, words: np.asarray(result).view(words))
    return Reductions(f"numpy {np.__version__}, cpu", found)


def torch(device: str) -> Reductions:
    """torch, on the CPU or a GPU, where ``matmul`` is asked for one tile of the matrix unit."""
    import torch as library

    if device != "cpu" and not library.cuda.is_available():
        raise RefmathError(f"torch {library.__version__} finds no {device} device here; leave --device out to probe the CPU.")
    integers = {1: library.int8, 2: library.int16, 4: library.int32, 8: library.int64}

    def tile(x: Any, y: Any) -> Any:
        return library.matmul(x.repeat(ROWS, 1), y.repeat(ROWS, 1).T)[0, 0]

    matmul: Call = (lambda x, y: library.matmul(x[None, :], y[:, None])) if device == "cpu" else tile
    calls: tuple[tuple[str, str, Call], ...] = (("torch.sum", "sum", library.sum), ("torch.dot", "dot", library.dot), ("torch.matmul", "dot", matmul))
    kinds = {"binary32": library.float32, "binary64": library.float64, "binary16": library.float16, "bfloat16": library.bfloat16}

    def to_tensor(codes: Any, kind: Any) -> Any:
        return library.from_numpy(codes.view(np.dtype(f"i{codes.itemsize}"))).to(device).view(kind)

    def to_words(result: Any, words: Any) -> Any:
        return result.reshape(-1)[:1].view(integers[words.itemsize]).cpu().numpy().view(words)

    where = "cpu" if device == "cpu" else library.cuda.get_device_name()
    return Reductions(f"torch {library.__version__.split('+')[0]}, {where}", _reductions("torch", device, calls, kinds, to_tensor, to_words))


def jax(device: str) -> Reductions:
    """jax under jit, on the CPU or a GPU."""
    import jax as library
    import jax.numpy as jnp
    import ml_dtypes

    library.config.update("jax_enable_x64", True)
    place = library.devices("gpu" if device == "cuda" else device)[0]
    calls: tuple[tuple[str, str, Call], ...] = (
        ("jax.numpy.sum", "sum", library.jit(jnp.sum)),
        ("jax.numpy.dot", "dot", library.jit(jnp.dot)),
        ("jax.numpy.matmul", "dot", library.jit(lambda x, y: jnp.matmul(x[None, :], y[:, None]))),
    )
    kinds = {"binary32": np.float32, "binary64": np.float64, "binary16": np.float16, "bfloat16": ml_dtypes.bfloat16}

    def to_array(codes: Any, kind: Any) -> Any:
        return library.device_put(np.array(codes, order="C").view(kind), place)

    found = _reductions("jax", device, calls, kinds, to_array, lambda result, words: np.asarray(result).view(words))
    return Reductions(f"jax {library.__version__}, {'cpu' if device == 'cpu' else place.device_kind}", found)


LIBRARIES: dict[str, Callable[[str], Reductions]] = {"numpy": numpy, "torch": torch, "jax": jax}


def library(name: str, device: str) -> Library:
    """The functions of a library on a device: a known one, or ``module:function`` where the function takes the device and returns a ``Library``."""
    if ":" in name:
        module, _, function = name.partition(":")
        own: Library = getattr(import_module(module), function)(device)
        return own
    if name not in LIBRARIES:
        raise RefmathError(f"{quote(name)} has no sums that are known here; use {', '.join(LIBRARIES)}, or module:function for a library of your own.")
    return LIBRARIES[name](device).library()


def chosen(found: Library, names: Sequence[str], of: Sequence[Format]) -> list[Summation]:
    """The functions of these names on these formats, all where none is named. ``RefmathError`` where that leaves nothing."""
    calls = list(dict.fromkeys(function.claim.call for function in found.functions))
    for name in names:
        if not any(_is_called(call, name) for call in calls):
            raise RefmathError(f"{quote(name)} is no function that is probed; use {' or '.join(calls)}.")
    picked = [
        function
        for function in found.functions
        if (not names or any(_is_called(function.claim.call, name) for name in names)) and (not of or function.of in of)
    ]
    if not picked:
        formats = dict.fromkeys(text(function.of) for function in found.functions)
        raise RefmathError(f"{found.description} is not probed on {' or '.join(text(f) for f in of)}; use {' or '.join(formats)}.")
    return picked


def _is_called(call: str, name: str) -> bool:
    """Whether a name, in full or its last parts, names a function."""
    return call == name or call.endswith(f".{name}")
