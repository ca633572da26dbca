"""A Python function as an emulator: arrays in, an array out; or numbers, one at a time."""

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from conformance.claims import SUMS, Claim, Shapes
from conformance.emulators.calls import Call, each
from conformance.emulators.held import ENTER, NATIVE, Arrays, native_type
from conformance.outside.claims import Error
from refmath.errors import RefmathError, quote

PYTHON = "python"
"""No library of arrays: the function takes Python numbers, one case at a time."""
LIBRARIES = (*ENTER, PYTHON)
MOST = 1 << 16
"""Cases that such a function is tried on: as many as 16 bits have codes."""
KINDS = ("codes", "values", *(kind for kind in NATIVE if kind.startswith(("float16", "float32", "float64"))))
"""What arrays hold: codes, values in the type that the library has for each format, or values in a wider type."""


@dataclass(frozen=True)
class Function:
    """What is called: ``module:function``, the arrays that it takes, keyword arguments that are the same every time."""

    name: str
    arrays: Arrays
    arguments: dict[str, Any]


def function_call(claim: Claim, function: Function, error: Error, imports: bool) -> Call:
    """The call of a function, which is looked up where ``imports`` says so."""
    arrays = function.arrays
    if arrays.library == PYTHON:
        return _number_call(claim, function, error, imports)
    if find_spec(arrays.library) is None:
        raise error(f"library = {quote(arrays.library)} is not installed; install it, or use another.")
    if arrays.held == "values":
        for fmt in (*claim.operands, claim.result):
            try:
                native_type(fmt)
            except RefmathError as reason:
                raise error(str(reason)) from reason
    found = _find(function.name, error) if imports else _named(function.name, error)
    return Call(claim, partial(found, **function.arguments), arrays)


def _number_call(claim: Claim, function: Function, error: Error, imports: bool) -> Call:
    """The call of a function of Python numbers: integers for codes, floats for values."""
    held = function.arrays.held
    if held == "values":
        raise error('library = "python" is about numbers; say arrays = "codes" for integers or "float64" for floats.')
    if claim.operation in SUMS:
        raise error('library = "python" is about single numbers; for sums and dot products take arrays of numpy, torch or jax.')
    found = _find(function.name, error) if imports else _named(function.name, error)
    results = np.uint64 if held == "codes" else np.float64
    return Call(replace(claim, shapes=Shapes.ONE, tries=MOST), each(partial(found, **function.arguments), results), replace(function.arrays, library="numpy"))


def _named(python: str, error: Error) -> Any:
    """Nothing to call, but a name that could be one."""
    module, _, path = python.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), *path.split("."))):
        raise error(f"{quote(python)} names no function; write module:function.")
    return str


def _find(python: str, error: Error) -> Any:
    """The function that ``module:function`` names; modules in the working folder are found, as with ``python -m``."""
    _named(python, error)
    module, _, path = python.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found = import_module(module)
    except ModuleNotFoundError as reason:
        if reason.name and (module == reason.name or module.startswith(f"{reason.name}.")):
            raise error(f"there is no module {quote(module)} in this folder or among the installed ones.") from reason
        raise error(f"the module {quote(module)} needs {quote(reason.name)}, which is not installed.") from reason
    except Exception as reason:
        raise error(f"importing {quote(module)} raised {type(reason).__name__}: {(str(reason).splitlines() or [''])[0][:200]}") from reason
    for part in path.split("."):
        if not hasattr(found, part):
            raise error(f"the module {quote(module)} has no {quote(path)}.")
        found = getattr(found, part)
    if not callable(found):
        raise error(f"{quote(python)} is no function, but a value of type {type(found).__name__}.")
    return found
