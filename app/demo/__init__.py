"""Real data to try Heed with: the Olist import."""
