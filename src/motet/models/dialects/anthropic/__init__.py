"""Anthropic messages (https://docs.anthropic.com/en/api/messages), as client and as server."""

from motet.models.dialects.anthropic.messages import DIALECT

__all__ = ["DIALECT"]
