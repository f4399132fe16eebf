"""PDF: words with boxes, reading order, paragraphs and tables."""

from motet.knowledge.extract.pdf.document import extract_pdf

__all__ = ["extract_pdf"]
