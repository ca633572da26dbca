"""The floating-point environment of a thread: what code of emulators does to it is noticed, named, and undone.

A library may round upward, flush subnormals or arm traps from a call on, or from its import on (what is linked with ``-ffast-math`` does), for everything else
that runs in the thread. So code of emulators runs within ``theirs``: each call begins in the environment that the import left, which is that of its users, and
after it the environment is again what it was. ``fenv.h`` saves and restores all of it; what has changed is read from the control registers in
the image that it makes.
"""

import ctypes
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

Loaded = TypeVar("Loaded")

SIZE = 512
"""Bytes, more than ``fenv_t`` has anywhere."""
ROUNDING = ("rounding is to nearest", "rounding is downward", "rounding is upward", "rounding is toward zero")


@dataclass(frozen=True)
class Field:
    """Bits of a control register, and what each of their values means."""

    offset: int
    """Of the register in the image, in bytes; it is little-endian."""
    low: int
    """The lowest bit."""
    bits: int
    meanings: tuple[str, ...]
    """By value; of a value beyond them the last holds."""

    def of(self, image: bytes) -> int:
        """The value in an image."""
        return int.from_bytes(image[self.offset : self.offset + 4], "little") >> self.low & ((1 << self.bits) - 1)


def switch(offset: int, bit: int, name: str) -> Field:
    """One bit that is off or on."""
    return Field(offset, bit, 1, (f"{name} is off", f"{name} is on"))


def masks(offset: int, low: int) -> Field:
    """The six masks of exceptions on x86: all set where nothing traps."""
    return Field(offset, low, 6, ("exceptions trap",) * 63 + ("exceptions do not trap",))


MXCSR, FPCR = 28, 0
X86 = (
    switch(MXCSR, 15, "flush to zero"),
    switch(MXCSR, 6, "subnormal operands as zero"),
    Field(MXCSR, 13, 2, ROUNDING),
    masks(MXCSR, 7),
    Field(0, 10, 2, ROUNDING),
    Field(0, 8, 2, ("x87 precision is 24 bits", "x87 precision is reserved", "x87 precision is 53 bits", "x87 precision is 64 bits")),
    masks(0, 0),
)
"""Intel's manual, volume 1, sections 8.1.5 and 10.2.3: the x87 control word stands first in the image of glibc, MXCSR last."""
ARM = (
    switch(FPCR, 24, "flush to zero"),
    switch(FPCR, 19, "flush to zero of binary16"),
    Field(FPCR, 22, 2, (ROUNDING[0], ROUNDING[2], ROUNDING[1], ROUNDING[3])),
    switch(FPCR, 25, "default NaN"),
    switch(FPCR, 26, "alternative half precision"),
    Field(FPCR, 8, 5, ("exceptions do not trap", "exceptions trap")),
)
"""Arm's manual, FPCR, which stands first in the image of glibc."""
FIELDS = {("Linux", "x86_64"): X86, ("Linux", "aarch64"): ARM}.get((platform.system(), platform.machine()), ())

_library = ctypes.CDLL(None) if FIELDS else None


def current() -> bytes:
    """The image of this thread's environment."""
    image = ctypes.create_string_buffer(SIZE)
    if _library is not None:
        _library.fegetenv(image)
    return image.raw


def install(image: bytes) -> None:
    """Make it this thread's environment."""
    if _library is not None:
        _library.fesetenv(ctypes.create_string_buffer(image, SIZE))


def remarks(before: bytes, after: bytes, when: str) -> tuple[str, ...]:
    """What the second image says that the first does not, in a clause; none where nothing has changed."""
    found = [part.meanings[min(part.of(after), len(part.meanings) - 1)] for part in FIELDS if part.of(after) != part.of(before)]
    return (f"changes the floating-point environment: {', '.join(dict.fromkeys(found))} after {when}",) if found else ()


@dataclass
class Watch:
    """What code of an emulator begins in, and what it was seen to do."""

    begins: bytes = field(default_factory=current)
    always: tuple[str, ...] = ()
    """Remarks on its import."""
    seen: dict[str, None] = field(default_factory=dict)

    def remarks(self) -> tuple[str, ...]:
        """On the import, and on the calls since this was asked last."""
        found, self.seen = (*self.always, *self.seen), {}
        return found


_at_hand = Watch()


def turn_to(watch: Watch) -> None:
    """Code that runs within ``theirs`` from now on is that of another emulator."""
    global _at_hand
    _at_hand = watch


@contextmanager
def theirs() -> Iterator[None]:
    """Code of the emulator at hand runs in here."""
    ours, watch = current(), _at_hand
    install(watch.begins)
    try:
        yield
    finally:
        watch.seen |= dict.fromkeys(remarks(watch.begins, current(), "its call"))
        install(ours)


def imported(load: Callable[[], Loaded]) -> tuple[Loaded, Watch]:
    """What loads an emulator gives, and the watch over it: its calls begin in what the import leaves."""
    ours = current()
    try:
        found = load()
        left = current()
    finally:
        install(ours)
    return found, Watch(left, remarks(ours, left, "its import"))
