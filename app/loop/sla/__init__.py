"""Clocks: by when something was promised, and how much of the promise is used up.

This room owns the words business calendar, working time, business day, pause, due and late. There are two
kinds of time in it and they are never mixed: wall time, which is what the customer feels and which never
pauses, and working time, which is what a team can be held to. A due time is always computed from what
happened, never counted down.
"""
