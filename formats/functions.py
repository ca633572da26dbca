"""Every operation as a function on numbers, by any of its names: ``from formats.functions import fma, exp``.

Each rounds once, in the current arithmetic context: ``fma(x, y, z)`` is ``current().apply("fma", x, y, z)``.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from formats.context import Answer, current, operation_named
from formats.operations import OPERATIONS, AnyOperation


def __getattr__(name: str) -> Callable[..., Any]:
    return _function(operation_named(name))


def __dir__() -> list[str]:
    return sorted(OPERATIONS)


@cache
def _function(op: AnyOperation) -> Callable[..., Answer]:
    def function(*operands: object) -> Answer:
        return current().apply(op, *operands)

    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = f"{op.about[0].upper()}{op.about[1:]}: {op.clause}."
    return function
