"""The parts of `bank`, one a module."""
