"""The demo tenant: Ostrel, a shop that does not exist, with a year behind it and a few cases open today.

It owns no words of its own: everything is made through the verbs of the rooms below, as of the days on which it
happened (`kernel.clock.as_of`). `service` begins the tenant and has `telling` fill it; `setting`, `surveys`, `people`
say who and what is there; `year` and `casework` decide what happened, the same each time, only the dates move; `today`
holds the open cases.
"""
