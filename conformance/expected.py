"""What the reference gives on the operands of a plan, computed once: several emulators, and several runs, meet the same plan.

Results are kept on disk, filed under a digest of the operation, the operands and every source file of the reference: see ``formats.cache``.
"""

import hashlib

import numpy as np

from conformance.claims import Codes
from conformance.problem import Operands
from formats import cache
from formats.arrays import dtype, operate, operate_codes
from formats.family import Format
from formats.projection import Projection

WORTH_KEEPING = 2000
"""Results fewer than these are not kept on disk."""
SPOT_CHECKS = 100
"""Cases that are computed by the scalar reference too."""


def results(name: str, formats: tuple[Format, ...], target: Format, how: Projection, operands: Operands, engine: str | None = None) -> Codes:
    """The result codes of an operation on arrays of operand codes, by an engine, or by the fastest that is exact."""
    digest = _digest(name, formats, target, how, operands, engine)
    found = _recent.get(digest)
    if found is None:
        found = _load(digest, dtype(target), len(operands[0]))
        if found is None:
            found = compute(name, formats, target, how, operands, engine)
            if len(found) >= WORTH_KEEPING and not found.dtype.hasobject:
                cache.store("results", digest, np.ascontiguousarray(found).tobytes())
        if len(_recent) > 64:
            _recent.clear()
        _recent[digest] = found
    return found


_recent: dict[bytes, Codes] = {}


def compute(name: str, formats: tuple[Format, ...], target: Format, how: Projection, operands: Operands, engine: str | None = None) -> Codes:
    """The same, computed; some of what another engine gives is computed again by the scalar reference, and a difference is our own error."""
    if engine is not None:
        return operate(name, formats, operands, target, how, engine=engine)[0].astype(dtype(target), copy=False)
    found = operate_codes(name, formats, operands, target, how)
    some = slice(None, None, max(1, len(found) // SPOT_CHECKS))
    again = operate(name, formats, tuple(codes[some] for codes in operands), target, how, engine="reference")[0]
    assert np.array_equal(found[some], again), f"the engines disagree on {name} of {', '.join(f.name for f in formats)} into {target.name}"
    return found.astype(dtype(target), copy=False)


def _digest(name: str, formats: tuple[Format, ...], target: Format, how: Projection, operands: Operands, engine: str | None) -> bytes:
    digest = hashlib.sha256()
    for codes in operands:
        digest.update(repr(codes.tolist()).encode() if codes.dtype.hasobject else np.ascontiguousarray(codes).tobytes())
    return cache.key_of(name, formats, target, how, engine, digest.digest())


def _load(digest: bytes, kind: np.dtype[np.generic], count: int) -> Codes | None:
    raw = None if kind.hasobject else cache.load("results", digest)
    return np.frombuffer(raw, dtype=kind).copy() if raw is not None and len(raw) == count * kind.itemsize else None
