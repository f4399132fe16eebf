"""Models: chat providers, the base encoder, and the experts built on it."""
