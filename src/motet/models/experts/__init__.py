"""Experts: small models on the base encoder, each good at one thing and sure of its limits."""
