"""The pages of this room: the customer's (`customer`, `open_link`) and the staff's (`desk`)."""
