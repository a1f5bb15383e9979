"""POSIX regular expressions, GNU's extensions included, on an engine in linear time."""
