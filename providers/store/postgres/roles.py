"""What Spatio's things are called on a server; `schema` says what each role may see."""

from __future__ import annotations

SCHEMA = "spatio"

APP = "spatio_app"
"""Acts for whomever the transaction names."""
PERSON = "spatio_person"
"""Acts for the user who is called like the login."""
