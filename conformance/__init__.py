"""Checking others: claims, cases, emulators, verdicts and the reasons for them."""
