"""The command line: one module per noun, loaded when its command is called."""

from motet.cli.main import main

__all__ = ["main"]
