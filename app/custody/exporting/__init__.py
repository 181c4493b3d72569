"""The full export: every table of a tenant in open formats, built by a worker from one snapshot, kept for some days."""
