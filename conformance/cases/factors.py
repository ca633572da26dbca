"""What numbers are made of: the lowest bit of a binary fraction, the prime factors of an integer."""

from functools import lru_cache

import gmpy2
from gmpy2 import mpq, mpz


def low_bit(t: mpq) -> int | None:
    """The exponent of the lowest set bit of a binary fraction; None for any other number."""
    d = int(t.denominator)
    if d & (d - 1):
        return None
    n = int(t.numerator)
    return (n & -n).bit_length() - d.bit_length()


STEPS, BATCH = 1 << 12, 64
"""Steps of a walk, and how many of them are looked at together."""


@lru_cache(maxsize=4096)
def factors(n: int) -> tuple[int, ...]:
    """Prime factors of n > 0, each as often as it divides: found by trial up to 2^12 and by Pollard's rho, which gives up after 2^14 steps."""
    found: list[int] = []
    for d in _small_primes():
        while n % d == 0:
            found.append(d)
            n //= d
    pending = [n] if n > 1 else []
    while pending:
        m = pending.pop()
        divisor = None if gmpy2.is_prime(m) else _rho(m)
        if divisor is None:
            found.append(m)
        else:
            pending += [divisor, m // divisor]
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _small_primes() -> tuple[int, ...]:
    return tuple(d for d in range(2, 1 << 12) if gmpy2.is_prime(d))


def _rho(n: int) -> int | None:
    """A divisor of a composite n."""
    for c in range(1, 5):
        slow = fast = mpz(2)
        for _ in range(0, STEPS, BATCH):
            divisor, slow, fast = _steps(n, c, slow, fast)
            if divisor > 1:
                break
        if 1 < divisor < n:
            return int(divisor)
    return None


def _steps(n: int, c: int, slow: mpz, fast: mpz) -> tuple[mpz, mpz, mpz]:
    """A batch of steps: the first divisor above 1 that they meet, n itself where the walk has closed, else 1; and where they end."""
    start, product = (slow, fast), mpz(1)
    for _ in range(BATCH):
        slow, fast = _step(n, c, slow, fast)
        product = product * (slow - fast) % n
    if gmpy2.gcd(product, n) == 1:
        return mpz(1), slow, fast
    slow, fast = start
    for _ in range(BATCH):
        slow, fast = _step(n, c, slow, fast)
        divisor = gmpy2.gcd(slow - fast, n)
        if divisor > 1:
            return divisor, slow, fast
    raise AssertionError("a product of numbers coprime to n is coprime to n")


def _step(n: int, c: int, slow: mpz, fast: mpz) -> tuple[mpz, mpz]:
    """One step of the slow walk and two of the fast one."""
    slow = (slow * slow + c) % n
    fast = (fast * fast + c) % n
    return slow, (fast * fast + c) % n
