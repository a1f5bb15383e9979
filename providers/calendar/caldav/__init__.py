"""An account at a calendar server: CalDAV (RFC 4791), over WebDAV (RFC 4918) and HTTP.

xml        what servers send, read within bounds and without entities; what is sent
hrefs      addresses and etags in one form, however a server spells them
asking     requests, with the login
discovery  from any address to the account's calendars
listing    what has changed: by sync-collection (RFC 6578), else by ctag and etags
fetching   contents, many at once
pushing    what was changed here
arranging  calendars made, renamed and dropped
scheduling invitations and answers, which leave by a deed alone (RFC 6638)
"""
