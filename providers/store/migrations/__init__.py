"""The way from every released schema to the present one, a revision each, run by Alembic.

Revision `0002` leads to `PRAGMA user_version` 2. A revision is never changed once it was released.
"""
