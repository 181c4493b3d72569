"""What the pages of this room look up: the overview, the list of customers, one customer's history, the search."""
