"""The guide of the demo tenant: a strip on the first page that leads a newcomer once round the loop.

Four steps, each ticked by what stands in the tables: answer a survey as a customer, see the case arrive, close it, look
at the partner's card. Everybody walks for themselves, and may put the guide away.
"""
