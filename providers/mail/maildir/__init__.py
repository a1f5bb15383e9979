"""Maildir: a mailbox in folders of this computer, as mbsync, offlineimap or a local server keep it.

    provider     what a mount is told
    remote       MaildirRemote: the mailbox as a `Remote`
    folders      which folders there are, in both layouts, and how they are shown
    files        the files of one folder: names, flags, delivery without a torn message

The layout of a message's name (`UNIQUE:2,FLAGS`) and of delivery (`tmp`, then `new` or `cur`) is that of
https://cr.yp.to/proto/maildir.html; the subfolders `.Sent.2024` are those of Maildir++.
"""
