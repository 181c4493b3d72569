"""Example organisations: a tenant beside one's own, filled with invented customers, to look around in. Owns: example.

Sample data never mixes with real rows, so that every figure of a tenant's own pages can be trusted. An example is a
tenant like any other (`is_sample`); nothing of it leaves the house, it counts for no plan, and it goes with one press.
What is told in it comes from the demo shop (app/demo/shop/example.py).
"""
