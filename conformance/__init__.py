"""Checking others: claims, cases, emulators, verdicts and the reasons for them."""

__all__ = ["budget", "checker", "claims", "verdict"]
