"""The closed loop: what happens after a customer has told us something that must not be left unanswered.

The sub-room `cases` owns the words case, case owner, first contact, resolution, closure and reopening; `sla`
owns business calendar, clock, pause and due; `causes` owns root cause, its two levels and its layer; `absences` owns
absence and deputy. `cases` stands on the others, which know nothing of it and nothing of each other.
"""
