"""A Python function as an emulator: arrays in, an array out."""

import os
import sys
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from conformance.claims import Claim
from conformance.emulators.calls import Call
from conformance.emulators.held import ENTER, NATIVE, Arrays, native_type
from conformance.outside.claims import Error
from refmath.errors import RefmathError, quote

LIBRARIES = tuple(ENTER)
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
