"""The shell language: parse, expand, run."""
