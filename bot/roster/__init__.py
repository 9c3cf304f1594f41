"""The roster as a file: read, checked, imported, written."""
