"""How people come in: an organisation signs up, and its people are invited. Owns: sign-up, team invite."""
