"""Logging in: how a person lets Spatio into an account.

kinds     what can be connected, each by its `Way`; domains (mail, calendar, banking)
planning  which account, under which name, where in the tree
accounts  connecting and disconnecting, whole or not at all
mailbox, gmail   the ways of mail

client    the application as the person registered it with the service: a JSON file, or two variables
browser   the login in a browser on this computer, which comes back to a port of loopback
listener  that port
device    the login on any other device, by a short code (RFC 8628)
google    what is asked of Google, one scope at a time
"""
