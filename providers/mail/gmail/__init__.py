"""Gmail: an account over Google's own interface, as a `Remote`.

provider     what a mount is told; loads the rest at the first need
account      the remote that it describes, and its login
remote       GmailRemote: the account, put together from the modules below
changes      listing a label, and what has happened since
pushing      marks, moves, new mails, drafts, deletions
sending      what leaves, by a draft that tells whether it has left
labels       labels as folders, and as the state of a message
scopes       what the person has allowed
api          the requests, and what they cost
wire         what the answers hold
"""
