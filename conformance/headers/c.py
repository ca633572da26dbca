"""A format as a C header (C99): parameters, a type for codes, functions for their fields, named codes, flags.

Codes of more than 64 bits are structs of 64-bit words, the least significant first.
"""

from conformance.headers.facts import Facts, facts
from formats.family import Format

WORD = 64


def header(fmt: Format) -> str:
    """The text of the header ``<format>.h``."""
    known = facts(fmt)
    name, upper = known.identifier, known.identifier.upper()
    lines = [f"/* {known.title}. */", f"#ifndef {upper}_H", f"#define {upper}_H", "", "#include <stdint.h>", ""]
    lines += [f"#define {upper}_{one.name} ({one.value}) /* {one.about} */" for one in known.parameters]
    lines += ["", _type(known), ""]
    lines += [f"{_constant(known, f'{upper}_{one.name}', one.code)} /* {one.about} */" for one in known.codes]
    lines += ["", "/* Exception flags, as bits. */", *(f"#define {upper}_FLAG_{one.name} {one.value}" for one in known.flags)]
    lines += _functions(known) if known.width <= WORD else []
    return "\n".join([*lines, "", f"#endif /* {upper}_H: codes of {name} */", ""])


def _type(known: Facts) -> str:
    for bits in (8, 16, 32, 64):
        if known.width <= bits:
            return f"typedef uint{bits}_t {known.identifier}_code_t;"
    return f"typedef struct {{ uint64_t words[{-(-known.width // WORD)}]; }} {known.identifier}_code_t;"


def _constant(known: Facts, name: str, code: int) -> str:
    if known.width <= WORD:
        return f"#define {name} (({known.identifier}_code_t)UINT64_C({code:#x}))"
    words = ", ".join(f"UINT64_C({code >> at & (1 << WORD) - 1:#x})" for at in range(0, known.width, WORD))
    return f"static const {known.identifier}_code_t {name} = {{{{{words}}}}};"


def _functions(known: Facts) -> list[str]:
    """A function for each field, and whether a code is a NaN."""
    kind = f"{known.identifier}_code_t"
    lines, place = [""], sum(field.bits for field in known.fields)
    for field in known.fields:
        place -= field.bits
        body = f"(uint64_t)x >> {place} & UINT64_C({(1 << field.bits) - 1:#x})"
        lines.append(f"static inline uint64_t {known.identifier}_{field.name}({kind} x) {{ return {body}; }}")
    names = {one.name for one in known.codes}
    upper = known.identifier.upper()
    if known.nan_from is not None:
        signed = next(one.value for one in known.parameters if one.name == "HAS_SIGN")
        magnitude = f"((uint64_t)x & UINT64_C({(1 << (known.width - signed)) - 1:#x}))"
        lines.append(f"static inline int {known.identifier}_is_nan({kind} x) {{ return {magnitude} >= UINT64_C({known.nan_from:#x}); }}")
    elif special := names & {"NAN", "NAR"}:
        lines.append(f"static inline int {known.identifier}_is_nan({kind} x) {{ return x == {upper}_{special.pop()}; }}")
    return lines
