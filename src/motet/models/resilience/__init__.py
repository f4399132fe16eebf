"""Reaching models that may fail: health, retries, hedging and fallback."""
