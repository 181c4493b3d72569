"""The read side: figures over responses. It decides nothing and writes only rollups. Owns: figure, rollup."""
