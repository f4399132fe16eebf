"""OpenAI's Responses API, as a provider's client and as a server."""

from motet.models.dialects.responses.responses import DIALECT

__all__ = ["DIALECT"]
