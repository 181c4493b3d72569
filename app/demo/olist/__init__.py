"""The Olist import: real marketplace orders become partners, touchpoints, interactions, responses and cases."""
