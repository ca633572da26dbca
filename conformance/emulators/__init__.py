"""One adapter a file. Nothing here is imported until it is asked for."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

from conformance.claims import Adapter
from refmath.errors import RefmathError, quote

KNOWN = {
    "torch": ("conformance.emulators.torch", "torch"),
    "jax": ("conformance.emulators.jax", "jax"),
    "ml_dtypes": ("conformance.emulators.ml_dtypes", "ml_dtypes"),
    "numpy": ("conformance.emulators.numpy", "numpy"),
    "gfloat": ("conformance.emulators.gfloat", "gfloat"),
    "apytypes": ("conformance.emulators.apytypes", "apytypes"),
    "bitsandbytes": ("conformance.emulators.bitsandbytes", "bitsandbytes"),
    "fxpmath": ("conformance.emulators.fxpmath", "fxpmath"),
    "brevitas": ("conformance.emulators.brevitas", "brevitas"),
    "softposit": ("conformance.emulators.softposit", "softposit"),
    "pychop": ("conformance.emulators.pychop", "pychop"),
    "qtorch": ("conformance.emulators.qtorch", "qtorch"),
    "qtorch-plus": ("conformance.emulators.qtorch_plus", "qtorch_plus"),
    "custom-float-quant": ("conformance.emulators.custom_float_quant", "custom_float_quant"),
    "breccia": ("conformance.emulators.breccia", "breccia"),
    "fpy2": ("conformance.emulators.fpy2", "fpy2"),
    "titanfp": ("conformance.emulators.titanfp", "titanfp"),
    "onnx": ("conformance.emulators.onnx", "onnx"),
    "torchao": ("conformance.emulators.torchao", "torchao"),
    "kernels": ("conformance.emulators.kernels", "numba"),
}
"""Emulator: the module of its adapter, and the package that it needs."""
OURS = ("kernels",)
"""Parts of this project, which are checked where they are named only."""


def is_description(name: str) -> bool:
    """Whether the name of an emulator is a file of claims, or a description itself, which has several lines."""
    return name.endswith(".toml") or "\n" in name


def missing(name: str) -> str | None:
    """Why an emulator cannot be checked here, in a sentence; None where it can. ``RefmathError`` for an unknown name."""
    if name not in KNOWN and (":" in name or is_description(name)):
        return None
    if name not in KNOWN:
        others = "module:function for an adapter of your own, or a file of claims that ends with .toml"
        raise RefmathError(f"{quote(name)} is not a known emulator; use one of {', '.join(KNOWN)}, {others}.")
    package = KNOWN[name][1]
    if find_spec(package) is None:
        return f"{name} is not installed: pip install 'refmath[{name}]'."
    return None


def load(name: str, device: str) -> Adapter:
    """The adapter of an emulator: a known one, one that is described (``conformance.outside``), or ``module:function`` where the function
    takes the device and returns an adapter.

    As with ``python -m``, modules in the working folder are found.
    """
    if name not in KNOWN and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    if name not in KNOWN and is_description(name):
        from conformance.outside.description import described

        return described(name)
    module, _, function = (KNOWN[name][0] + ":adapter").partition(":") if name in KNOWN else name.partition(":")
    made: Adapter = getattr(import_module(module), function)(device)
    return made
