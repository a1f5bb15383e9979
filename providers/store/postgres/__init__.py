"""The store on PostgreSQL, through asyncpg.

address   where a database is, and how it may be told without its password
bridge    plain functions of a connection, over statements that wait
session   one connection of the pool: the transaction's frame, statements, what a proxy allows
pool      the connections and the thread with the event loop that they live on
store     PostgresStore: transactions that are tried again, or their outcome found out
listen    notices of other sessions' changes
roles     what Spatio's things are called on a server
fitting   what a server and its tables have to be
schema    the tables, whose rows are seen, the log's triggers: as SQL
prepare   making them, or finding out what is there
migrate   bringing older ones to the present
errors    what the server reports, as the errors of the tree
"""
