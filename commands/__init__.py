"""Commands: one a file, each a value that declares itself."""
