"""How hard the tests try: the environment variable REFMATH_EFFORT multiplies the number of random cases (default 1)."""

import os

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("REFMATH_EFFORT", "1"))


def examples(n: int) -> settings:
    """Hypothesis tries n examples, times the effort; it never complains about a busy machine."""
    return settings(max_examples=n * EFFORT, deadline=None, suppress_health_check=[HealthCheck.too_slow])
