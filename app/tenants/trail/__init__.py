"""What becomes of audit rows once they are written: sealed into a chain that shows any tampering, found again by who,
what and when, and taken out as a file. Owns: seal, head, trail."""
