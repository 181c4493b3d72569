"""Figures by touchpoint, partner, department and period, computed from responses. Owns: metric, basis, row."""
