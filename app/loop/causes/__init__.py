"""Root causes: why it happened, once somebody has found out.

This room owns the words root cause, level 1, detail, layer, share and verified. A root cause is not a topic:
the topic is what the customer talks about, the cause is the verified reason behind it. The first level is fixed,
so that causes can be compared over time; the second is each tenant's own.
"""
