"""Dialects of chat APIs, each read and written on both sides."""
