"""The HTTP door: the OpenAI API at /v1, the page at /."""
