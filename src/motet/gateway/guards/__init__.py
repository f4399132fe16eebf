"""Guards: what must not go in or out is found, noted, replaced or stopped."""
