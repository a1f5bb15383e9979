"""Connecting calendars at Google: to see and change events, unless only seeing them is allowed."""

from spatio.login.google import Service
from spatio.login.googleway import GoogleWay

_SCOPE = "https://www.googleapis.com/auth/calendar."
SERVICE = Service(
    "Google Calendar",
    "run: connect google-calendar",
    "google-calendar",
    {"read": f"{_SCOPE}events.readonly", "modify": f"{_SCOPE}events"},
    (f"{_SCOPE}calendarlist.readonly",),
    "seeing events",
    "providers.calendar.google.account",
)

WAY = GoogleWay(SERVICE, "modify")
