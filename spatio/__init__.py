"""Spatio: one terminal for a person's digital life."""

VERSION = "0.1.0"
