"""What can be done with cases, each verb in one transaction, in the order of a case's life.

`opening` · `working` (owner, contact, notes, causes, severity) · `waiting` · `resolving` · `closing` · `reopening` ·
`following_up` · `hearing` and `promising` (the customer's own page) · `asking`, `contributing` and `writing` (the
partner's part); `clocks` and `telling` are what they share.
"""

from app.loop.cases.service.asking import ask_partner, withdraw_question
from app.loop.cases.service.clocks import record_breach
from app.loop.cases.service.closing import NotClosable, WrapUp, close_case, wrap_up
from app.loop.cases.service.contributing import add_fact, answer_question, hear_partner
from app.loop.cases.service.following_up import hear_follow_up, plan_follow_up
from app.loop.cases.service.handing_over import hand_over_cases, hand_over_unseen_cases
from app.loop.cases.service.hearing import hear_customer
from app.loop.cases.service.opening import limits, open_case_for_response, open_case_when_settled
from app.loop.cases.service.promising import promise_after_answer
from app.loop.cases.service.reopening import reopen_case
from app.loop.cases.service.resolving import resolve_case, why_unsent
from app.loop.cases.service.waiting import end_long_wait, resume_work, set_waiting
from app.loop.cases.service.working import (
    add_note,
    assign_case,
    change_severity,
    record_first_contact,
    set_root_causes,
)
from app.loop.cases.service.writing import write_partner

__all__ = [
    "NotClosable",
    "WrapUp",
    "add_fact",
    "add_note",
    "answer_question",
    "ask_partner",
    "assign_case",
    "change_severity",
    "close_case",
    "end_long_wait",
    "hand_over_cases",
    "hand_over_unseen_cases",
    "hear_customer",
    "hear_follow_up",
    "hear_partner",
    "limits",
    "open_case_for_response",
    "open_case_when_settled",
    "plan_follow_up",
    "promise_after_answer",
    "record_breach",
    "record_first_contact",
    "reopen_case",
    "resolve_case",
    "resume_work",
    "set_root_causes",
    "set_waiting",
    "why_unsent",
    "withdraw_question",
    "wrap_up",
    "write_partner",
]
