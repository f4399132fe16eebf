"""The one store of documents, chunks, vectors and tables, and the ways into and out of it."""
