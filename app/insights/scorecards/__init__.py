"""A partner's month on one page: what customers said, what was measured, how cases were handled, and a fair comparison.

Everything on it comes from one document of plain values, whoever reads it: the API answers with it, page and PDF put it
into words, and a closed month is kept as it. Owns: scorecard, period, snapshot, network.
"""
