"""The one way to an address that somebody typed in: checked as text when it is saved, and as text and by every address
that its name has whenever something goes there. `client.send` is the way out, `addresses.check_url` the check."""
