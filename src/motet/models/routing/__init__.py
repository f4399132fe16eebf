"""Choosing among models: what a request needs, what is known of each, and why it was chosen."""
