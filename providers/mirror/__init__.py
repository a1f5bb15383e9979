"""A remote collection of items as a mount: a local replica that is read at once, and kept in step."""
