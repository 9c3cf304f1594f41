"""The office. Importing it imports nothing else, so that every room may be asked for alone."""

__version__ = "0.1.0"
