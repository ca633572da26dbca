"""The version of an installed package."""

from importlib import metadata


def version(package: str) -> str:
    """As its metadata have it, without what stands behind a plus sign."""
    return metadata.version(package).split("+")[0]
