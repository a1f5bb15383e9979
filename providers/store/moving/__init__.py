"""Taking a workspace elsewhere: into one file and back, and from one store to another.

tables     what is carried: tables, columns, keys; rows read and written on any engine
rowtext    a row as a line of JSON
blocks     a file of named blocks that every tool can read (tar), each byte of it checked
backup     a store into such a file, while it is in use
archive    such a file, checked from its first byte to its last, and its parts
restore    such a file into an empty store
indexing   the search index of rows that were put all at once
differing  what two stores do not have in common
migrate    one store made the same as another, and proven to be
proof      a store's contents, objects and log against their hashes
aside      a database file made beside its place, and put there when it is whole
"""
