"""Starting helper processes that do not run the program that starts them."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def importable_main() -> Iterator[None]:
    """A spawned process must not run the program that started it again: it needs none of its ``__main__``."""
    main = sys.modules["__main__"]
    saved = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    main.__file__, main.__spec__ = None, None
    try:
        yield
    finally:
        main.__file__, main.__spec__ = saved
