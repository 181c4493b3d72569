"""The read side: figures over responses. It decides nothing and writes nothing. Owns: figure."""
