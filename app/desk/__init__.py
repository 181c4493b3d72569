"""Staff pages that join rooms: role homes, the customer page, search."""
