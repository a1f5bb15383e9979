"""IMAP: an account at a mail server as a `Remote`, over the standard library's imaplib.

    provider     what a mount is told; loads the rest at the first need
    remote       ImapRemote: the account, put together from the modules below
    folders      the server's list of mailboxes as collections
    listing      what has changed in a mailbox since a cursor
    fetching     whole messages
    pushing      marks, moves, appends, deletions
    arranging    mailboxes made, renamed, dropped
    waiting      IDLE, and polling where there is none
    sending      what leaves by SMTP, and its copy in the folder of sent mail
    pool         connections that are shared by calls, cut ones being replaced
    session      one connection, logged in, and the mailbox that it has open
    login        how a connection is made and proves who it is
    wire         imaplib over a transport with bounds and deadlines
    responses    what the server's answers say
    mutf7, uids, hrefs, flags, cursor    values

Everything below `remote` blocks; `pool` takes it off the event loop.
"""
