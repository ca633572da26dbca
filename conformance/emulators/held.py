"""Codes as the values that libraries hold them in, and back, exactly.

Most emulators round within a wider machine type: a result of E4M3 is a binary32 number that is a value of E4M3, or should be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.cases.landmarks import every_code, landmarks
from conformance.claims import Answer, Codes, NotAResultError, Partly
from conformance.compare import differ, zeros_apart
from conformance.emulators.dtypes import FLOATS, INTEGERS, ML_FLOATS, ML_INTEGERS
from formats.arrays import convert
from formats.arrays import dtype as code_dtype
from formats.family import Format
from formats.notation import parse, text
from formats.projection import AbsentNaN, Negatives, Projection
from refmath.errors import RefmathError
from refmath.overflow import Overflow
from refmath.rounding import Rounding

NATIVE = {kind: name for name, kind in (FLOATS | INTEGERS | ML_FLOATS | ML_INTEGERS).items()}
"""Names of types, of NumPy and of those that ml_dtypes adds to it, to format names."""
EXACTLY = Projection(rounding=Rounding.TOWARD_ZERO, overflow=Overflow.SATURATE_PROPAGATE, absent_nan=AbsentNaN.ZERO, negatives=Negatives.MAGNITUDE)


def native_type(fmt: Format) -> np.dtype[Any]:
    """The type in which NumPy, with ml_dtypes, holds a format. ``RefmathError`` where there is none."""
    for kind, name in NATIVE.items():
        if parse(name) == fmt:
            if kind in ML_FLOATS.values() or kind in ML_INTEGERS.values():
                import ml_dtypes

                kind = getattr(ml_dtypes, kind)
            found: np.dtype[Any] = np.dtype(kind)
            return found
    raise RefmathError(f"NumPy has no type for {text(fmt)}; hold its values in a wider float, or its codes.")


def to_values(codes: Codes, fmt: Format, held: np.dtype[Any]) -> Codes:
    """Codes as an array of ``held``: a view where that is the format's own type, else converted, exactly.

    ``RefmathError`` where the type does not hold every one of the values.
    """
    carrier = parse(NATIVE[held.name])
    if carrier == fmt:
        return codes.view(held)
    wide = convert(codes, fmt, carrier)[0]
    back = convert(wide, carrier, fmt, EXACTLY)[0]
    if _apart(fmt, back, codes) and _apart(fmt, back, convert(codes, fmt, fmt, EXACTLY)[0]):  # codes that no result has, such as -2^n of a symmetric range
        raise RefmathError(f"{held.name} does not hold every value of {text(fmt)}; hold them in a wider type.")
    return wide.view(held)


def _apart(fmt: Format, some: Codes, others: Codes) -> bool:
    """Whether codes differ in more than the signs of zeros."""
    some, others = some.reshape(-1), others.reshape(-1)
    return bool((differ(fmt, some, others) & ~zeros_apart(fmt, some, others)).any())


def holds(held: str, fmt: Format) -> bool:
    """Whether a type holds every value of a format, as far as landmarks of a wide one tell."""
    try:
        to_values(every_code(fmt) if fmt.width <= 16 else landmarks(fmt), fmt, np.dtype(held))
    except RefmathError:
        return False
    return True


def to_codes(values: Any, fmt: Format) -> Answer:
    """The codes of ``fmt`` whose values an array holds, and which of them are no values of it. ``NotAResultError`` for a type that holds no numbers.

    A zero counts as a value whatever its sign, and so does a NaN where the format has any.
    """
    held = np.asarray(values)
    if held.dtype == bool:
        held = held.astype(np.uint8)
    if held.dtype.name not in NATIVE:
        raise NotAResultError(f"returned {held.dtype}, which holds no values of {text(fmt)}.")
    carrier = parse(NATIVE[held.dtype.name])
    raw = held.view(code_dtype(carrier)).reshape(-1)
    if carrier == fmt:
        return np.asarray(raw.reshape(held.shape) & raw.dtype.type(fmt.codes - 1))
    out = convert(raw, carrier, fmt, EXACTLY)[0]
    back = convert(out, fmt, carrier)[0]
    alien = differ(carrier, back, raw) & ~zeros_apart(carrier, back, raw)
    codes = out.reshape(held.shape)
    if not alien.any():
        return codes
    alien = alien.reshape(held.shape)
    return Partly(np.where(alien, codes.dtype.type(0), codes), alien, raw.reshape(held.shape), carrier)


@dataclass(frozen=True)
class Arrays:
    """The arrays that a function takes and gives."""

    library: str = "numpy"
    """``numpy``, ``torch`` or ``jax``."""
    held: str = "values"
    """``codes``: unsigned integers; ``values``: the type of the library for each format; or a type wide enough, such as ``float32``."""

    def enter(self, codes: Codes, fmt: Format) -> Any:
        """The array to pass for the codes of an operand."""
        if self.held == "codes":
            return ENTER[self.library](codes)
        return ENTER[self.library](to_values(codes, fmt, native_type(fmt) if self.held == "values" else np.dtype(self.held)))

    def leave(self, result: Any, fmt: Format) -> Answer:
        """The codes of a result."""
        plain: Codes = LEAVE[self.library](result)
        return _narrowed(plain, fmt) if self.held == "codes" else to_codes(plain, fmt)


def _enter_torch(plain: Codes) -> Any:
    import torch

    if plain.dtype.kind == "V" or plain.dtype.name in set(ML_FLOATS.values()):
        raw: Any = torch.from_numpy(plain.view(f"u{plain.dtype.itemsize}"))
        return raw.view(getattr(torch, plain.dtype.name))
    return torch.from_numpy(plain if plain.flags.writeable else plain.copy())


def _leave_torch(result: Any) -> Codes:
    import torch

    if not isinstance(result, torch.Tensor):
        raise NotAResultError(f"returned {type(result).__name__}, not a torch tensor.")
    plain = result.detach().cpu()
    kind = str(plain.dtype).removeprefix("torch.")
    if kind in ML_FLOATS.values():
        import ml_dtypes

        raw = plain.view(torch.uint8 if plain.element_size() == 1 else torch.int16)
        return np.asarray(raw.numpy()).view(getattr(ml_dtypes, kind))
    return np.asarray(plain.numpy())


def _enter_jax(plain: Codes) -> Any:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    return jnp.asarray(plain)


def _leave_numpy(result: Any) -> Codes:
    if not isinstance(result, np.ndarray | np.generic):
        raise NotAResultError(f"returned {type(result).__name__}, not an array.")
    return np.asarray(result)


VALUES = Arrays()
"""NumPy arrays of the types that NumPy has for the formats."""


def _narrowed(codes: Codes, fmt: Format) -> Codes:
    """Codes in the type that holds those of a format. ``NotAResultError`` for integers that are none."""
    wanted = code_dtype(fmt)
    if codes.dtype == wanted or codes.dtype.kind not in "iu":
        return codes
    ends = (int(codes.min()), int(codes.max())) if codes.size else ()
    if wrong := [end for end in ends if not 0 <= end < fmt.codes]:
        raise NotAResultError(f"returned {wrong[-1]:#x}, which is no code of {text(fmt)} ({fmt.width} bits).")
    return codes.astype(wanted)


def _enter_numpy(plain: Codes) -> Codes:
    return plain


ENTER: dict[str, Callable[[Codes], Any]] = {"numpy": _enter_numpy, "torch": _enter_torch, "jax": _enter_jax}
LEAVE: dict[str, Callable[[Any], Codes]] = {"numpy": _leave_numpy, "torch": _leave_torch, "jax": np.asarray}
