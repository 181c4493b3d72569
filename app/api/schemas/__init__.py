"""The schemas of endpoint groups that are too long to stand beside their endpoints."""
