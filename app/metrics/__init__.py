"""Pure arithmetic of experience figures: scores, intervals, tests of change, and how a figure is written.

The words of this room are group, counts, score, interval, figure and change. It knows no database, no
framework and no clock: what is counted, and over which period, is decided by the rooms that call it. Points
run from -100 to +100, shares from 0 to 1, percentages from 0 to 100; nothing is rounded before `display`.
"""
