"""The errors a user can cause: each is one sentence that names the offence and the remedy."""


class RefmathError(ValueError):
    """Bad input. The message is a full sentence with the offending text and the remedy."""


def quote(text: object, limit: int = 60) -> str:
    """``text`` as it may appear in an error message: quoted, printable and never longer than ``limit``."""
    shown = str(text)
    if len(shown) > limit:
        shown = f"{shown[: limit - 20]}... ({len(shown):,} characters)"
    return repr(shown)
