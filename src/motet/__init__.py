"""Declare a compound AI system; serve it as one model."""

__version__ = "0.1.0"
