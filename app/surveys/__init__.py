"""Surveys: what is asked, who is asked, and what they answer.

Three sub-rooms, each standing on the one before: `design` (what a survey is), `outreach` (whom and when) and
`answering` (taking the answers). The room owns the words survey, survey version, question, interaction,
outreach rule, invitation, response, answer and score.
"""
