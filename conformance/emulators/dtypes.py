"""Codes as the arrays that NumPy holds them in, and back: shared by the adapters of NumPy, ml_dtypes and jax."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from formats.arrays import dtype as code_dtype
from formats.family import Format

Codes = NDArray[Any]

FLOATS = {"binary16": "float16", "binary32": "float32", "binary64": "float64"}
INTEGERS = {f"{sign}int{bits}": f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")}
ML_FLOATS = {
    "bfloat16": "bfloat16",
    "ocp_e4m3": "float8_e4m3fn",
    "ocp_e5m2": "float8_e5m2",
    "e4m3fnuz": "float8_e4m3fnuz",
    "e5m2fnuz": "float8_e5m2fnuz",
    "e4m3b11fnuz": "float8_e4m3b11fnuz",
    "ieee_e3m4": "float8_e3m4",
    "ieee_e4m3": "float8_e4m3",
    "e8m0": "float8_e8m0fnu",
    "e3m2": "float6_e3m2fn",
    "e2m3": "float6_e2m3fn",
    "e2m1": "float4_e2m1fn",
}
ML_INTEGERS = {f"{sign}int{bits}": f"{sign}int{bits}" for bits in (1, 2, 4) for sign in ("", "u")}


def to_array(codes: Codes, fmt: Format, dtype: np.dtype[Any]) -> Codes:
    """Codes reinterpreted as an array of ``dtype``, shape and strides kept."""
    if fmt.width > 64:
        return _long_doubles(codes, dtype)
    return codes.view(dtype)


def to_codes(values: Codes, fmt: Format) -> Codes:
    """The codes of an array; of types narrower than a byte the low bits."""
    if fmt.width > 64:
        size = values.dtype.itemsize
        raw = np.ascontiguousarray(values).tobytes()
        mask = fmt.codes - 1
        whole = [int.from_bytes(raw[at : at + size], "little") & mask for at in range(0, len(raw), size)]
        flat = np.empty(len(whole), dtype=object)
        flat[:] = whole
        return flat.reshape(values.shape)
    codes = np.asarray(values).view(code_dtype(fmt))
    return np.asarray(codes & codes.dtype.type(fmt.codes - 1)) if fmt.width < 8 else codes


def _long_doubles(codes: Codes, dtype: np.dtype[Any]) -> Codes:
    raw = b"".join(int(code).to_bytes(dtype.itemsize, "little") for code in codes.reshape(-1))
    return np.frombuffer(raw, dtype=dtype).reshape(codes.shape)
