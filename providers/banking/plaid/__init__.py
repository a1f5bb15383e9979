"""Plaid: the accounts at a bank over Plaid's interface, as a `Remote`.

provider     what a mount is told; loads the rest at the first need
item         the remote that it describes, and the secrets that it uses
remote       PlaidRemote: the connection to one bank, put together from the modules below
changes      what has happened since a cursor, as files of months and of accounts
months       rows of the service taken into months that people edit, too
accounts     accounts as files, and what they are called
describing   what the files say, as attributes
transfers    money on its way, once, by an authorization that tells whether it has left
keys         who asks: the person's own registration with Plaid
api          the requests
faults       what Plaid's errors mean
wire         what the answers hold
"""
