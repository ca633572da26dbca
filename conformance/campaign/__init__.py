"""Campaigns: work that takes hours, cut into shards, kept in a ledger that no kill can spoil. ``spec/ledger.md`` is the essay."""
