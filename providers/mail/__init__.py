"""Mail: reading, showing and writing messages; below it one folder for each kind of mailbox.

`headers` < `encodedwords`, `charsets` (bytes to text) · `addresses`, `dates`, `facts` (what a header block
says, quickly) · `parts` (the tree of a message) < `body` (what of it is shown) < `text`, `html`,
`calendar` (how) · `message` and `attachments` are what others use of all that. `draft` and `compose`
write messages. Nothing here waits, and nothing here raises for what a stranger has sent.
"""
