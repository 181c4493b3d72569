"""Who is away, and who stands in for them.

This room owns the words absence, deputy and to stand in. It knows people and days, and nothing of cases: what belongs
to somebody who is away stays theirs, and `rules.answers_for` says who answers for it meanwhile.
"""
