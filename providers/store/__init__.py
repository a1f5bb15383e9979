"""The workspace's own database, and what is served and told from it.

schema      the tables of a fresh database, as SQL (`models` declares the same with SQLModel)
database    one open file: versions, locks, damage, transactions
store       Store: a workspace's database and objects, off the event loop
objects     contents too large for a row, in a folder named by their hash
unit        a unit of work: change, event and index entry in one transaction
provider    StoreProvider: a collection of the store as a mount
index       the search index; `search` asks it, `wordindex` says what an engine keeps of it
history     the event log as people use it: history, undo, redo, trash
journal     undo for mounts that keep no history themselves
runs        what agents did, step by step
"""
