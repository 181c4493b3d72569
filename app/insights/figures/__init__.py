"""Figures by touchpoint, partner, department and period, from rollups. Owns: metric, basis, row, rollup, cell, fact."""
