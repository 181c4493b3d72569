"""The public JSON API v1: a file per endpoint group, schemas beside it, its own authentication and its own error
shape."""
