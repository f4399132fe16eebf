"""Gemini's generateContent (https://ai.google.dev/api/generate-content), both sides."""

from motet.models.dialects.gemini.gemini import DIALECT

__all__ = ["DIALECT"]
