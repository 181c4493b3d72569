"""What this room asks of whoever knows what the tenant has bought; app/handlers.py says who that is."""

from __future__ import annotations

from app.kernel.contributions import Contribution

check_seat: Contribution[[int], None] = Contribution("whether one more person has a place")
"""Called inside the transaction that adds or invites somebody, with the number of those who are invited already and
whose places are kept; raises Conflict when all places are taken."""

check_paid: Contribution[[str, str], None] = Contribution("whether the tenant may still change things")
"""Called before whatever writes, with the route's kind and name; raises a refusal when bills are long unpaid."""
