"""The benchmarks: what is promised in seconds and bytes, each beside a yardstick that was measured in the same minute.

`python -m bench` runs all, `python -m bench startup` one. None passes or fails: machines differ, ratios less so.
"""
