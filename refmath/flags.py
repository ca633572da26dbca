"""The five exception flags of IEEE 754-2019 clause 7.

The bit values are those of Berkeley TestFloat, so that a flag byte can be written as it stands.
Inner functions carry flags as plain integers; ``Flags`` is their public face.
"""

from enum import IntFlag


class Flags(IntFlag):
    """A set of raised exceptions; ``str`` lists them in words."""

    NONE = 0
    INEXACT = 0x01
    UNDERFLOW = 0x02
    OVERFLOW = 0x04
    DIVIDE_BY_ZERO = 0x08
    INVALID = 0x10

    def __str__(self) -> str:
        names = [flag.name.lower().replace("_", " ") for flag in reversed(list(Flags)) if flag and flag in self and flag.name]
        return ", ".join(names) if names else "none"


INEXACT = 0x01
UNDERFLOW = 0x02
OVERFLOW = 0x04
DIVIDE_BY_ZERO = 0x08
INVALID = 0x10
