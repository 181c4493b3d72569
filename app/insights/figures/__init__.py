"""Figures by touchpoint, partner, department and period, from rollups of responses. Owns: metric, basis, row, rollup."""
