"""Taking answers: the customer's page, and what becomes of an answer that came by a link, an open link or the API.

Start with `views/customer.py` (the page), `service` (`submit_response`, the one verb for all ways in) and `rules` (what
a repeated, a late or a suspicious answer means). The room owns the words response, answer and parked.
"""
