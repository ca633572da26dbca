"""A function for processes of their own: they import it by its name, so that it has to stand in a module on the path."""


def refused(n: int) -> int:
    """-n, and an error for 3."""
    if n == 3:
        raise ValueError("three")
    return -n
