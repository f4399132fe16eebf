"""Which records are the same thing: blocking, scored pairs with reasons, clusters, verdicts."""
