"""Structured data: what tables hold, how they hang together, and the graph a person approves."""
