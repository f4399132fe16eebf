"""Tools: what models may call. Python functions; their schemas, validation and conversion."""
