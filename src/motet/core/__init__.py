"""What every room shares: errors, ids, clock, JSON, the store's connections, the protocols."""
