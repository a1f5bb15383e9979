"""Google Calendar: an account over Google's own interface, as a `Remote`.

provider     what a mount is told; loads the rest at the first need
account      the remote that it describes, and its login
remote       GoogleCalendarRemote: the account, put together from the modules below
calendars    the account's calendars, as collections
changes      listing a calendar, and what has happened since
series       an event with all that differs from it, as one item
icalendar    what Google says of an event, as iCalendar
resource     what an event's file says, as Google takes it
moments      times, in both directions
extras       lines that Google has no place for, kept with the event
pushing      new, changed, moved and removed events
writing      one series made what a file says
scheduling   invitations and answers
api          the requests
wire         what the answers hold
"""
