"""Connecting a mailbox at Gmail: at first, only to read."""

from spatio.login.google import GMAIL
from spatio.login.googleway import GoogleWay

WAY = GoogleWay(GMAIL, "read")
